"""A running dashboard as the comparison sees it: its pages in a browser, its answers, the books beside it."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

from tests.acceptance.house import fetch
from tests.books.ledger import Ledger, Read
from tests.books.lines import Table, differences
from tests.patience import patience

TEXTS = """() => {
  const plain = element => (element.innerText || "").replace(/\\s+/g, " ").trim();
  const told = {};
  for (const element of document.querySelectorAll("main [id]")) told[element.id] = plain(element);
  for (const body of document.querySelectorAll("main tbody[id], main table[id] tbody")) {
    const id = body.id || body.closest("table").id;
    for (const row of body.rows) {
      [...row.cells].forEach((cell, place) => { told[`${id}/${plain(row.cells[0])}/${place}`] = plain(cell); });
    }
  }
  for (const row of document.querySelectorAll("main [role=row][row-id]")) {
    const grid = row.closest("[id]").id;
    for (const cell of row.querySelectorAll("[col-id]"))
      told[`${grid}/${row.getAttribute("row-id")}/${cell.getAttribute("col-id")}`] = plain(cell);
  }
  return told;
}"""
"""What each element with an id says; cells of a table as `id/first cell/place`, of a grid as `id/row/column`."""


class Site:
    """`watched`: the proxy was read for the first time between these two."""

    def __init__(self, address: str, page: Page, ledger: Ledger, watched: tuple[float, float]) -> None:
        self.address, self._page, self._ledger, self._watched = address, page, ledger, watched

    def texts(self) -> dict[str, str]:
        """What the page says now."""
        told: dict[str, str] = self._page.evaluate(TEXTS)
        return told

    def open(self, path: str) -> None:
        """Open a page and wait until it is live."""
        self._page.goto(self.address + path)
        self._page.wait_for_selector('html[data-live="live"]', timeout=20_000 * patience())

    def differences(self, table: Table) -> list[str]:
        """Each figure of a page and of its answer that is not what the books say."""
        self.open(table.path)
        self._ledger.wait_until(time.time() + table.refresh_seconds)
        before = time.time()
        texts, answer = self.texts(), fetch(self.address + table.api)
        after = time.time()
        self._ledger.wait_until(after)
        oldest = before - table.refresh_seconds - 2 * table.source_seconds - patience()
        return differences(table, texts, answer, Read(self._ledger, self._watched, oldest, after))

    def answer(self, api: str) -> Any:
        """What is served."""
        return fetch(self.address + api)
