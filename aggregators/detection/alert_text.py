"""Whether a firing alert says something else than it said before."""

from __future__ import annotations

import re

_FIGURES = re.compile(r"\d[\d.,]*")


def is_other(words: str, before: str, figure: float, figure_before: float) -> bool:
    """True for other words; and for a figure that has doubled, or is half: 9 that wait are not 400."""
    least, most = sorted((abs(figure), abs(figure_before)))
    return most >= 2 * least > 0 or _FIGURES.sub("", words) != _FIGURES.sub("", before)
