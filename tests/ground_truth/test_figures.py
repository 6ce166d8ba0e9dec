"""Every figure on a page, and in its answer, is what an independent computation from the simulator's books gives.

The tolerance is how the figure is rounded on the page, and what can happen within one reading of its source.
"""

from __future__ import annotations

import pytest

from tests.ground_truth.backends import BACKENDS
from tests.ground_truth.figure_rows import Table
from tests.ground_truth.messaging import MESSAGING
from tests.ground_truth.namespaces import NAMESPACE_PAGES, NAMESPACES
from tests.ground_truth.observability import OBSERVABILITY
from tests.ground_truth.performance import PERFORMANCE
from tests.ground_truth.resources import RESOURCES
from tests.ground_truth.security import SECURITY
from tests.ground_truth.site import Site
from tests.ground_truth.system_health import PATTERN_PAGES, SYSTEM_HEALTH

TABLES = (
    SYSTEM_HEALTH, *PATTERN_PAGES, PERFORMANCE, BACKENDS, MESSAGING, NAMESPACES, *NAMESPACE_PAGES, SECURITY, RESOURCES,
    OBSERVABILITY,
)  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_figure_is_what_the_books_say(site: Site, table: Table) -> None:
    assert site.differences(table) == []
