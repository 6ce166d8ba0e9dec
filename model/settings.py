"""Configuration: environment first, then an optional `hud.toml`, then the RFC's defaults.

A wrong value stops the start with its name and what is accepted (`settings_file.load_settings`).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, SecretStr, create_model
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from model.access import Access
from model.addresses import HTTP, StoreSettings
from model.catalogue.source_kind import SourceKind
from model.catalogue.source_kinds import ADDRESSES, KINDS
from model.prometheus import PrometheusOptions
from model.signin import SignInSettings, is_loopback
from model.slo import SLO

SPAN_NAME = r"^[\w][\w.\-/]*$"
"""What may stand in a filter as it is."""
SOURCE_FIELDS = frozenset(ADDRESSES)
"""The settings that name a source. An empty value switches its source off."""
SERVER_SCHEMES = {name: address.form.schemes for name, address in ADDRESSES.items() if address.form.schemes}
"""The settings that list backends' servers, and how their addresses begin."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what is accepted."""


class SourceOptions(Access):
    """How one kind of source is read: seconds, seconds, bytes; and how it is reached."""

    interval_seconds: float = Field(gt=0.1, le=3600)
    timeout_seconds: float = Field(gt=0.05, le=60)
    max_bytes: int = Field(default=32 * 1024 * 1024, gt=1024)


def _cadence(kind: SourceKind) -> SourceOptions:
    """How a kind is read where nobody says anything else."""
    return SourceOptions(
        interval_seconds=kind.interval_seconds, timeout_seconds=kind.timeout_seconds, max_bytes=kind.max_bytes
    )


if TYPE_CHECKING:

    class SourceTable(BaseModel):
        """Cadence per kind of source: the cheap and decisive ones every second, the dear ones less often."""

        def __init__(self, **by_kind: SourceOptions) -> None: ...
        def __getattr__(self, kind: str) -> SourceOptions: ...
        def __setattr__(self, kind: str, options: object) -> None: ...

    class SourceAddresses(BaseSettings):
        """The settings that name sources: each a text, or a list where several may be named."""

        def __getattr__(self, name: str) -> Any: ...

else:  # made of the records, which a type checker cannot follow
    SourceTable = create_model(
        "SourceTable",
        __config__=ConfigDict(extra="forbid"),
        **{kind.name: (SourceOptions, _cadence(kind)) for kind in KINDS},
    )
    SourceAddresses = create_model(
        "SourceAddresses", __base__=BaseSettings, **{name: one.field() for name, one in ADDRESSES.items()}
    )


class Aliases(BaseModel):
    """Names that this Prism uses, mapped to the catalogue's (law 9)."""

    model_config = ConfigDict(extra="forbid")

    metrics: dict[str, str] = {}
    labels: dict[str, str] = {}
    services: dict[str, str] = {}

    def of_service(self, service: str) -> tuple[str, ...]:
        """What a gRPC service may be called here; its own name comes last."""
        return (*(name for name, known in self.services.items() if known == service), service)


class AuthSpans(BaseModel):
    """The span of a token check, and which of its attributes say why it failed, from where and who: the first that
    a span carries.
    """

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=SPAN_NAME)] = "prism.auth.verify"
    reason: list[Annotated[str, Field(pattern=SPAN_NAME)]] = ["reason", "auth.reason", "error.type"]
    source_ip: list[Annotated[str, Field(pattern=SPAN_NAME)]] = ["client.address", "net.peer.ip", "net.sock.peer.addr"]
    user: list[Annotated[str, Field(pattern=SPAN_NAME)]] = ["enduser.id", "user.id", "user.name"]


class ThresholdOverride(BaseModel):
    """A rule's raise and clear values, replaced by the operator."""

    model_config = ConfigDict(extra="forbid")

    raise_at: float
    clear_at: float


class Settings(SourceAddresses, SignInSettings, StoreSettings):
    """Everything that can be set. Environment names are the RFC's; the same lower-case names serve in `hud.toml`."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)
    toml_path: ClassVar[Path | None] = None

    if TYPE_CHECKING:

        def __init__(self, **given: Any) -> None: ...

    signoz_api_key: str = Field(default="", repr=False)
    signoz_api_version: str = Field(default="auto", pattern="^(auto|v3|v5)$")

    port: int = Field(default=8095, ge=1, le=65535, validation_alias=AliasChoices("HUD_PORT", "port"))
    host: str = Field(default="127.0.0.1", validation_alias=AliasChoices("HUD_HOST", "host"))
    allowed_hosts: str = Field(default="", validation_alias=AliasChoices("HUD_ALLOWED_HOSTS", "allowed_hosts"))
    """Further names by which browsers may ask for the dashboard, with commas: those of a proxy in front."""
    allow_anonymous: bool = Field(
        default=False, validation_alias=AliasChoices("HUD_ALLOW_ANONYMOUS", "allow_anonymous")
    )
    """True: whoever reaches `host` may look, even from other machines."""
    frame_ancestors: str = Field(
        default="'none'",
        pattern=r"^[^;,\r\n]*$",
        validation_alias=AliasChoices("HUD_FRAME_ANCESTORS", "frame_ancestors"),
    )
    """Whose pages may hold the dashboard in a frame, as the Content-Security-Policy words it."""
    max_sockets: int = Field(default=1000, ge=1, validation_alias=AliasChoices("HUD_MAX_SOCKETS", "max_sockets"))

    supervise_collector: bool = Field(
        default=True, validation_alias=AliasChoices("HUD_SUPERVISE_COLLECTOR", "supervise_collector")
    )
    """False where something else runs `python -m collectors` beside the web process, as the units in deploy/ do."""

    alertmanager_push_url: Annotated[str, AfterValidator(HTTP.of_one)] = Field(
        default="",
        validation_alias=AliasChoices("HUD_ALERTMANAGER_PUSH_URL", "alertmanager_push_url"),
    )
    """An Alertmanager (API v2) that is sent what fires here, such as `http://alertmanager:9093`; none is by default.
    `[sources.alertmanager]` says how it is reached, as for the one that is read."""

    notify_urls: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("HUD_NOTIFY_URLS", "notify_urls"), repr=False
    )
    """Addresses of Apprise to which incidents are told, with spaces or commas; needs the extra `notify`."""
    notify_severity: Literal["critical", "warning"] = Field(
        default="critical", validation_alias=AliasChoices("HUD_NOTIFY_SEVERITY", "notify_severity")
    )
    """The mildest incidents that are told there."""

    slo_objective_ratio: float = Field(
        default=SLO().objective_ratio,
        gt=0,
        lt=1,
        validation_alias=AliasChoices("HUD_SLO_OBJECTIVE_RATIO", "slo_objective_ratio"),
    )
    """The share of requests that must be fast enough: 0.999 for 99.9 %."""
    slo_threshold_seconds: float = Field(
        default=SLO().threshold_seconds,
        gt=0,
        le=60,
        validation_alias=AliasChoices("HUD_SLO_THRESHOLD_SECONDS", "slo_threshold_seconds"),
    )
    """What is fast enough, in seconds."""

    sources: SourceTable = SourceTable()
    aliases: Aliases = Aliases()
    auth_spans: AuthSpans = AuthSpans()
    prometheus: PrometheusOptions = PrometheusOptions()
    thresholds: dict[str, ThresholdOverride] = Field(default={})

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Without the addresses, which may hold a password."""
        return [
            (name, value)
            for name, value in super().__repr_args__()
            if name not in {*SOURCE_FIELDS, "alertmanager_push_url"}
        ]

    @property
    def slo(self) -> SLO:
        """The latency objective (RFC view 2)."""
        return SLO(objective_ratio=self.slo_objective_ratio, threshold_seconds=self.slo_threshold_seconds)

    def refuse_open_door(self) -> None:
        """Raises SettingsError where others than this machine could look and nobody said that they may, and where what
        is said of sign-in is not whole.
        """
        fault = self.signin_fault()
        if self.allow_anonymous and self.signs_in:
            fault = "HUD_ALLOW_ANONYMOUS: either everybody may look, or whoever signs in; both are set"
        elif self.by_provider and not self.public_url and not is_loopback(self.host):
            fault = "HUD_PUBLIC_URL: missing; the address by which browsers reach the dashboard, for the way back to it"
        if fault:
            raise SettingsError(f"setting {fault}")
        if not (self.allow_anonymous or self.signs_in or is_loopback(self.host)):
            raise SettingsError(
                f"setting HUD_HOST: at {self.host} everybody who reaches this machine could look, and there is no "
                "sign-in. Set one up (HUD_OIDC_ISSUER, HUD_AUTH_PROXY_HEADER; docs/security.md), leave it on 127.0.0.1 "
                "behind a proxy that asks who comes, or say HUD_ALLOW_ANONYMOUS=true"
            )

    @property
    def scraped_urls(self) -> list[str]:
        """The proxies to scrape: none by default where a Prometheus does that already."""
        if self.prometheus_url and "proxy_metrics_url" not in self.model_fields_set:
            return []
        return list(self.proxy_metrics_url)

    @property
    def configured(self) -> bool:
        """False when no source was named at all: then the embedded simulated Prism is read."""
        return bool(SOURCE_FIELDS & self.model_fields_set)

    def names(self, field: str) -> bool:
        """Whether somebody named this source. While False, nobody misses it where it does not answer."""
        return bool({field, ADDRESSES[field].key_setting} & self.model_fields_set)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment wins over the file."""
        if cls.toml_path is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, cls.toml_path)
