"""Configuration: environment first, then an optional `hud.toml`, then the RFC's defaults.

A wrong value stops the start with its name and what is accepted (`load_settings` raises `SettingsError`).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from model.access import Access
from model.prometheus import PrometheusOptions
from model.slo import SLO
from model.targets import HTTP, POSTGRES, REDIS, parse_target

HTTP_URL = re.compile(r"^https?://[^\s/]+(/\S*)?$")
GRPC_URL = re.compile(r"^grpcs?://[^\s/@]+:\d{1,5}/?$")
"""A proxy without metrics."""
SPAN_NAME = r"^[\w][\w.\-/]*$"
"""What may stand in a filter as it is."""
TARGET = re.compile(r"^[^=,\s]([^=,]*[^=,\s])?=(\[[0-9a-fA-F:]+\]|[^\s:,=]+):\d{1,5}(/[^\s,]*)?$")

SERVER_SCHEMES = {
    "redis_urls": REDIS,
    "nats_monitor_urls": HTTP,
    "postgres_urls": POSTGRES,
    "redis_exporter_urls": HTTP,
    "postgres_exporter_urls": HTTP,
}
"""The settings that list backends' servers, and how their addresses begin."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names it and says what is accepted."""


class SourceOptions(Access):
    """How one kind of source is read: seconds, seconds, bytes; and how it is reached."""

    interval_seconds: float = Field(gt=0.1, le=3600)
    timeout_seconds: float = Field(gt=0.05, le=60)
    max_bytes: int = Field(default=32 * 1024 * 1024, gt=1024)


class SourceTable(BaseModel):
    """Cadence per kind of source: the cheap and decisive ones every second, the dear ones less often."""

    model_config = ConfigDict(extra="forbid")

    proxy: SourceOptions = SourceOptions(interval_seconds=1.0, timeout_seconds=1.0)
    patterns: SourceOptions = SourceOptions(interval_seconds=1.0, timeout_seconds=1.0)
    signoz: SourceOptions = SourceOptions(interval_seconds=2.0, timeout_seconds=2.5)
    admin: SourceOptions = SourceOptions(interval_seconds=2.0, timeout_seconds=2.5)
    admin_metrics: SourceOptions = SourceOptions(interval_seconds=5.0, timeout_seconds=2.5)
    launcher: SourceOptions = SourceOptions(interval_seconds=5.0, timeout_seconds=2.0)
    otel: SourceOptions = SourceOptions(interval_seconds=5.0, timeout_seconds=2.5)
    dex: SourceOptions = SourceOptions(interval_seconds=10.0, timeout_seconds=2.5)
    alertmanager: SourceOptions = SourceOptions(interval_seconds=2.0, timeout_seconds=2.5)
    prometheus: SourceOptions = SourceOptions(interval_seconds=5.0, timeout_seconds=4.0, max_bytes=64 * 1024 * 1024)
    redis: SourceOptions = SourceOptions(interval_seconds=2.0, timeout_seconds=1.5)
    nats: SourceOptions = SourceOptions(interval_seconds=2.0, timeout_seconds=2.0)
    postgres: SourceOptions = SourceOptions(interval_seconds=5.0, timeout_seconds=2.5)


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


def _split(value: object) -> object:
    """A comma-separated environment value as a list."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _is_page(target: str) -> bool:
    """True for `name=` and an HTTP address."""
    try:
        return bool(parse_target(target, HTTP).name)
    except ValueError:
        return False


class Settings(BaseSettings):
    """Everything that can be set. Environment names are the RFC's; the same lower-case names serve in `hud.toml`."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)
    toml_path: ClassVar[Path | None] = None

    proxy_metrics_url: Annotated[list[str], NoDecode] = ["http://localhost:8980/metrics"]
    signoz_api_url: str = "http://localhost:8080"
    signoz_api_key: str = Field(default="", repr=False)
    signoz_api_version: str = Field(default="auto", pattern="^(auto|v3|v5)$")
    admin_api_url: str = "http://localhost:8090"
    admin_metrics_url: str = ""
    """prism-admin's own metrics, such as http://localhost:9090/metrics."""
    pattern_health_targets: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """`name=host:port` of each pattern's gRPC health service; patterns cannot be discovered (contracts 5.5).

    `name=host:port/service` asks grpc.health.v1 for just that service, and `name=host:port/` for the server as a whole:
    what it answers is then taken for the pattern's health. `name=http://host:port/health` asks a health page: 2xx is
    healthy, 5xx unhealthy, and a JSON `status` in it says more.
    """
    launcher_targets: Annotated[list[str], NoDecode] = []
    """`host:port` of each pattern launcher's gRPC service, such as localhost:8982."""
    otel_metrics_url: str = ""
    """The OTel Collector's own telemetry, such as http://localhost:8888/metrics."""
    otel_health_url: str = ""
    """Its health_check extension, such as http://localhost:13133/."""
    dex_issuer_url: str = ""
    """Dex's issuer exactly as it is configured there, such as http://localhost:5556/dex."""
    dex_telemetry_url: str = ""
    """Dex's telemetry listener, such as http://localhost:5558."""
    alertmanager_url: str = ""
    """An Alertmanager, such as http://localhost:9093."""
    prometheus_url: str = ""
    """A Prometheus, Thanos, Mimir or VictoriaMetrics that scrapes Prism, such as http://localhost:9090."""
    redis_urls: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """Redis servers to ask by their own protocol, such as cache=redis://user:password@localhost:6379/0."""
    nats_monitor_urls: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """NATS servers' monitoring, such as events=http://localhost:8222."""
    postgres_urls: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """PostgreSQL servers, such as orders=postgresql://prism_hud:password@localhost:5432/postgres."""
    redis_exporter_urls: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """Prometheus exporters of Redis, such as http://localhost:9121/metrics."""
    postgres_exporter_urls: Annotated[list[str], NoDecode] = Field(default=[], repr=False)
    """Prometheus exporters of PostgreSQL, such as http://localhost:9187/metrics."""

    port: int = Field(default=8095, ge=1, le=65535, validation_alias=AliasChoices("HUD_PORT", "port"))
    host: str = Field(default="127.0.0.1", validation_alias=AliasChoices("HUD_HOST", "host"))
    cache_dir: Path = Field(default=Path(".hud-cache"), validation_alias=AliasChoices("HUD_CACHE_DIR", "cache_dir"))
    max_sockets: int = Field(default=1000, ge=1, validation_alias=AliasChoices("HUD_MAX_SOCKETS", "max_sockets"))

    supervise_collector: bool = Field(
        default=True, validation_alias=AliasChoices("HUD_SUPERVISE_COLLECTOR", "supervise_collector")
    )
    """False where something else runs `python -m collectors` beside the web process, as the Procfile does."""

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
    thresholds: dict[str, ThresholdOverride] = {}

    @field_validator("proxy_metrics_url", "pattern_health_targets", "launcher_targets", *SERVER_SCHEMES, mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return _split(value)

    @field_validator("proxy_metrics_url")
    @classmethod
    def _urls(cls, value: list[str]) -> list[str]:
        for url in value:
            if not GRPC_URL.match(url):
                cls._url(url)
        return value

    @field_validator(
        "signoz_api_url",
        "admin_api_url",
        "admin_metrics_url",
        "otel_metrics_url",
        "otel_health_url",
        "dex_telemetry_url",
        "alertmanager_url",
        "prometheus_url",
    )
    @classmethod
    def _url(cls, value: str) -> str:
        if value and not HTTP_URL.match(value):
            reported = "what is given" if "@" in value else repr(value)  # it may hold a password
            raise ValueError(f"{reported} is not an http:// or https:// address")
        return value.rstrip("/")

    @field_validator("dex_issuer_url")
    @classmethod
    def _issuer(cls, value: str) -> str:
        cls._url(value)
        return value  # an issuer is compared as it is, its last slash included

    @field_validator(*SERVER_SCHEMES)
    @classmethod
    def _servers(cls, value: list[str], info: ValidationInfo) -> list[str]:
        schemes = SERVER_SCHEMES[info.field_name or ""]
        for place, entry in enumerate(value, 1):
            try:
                parse_target(entry, schemes)
            except ValueError:  # an entry may hold a password: it is reported by its place
                raise ValueError(
                    f"entry {place} is not of the form {schemes[0]}://[user:password@]host[:port], "
                    "or name= and such an address; , / ? # @ in a password are written %2C %2F %3F %23 %40"
                ) from None
        return value

    @field_validator("launcher_targets")
    @classmethod
    def _addresses(cls, value: list[str]) -> list[str]:
        for target in value:
            if not TARGET.match(f"launcher={target}") or "/" in target:
                raise ValueError(f"{target!r} is not of the form host:port")
        return value

    @field_validator("pattern_health_targets")
    @classmethod
    def _targets(cls, value: list[str]) -> list[str]:
        for target in value:
            if not TARGET.match(target) and not _is_page(target):
                reported = "what is given" if "@" in target else repr(target)  # it may hold a password
                raise ValueError(f"{reported} is not of the form name=host:port or name=http://host:port/path")
        return value

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Without the addresses, which may hold a password."""
        return [(name, value) for name, value in super().__repr_args__() if name not in SOURCE_FIELDS]

    @property
    def slo(self) -> SLO:
        """The latency objective (RFC view 2)."""
        return SLO(objective_ratio=self.slo_objective_ratio, threshold_seconds=self.slo_threshold_seconds)

    @property
    def scraped_urls(self) -> list[str]:
        """The proxies to scrape: none by default where a Prometheus does that already."""
        if self.prometheus_url and "proxy_metrics_url" not in self.model_fields_set:
            return []
        return self.proxy_metrics_url

    @property
    def configured(self) -> bool:
        """False when no source was named at all: then the embedded simulated Prism is read."""
        return bool(SOURCE_FIELDS & self.model_fields_set)

    def names(self, field: str) -> bool:
        """Whether somebody named this source. While False, nobody misses it where it does not answer."""
        return bool({field, IMPLIED_BY.get(field, field)} & self.model_fields_set)

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


SOURCE_FIELDS = frozenset(name for name in Settings.model_fields if name.endswith(("_url", "_urls", "_targets")))
"""The settings that name a source, by how such a setting is called. An empty value switches its source off."""
DEFAULT_FIELDS = frozenset(name for name in SOURCE_FIELDS if Settings.model_fields[name].default)
"""Those with an address of the RFC's: read there when nobody names any source, tried quietly when others are named."""
IMPLIED_BY = {"signoz_api_url": "signoz_api_key"}
"""Settings that make no sense without a source at its default address: giving one names it."""


def load_settings(toml: Path | None = None, **overrides: Any) -> Settings:
    """Settings from the environment and from `toml`, else the file that HUD_CONFIG names, else `hud.toml` if there.

    Raises SettingsError with every wrong name.
    """
    named = toml or (Path(os.environ["HUD_CONFIG"]) if os.environ.get("HUD_CONFIG") else None)
    if named is not None and not named.exists():
        raise SettingsError(f"setting HUD_CONFIG: {named} does not exist")
    path = named or Path("hud.toml")

    class Bound(Settings):
        toml_path = path if path.exists() else None

    _refuse_unknown_names(Bound.toml_path)
    try:
        return Bound(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_worded(one) for one in error.errors())) from None


def _refuse_unknown_names(path: Path | None) -> None:
    """A misspelt name in the file would otherwise do nothing, silently."""
    if path is None:
        return
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not a TOML file: {error}") from None
    unknown = sorted(set(given) - set(Settings.model_fields))
    if unknown:
        accepted = ", ".join(sorted(Settings.model_fields))
        raise SettingsError(f"{path}: unknown setting {', '.join(unknown)}; accepted: {accepted}")


def _worded(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    wanted = error["msg"].removeprefix("Value error, ")
    return f"setting {name.upper() if '.' not in name else name}: {wanted}"
