"""The most useful single next step after a check, in words that can be acted upon."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.check.alias_suggestions import alias_lines
from collectors.check.visit import Visit
from collectors.core.probe import Speech, split_target
from collectors.proxy.grpc_probe import FAMILY
from model.catalogue.source_kinds import BY_KIND
from model.settings import Settings
from model.sources import ErrorKind

NOTHING = (
    "name what you have, such as PROXY_METRICS_URL=http://<proxy>:8980/metrics or LAUNCHER_TARGETS=<host>:8982 "
    "(docs/connect.md), and check again; `make dashboard-run` shows a simulated Prism meanwhile"
)
ALL_SET = "all set: make dashboard-run"


def next_step(visits: Sequence[Visit], settings: Settings) -> str:
    """One sentence: what blocks most comes first, what is only missing last."""
    if not settings.configured:
        return NOTHING
    for step in (_identity, _wrong_protocol, _not_offered, _unreadable, _no_health, _aliases, _no_metrics):
        said = step(visits, settings)
        if said:
            return said
    return ALL_SET


def setting_of(visit: Visit) -> str:
    """The setting that names it."""
    return BY_KIND[visit.source].setting


def _identity(visits: Sequence[Visit], settings: Settings) -> str:
    for one in visits:
        if one.error is ErrorKind.REFUSED and "certificate" in one.detail:
            return f"{one.key} shows a certificate that is not trusted: set ca_file under [sources.{one.source}]"
        if one.authenticated == "no":
            what = "does not accept who we are" if one.identified else "wants to know who asks"
            own = BY_KIND[one.source].key_setting.upper()
            key = own or f"bearer_token_file or username under [sources.{one.source}]"
            return f"{one.key} {what} ({one.detail}): set {key}"
    return ""


def _wrong_protocol(visits: Sequence[Visit], settings: Settings) -> str:
    for one in visits:
        if one.error is not ErrorKind.WRONG_PROTOCOL:
            continue
        if one.heard is Speech.HTTP1 and one.source == "patterns":
            target = one.instance.partition("/")[0]
            return (
                f"{one.key} {one.detail}: if it has a health page, set PATTERN_HEALTH_TARGETS="
                f"{_pattern_of(one)}=http://{target}/health"
            )
        if one.heard is Speech.TLS:
            return f"{one.key} {one.detail}"
        return f"{one.key} {one.detail}: point {setting_of(one)} to the right port, or set it empty"
    return ""


def _not_offered(visits: Sequence[Visit], settings: Settings) -> str:
    for one in visits:
        if one.error is ErrorKind.NOT_OFFERED:
            other = "LAUNCHER_TARGETS" if one.source == "patterns" else "PATTERN_HEALTH_TARGETS"
            if "://" in one.address:
                return f"{one.key} {one.detail}: name the path of its health page in {setting_of(one)}"
            if one.source == "patterns":
                host, port = split_target(one.instance.partition("/")[0])
                page = f"http://{f'[{host}]' if ':' in host else host}:{port + 1}/health"
                return (
                    f"{one.key} {one.detail}: one that a launcher started has a health page a port above, "
                    f"set PATTERN_HEALTH_TARGETS={_pattern_of(one)}={page}"
                )
            return f"{one.key} {one.detail}: name its control port in {setting_of(one)}, or name it in {other} instead"
    return ""


def _pattern_of(one: Visit) -> str:
    """The name that the settings give it."""
    return one.address.partition(" at ")[0]


def _no_metrics(visits: Sequence[Visit], settings: Settings) -> str:
    for one in visits:
        if one.source == "proxy" and one.known == {FAMILY}:
            return (
                f"{one.key} is up and speaks gRPC: nothing to do if this version has no metrics, else point "
                "PROXY_METRICS_URL to where it has them"
            )
    return ""


def _unreadable(visits: Sequence[Visit], settings: Settings) -> str:
    for one in visits:
        if one.error is not None:
            return f"{one.key} cannot be read ({one.error.value}: {one.detail}): start it, or mend {setting_of(one)}"
    return ""


def _no_health(visits: Sequence[Visit], settings: Settings) -> str:
    if any(one.source in ("patterns", "launcher") for one in visits):
        return ""
    return "set PATTERN_HEALTH_TARGETS=<name>=<host>:<port>,… or LAUNCHER_TARGETS: nothing reports how the patterns are"


def _aliases(visits: Sequence[Visit], settings: Settings) -> str:
    lines = alias_lines(visits)
    return "put the [aliases.metrics] lines above into hud.toml where the names mean the same" if lines else ""
