"""Writes the generated parts of docs/ and the texts of /api (`make docs`). A test fails when they are behind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from aggregators.alerts.rules import FAMILIES, Rule
from components.commands import COMMANDS, MOD, Command
from docs.api import descriptions
from docs.detection import detection_page
from docs.performance import performance_page
from docs.places import filled_by
from docs.widgets import WIDGETS, Widget
from model.addresses import AddressSetting
from model.catalogue import CATALOGUE, MetricFamily
from model.catalogue.source_kind import SourceKind
from model.catalogue.source_kinds import ADDRESSES, KINDS
from model.settings_text import NOT_SET, worded
from model.signin import FrontSettings, SignInSettings
from web.api.descriptions import FILE as DESCRIPTIONS

FOLDER = Path(__file__).parent

OTHERS = {"servers": "Any backend's own server", "hud": "The dashboard itself"}
"""Families that belong to no one kind of source."""
_PART = "<!-- generated: {} -->\n"


def metrics_page() -> str:
    """docs/metrics.md: what every metric means and where it comes from, from the catalogue."""
    parts = [
        "# Metrics",
        "Generated from `model/catalogue/` by `make docs`. Every series also carries `instance`. A family that a "
        "source does not emit is shown as *not reported*, never as zero. Other names are mapped to these in `hud.toml` "
        "(see [connect.md](connect.md)).",
    ]
    titles = {kind.name: kind.title for kind in KINDS if kind.families} | OTHERS
    for source, title in titles.items():
        families = [family for family in CATALOGUE if family.source == source]
        parts.append(f"## {title}")
        parts.append(
            "\n".join(
                [
                    "| metric | kind | unit | labels | meaning | named by |",
                    "|---|---|---|---|---|---|",
                    *map(_row, families),
                ]
            )
        )
    return "\n\n".join(parts) + "\n"


def _row(family: MetricFamily) -> str:
    labels = ", ".join(f"`{label}`" for label in family.labels) or "–"
    unit = family.unit.value or "–"
    return f"| `{family.name}` | {family.kind.value} | {unit} | {labels} | {family.help} | {family.origin} |"


def connect_page() -> str:
    """docs/connect.md as it is written, with what the records of the kinds of source and of sign-in say."""
    text = (FOLDER / "connect.md").read_text(encoding="utf-8")
    settings = ["| setting | meaning | default |", "|---|---|---|", *map(_address, ADDRESSES.values())]
    cadence = ["| table | of | `interval_seconds` | `timeout_seconds` |", "|---|---|---|---|", *map(_cadence, KINDS)]
    front, signin = _settings(FrontSettings), _settings(SignInSettings, besides=FrontSettings)
    for name, lines in (("settings", settings), ("cadence", cadence), ("front", front), ("sign-in", signin)):
        text = _filled(text, name, lines)
    return text


def _filled(text: str, name: str, lines: Sequence[str]) -> str:
    """A page as it is written, with `lines` between the marks of its generated part `name`."""
    head, rest = text.split(_PART.format(name))
    _, end, tail = rest.partition(_PART.format("end"))
    return "".join([head, _PART.format(name), "\n".join(lines), "\n", end, tail])


def finding_page() -> str:
    """docs/finding.md as it is written, with the table of keys."""
    keys = ["| key | does |", "|---|---|", *(_command(one) for one in COMMANDS if one.keys)]
    return _filled((FOLDER / "finding.md").read_text(encoding="utf-8"), "keys", keys)


def _command(one: Command) -> str:
    first, *_, last = [f"`{key.replace(MOD, 'Ctrl ')}`" for key in (one.keys * 2)[: max(2, len(one.keys))]]
    keys = first if first == last else f"{first} … {last}"
    return f"| {keys}{' (on a Mac ⌘)' if one.keys[0].startswith(MOD) else ''} | {one.does} |"


def _address(one: AddressSetting) -> str:
    default = f"`{one.default}`" if one.default else "none"
    return f"| `{one.variable}` | {one.meaning} | {default} |"


def _settings(kind: type[BaseSettings], besides: type[BaseSettings] = BaseSettings) -> list[str]:
    own = [(name, field) for name, field in kind.model_fields.items() if name not in besides.model_fields]
    return ["| setting | meaning | default |", "|---|---|---|", *map(_setting, own)]


def _setting(one: tuple[str, FieldInfo]) -> str:
    name, field = one
    default = worded(name, field.default)
    return f"| `HUD_{name.upper()}` | {field.description} | {'none' if default == NOT_SET else f'`{default}`'} |"


def _cadence(kind: SourceKind) -> str:
    return f"| `{kind.name}` | {kind.title} | {kind.interval_seconds:g} | {kind.timeout_seconds:g} |"


def detections_page() -> str:
    """docs/detections.md: what raises an alert, when it clears and why there, from the tables of rules."""
    words = (
        "Generated from `aggregators/alerts/rules/` by `make docs`. "
        "A rule is evaluated over what was read, after each read. "
        "Bad in k of the last n reads raises it, nothing but good for a while clears it, and losing the source "
        "that it reads does neither. Raise and clear values can be set in `hud.toml` (see [connect.md](connect.md)); "
        "they are in base units: seconds, ratios, counts.\n\n"
        "Rules marked ¹ go by the spans that SigNoz holds while no proxy can be read, and say so: by counts of five "
        "seconds, each of them a read of which as many must be bad. Spans may be a sample. How many there are for a "
        "request, and how many times as often they failed, is known from the five minutes before the loss; shares of "
        "failures are judged by as many times the values here, rates only where there is a span for nearly each "
        "request, and slow is only who is half as slow again as usual. What a proxy had shown is over when a proxy "
        "shows that."
    )
    heading = ["| rule | severity | blames | reads | raised at | cleared at | votes | clear for | why there |"]
    heading.append("|---" * 9 + "|")
    parts = ["# Detections", words]
    for family, rules in FAMILIES.items():
        parts += [f"## {family}", "\n".join([*heading, *map(_rule, rules)])]
    return "\n\n".join(parts) + "\n"


def _rule(rule: Rule) -> str:
    votes = f"{rule.votes[0]} of {rule.votes[1]}"
    return (
        f"| `{rule.id}`{' ¹' if rule.by_spans else ''} | {rule.severity.value} | {rule.blames} | {rule.reads} "
        f"| {rule.raise_at:g} | {rule.clear_at:g} | {votes} | {rule.clear_seconds:g} s | {rule.why} |"
    )


def coverage_page() -> str:
    """docs/coverage.md: where each widget of the RFC is, and what proves it."""
    words = (
        "Generated from `docs/widgets.py` by `make docs`: every widget of RFC-050, the page and the element that show "
        "it, and the test that proves it. The tests fail when an element or a test of this list is missing."
    )
    parts = ["# Coverage of RFC-050", words]
    for view in dict.fromkeys(one.view for one in WIDGETS):
        rows = [_widget(one) for one in WIDGETS if one.view == view]
        heading = ["| widget | where | filled by one of | proved by |", "|---|---|---|---|"]
        parts += [f"## View {view}", "\n".join([*heading, *rows])]
    return "\n\n".join(parts) + "\n"


def _widget(one: Widget) -> str:
    where = f"[`{one.path}`](http://localhost:8095{one.path}) `#{one.element}`"
    families = ", ".join(f"`{name}`" for name in filled_by(one.path, one.element)) or "–"
    return f"| {one.name} | {where} | {families} | `{one.test}` |"


GENERATED = {
    FOLDER / "connect.md": connect_page,
    FOLDER / "finding.md": finding_page,
    FOLDER / "metrics.md": metrics_page,
    FOLDER / "detections.md": detections_page,
    FOLDER / "detection.md": detection_page,
    FOLDER / "performance.md": performance_page,
    FOLDER / "coverage.md": coverage_page,
    DESCRIPTIONS: descriptions,
}
"""What is generated, and what makes it."""


def main() -> None:
    """Write every generated file."""
    for path, made in GENERATED.items():
        path.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
