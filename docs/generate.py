"""Writes the generated parts of docs/ (`make docs`). A test fails when they are behind."""

from __future__ import annotations

from pathlib import Path

from model.catalogue import CATALOGUE, MetricFamily

FOLDER = Path(__file__).parent

SOURCES = {
    "proxy": "The proxy's metrics endpoint",
    "patterns": "Pattern health over gRPC",
    "admin": "The Admin API",
    "signoz": "SigNoz",
    "hud": "The dashboard itself",
}


def metrics_page() -> str:
    """docs/metrics.md: what every metric means and where it comes from, from the catalogue."""
    parts = [
        "# Metrics",
        "Generated from `model/catalogue.py` by `make docs`. Every series also carries `instance`. A family that a "
        "source does not emit is shown as *not reported*, never as zero. Other names are mapped to these in `hud.toml` "
        "(see [connect.md](connect.md)).",
    ]
    for source, title in SOURCES.items():
        families = [family for family in CATALOGUE if family.source == source]
        parts.append(f"## {title}")
        parts.append("\n".join(["| metric | kind | unit | labels | meaning | named by |", "|---|---|---|---|---|---|",
                                *map(_row, families)]))  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _row(family: MetricFamily) -> str:
    labels = ", ".join(f"`{label}`" for label in family.labels) or "–"
    unit = family.unit.value or "–"
    return f"| `{family.name}` | {family.kind.value} | {unit} | {labels} | {family.help} | {family.origin} |"


PAGES = {"metrics.md": metrics_page}


def main() -> None:
    """Write every generated page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
