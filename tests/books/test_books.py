"""Every figure on a page, and in its answer, is what an independent computation from the simulator's books gives.

The tolerance is how the figure is rounded on the page, and what can happen within one reading of its source.
"""

from __future__ import annotations

import pytest

from tests.books.backends import BACKENDS
from tests.books.lines import Table
from tests.books.messaging import MESSAGING
from tests.books.namespaces import NAMESPACE_PAGES, NAMESPACES
from tests.books.observability import OBSERVABILITY
from tests.books.performance import PERFORMANCE
from tests.books.resources import RESOURCES
from tests.books.security import SECURITY
from tests.books.site import Site
from tests.books.system_health import PATTERN_PAGES, SYSTEM_HEALTH

TABLES = (
    SYSTEM_HEALTH, *PATTERN_PAGES, PERFORMANCE, BACKENDS, MESSAGING, NAMESPACES, *NAMESPACE_PAGES, SECURITY, RESOURCES,
    OBSERVABILITY,
)  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_figure_is_what_the_books_say(site: Site, table: Table) -> None:
    assert site.differences(table) == []
