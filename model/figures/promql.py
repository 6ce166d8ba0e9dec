"""The questions to a Prometheus that give the same figures as the pages: templates for `model.needs`.

`$only` is what the page's address narrows it to (proxy, namespace, pattern), `$all` the proxy alone, `$proxies` and
`$admin` the instances that are read as such, `$step` a point of the chart, `$fast` and `$budget` the objective's,
`$reads` and `$writes` the operations of either kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template

REQUESTS, LATENCY = "prism_requests_total", "prism_request_duration_seconds"
GOOD = 'status=~"success|ok|200"'
BAD = 'status!~"success|ok|200"'
LET_IN, TURNED_AWAY = 'result=~"success|ok|allowed"', 'result!~"success|ok|allowed"'
ALLOWED, DENIED = 'decision=~"allowed|allow|granted|success"', 'decision!~"allowed|allow|granted|success"'


def grown(family: str, window: str, matchers: str = "", by: str = "", only: str = "$only") -> str:
    """How much a counter grew."""
    return summed(f"increase({family}{{{_both(matchers, only)}}}[{window}])", by)


def rate(family: str, window: str, matchers: str = "", by: str = "", only: str = "$only") -> str:
    """How fast a counter grows."""
    return summed(f"rate({family}{{{_both(matchers, only)}}}[{window}])", by)


def now(family: str, by: str = "", only: str = "$only") -> str:
    """A gauge, all proxies added."""
    return summed(f"{family}{{{only}}}", by)


def summed(inside: str, by: str = "") -> str:
    """A sum, by these labels."""
    return f"sum by ({by}) ({inside})" if by else f"sum({inside})"


def share(part: str, whole: str) -> str:
    """A ratio of two sums."""
    return f"{part} / {whole}"


def quantile(q: float, family: str, window: str, by: str = "") -> str:
    """A quantile of a histogram's growth."""
    return f"histogram_quantile({q:g}, {grown(f'{family}_bucket', window, by=f'le, {by}'.rstrip(', '))})"


def fast(window: str) -> str:
    """The share of requests within the objective's threshold."""
    return share(grown(f"{LATENCY}_bucket", window, 'le="$fast"'), grown(f"{LATENCY}_count", window))


def succeeded(window: str) -> str:
    """The share of requests that succeeded."""
    return share(grown(REQUESTS, window, GOOD), grown(REQUESTS, window))


def failed(window: str) -> str:
    """The share of requests that failed."""
    return share(grown(REQUESTS, window, BAD), grown(REQUESTS, window))


def _both(matchers: str, only: str) -> str:
    return f"{matchers},{only}" if matchers else only


def filled(template: str, given: Mapping[str, str]) -> str:
    """The template with what is given; matchers that there are none of leave no trace."""
    none = dict.fromkeys((name for name, value in given.items() if not value), "")
    bare = Template(template).safe_substitute(none)  # before names of any kind are in it
    return Template(re.sub(r",(?=})|\{\}", "", bare.replace("{,", "{"))).safe_substitute(given)


def matcher(label: str, *values: str) -> str:
    """`label="value"`, or one of several; '' without any."""
    if len(values) < 2:
        return "".join(f'{label}="{quoted(one)}"' for one in values)
    return f'{label}=~"{quoted("|".join(map(_literal, values)))}"'


def _literal(value: str) -> str:
    """As RE2 reads it."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value)


def quoted(text: str) -> str:
    """A text as it stands between the quotes of a matcher."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
