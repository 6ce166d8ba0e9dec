"""What a scrape holds, by label values."""

from __future__ import annotations

from model.series import Scrape


def rows(scrape: Scrape, name: str) -> dict[tuple[str, ...], float]:
    """A family's values by every label but the backend's and the instance's."""
    return {
        tuple(value for label, value in one.series.labels if label not in ("backend", "instance")): one.value
        for one in scrape.samples()
        if one.series.name == name
    }


def only(scrape: Scrape, name: str) -> float:
    """The value of a family without such labels."""
    return rows(scrape, name)[()]
