"""A running dashboard as the comparison sees it: its pages in a browser, its answers, the books beside it."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

from tests.acceptance.pages import looked_at
from tests.acceptance.running_dashboard import fetch
from tests.ground_truth.figure_rows import Table, differences
from tests.ground_truth.model_readings import ModelReadings, Read
from tests.patience import patience

TEXTS = """() => {
  const plain = element => (element.innerText || element.textContent || "").replace(/\\s+/g, " ").trim();
  const reported = {};
  for (const element of document.querySelectorAll("main [id]")) reported[element.id] = plain(element);
  for (const body of document.querySelectorAll("main tbody[id], main table[id] tbody")) {
    const id = body.id || body.closest("table").id;
    for (const row of body.rows) {
      [...row.cells].forEach((cell, place) => { reported[`${id}/${plain(row.cells[0])}/${place}`] = plain(cell); });
    }
  }
  for (const slot of document.querySelectorAll("main .tabulator")) {
    const table = window.Tabulator && Tabulator.findTable(slot)[0];
    for (const row of table ? table.getRows("active") : []) {
      const [id, first] = [row.getData().id.replace(/\\s+/g, " "), plain(row.getCells()[0].getElement())];
      for (const cell of row.getCells()) {
        const text = plain(cell.getElement());
        reported[`${slot.id}/${id}/${cell.getField()}`] = reported[`${slot.id}/${first}/${cell.getField()}`] = text;
      }
    }
  }
  return reported;
}"""
"""What each element with an id says; cells of a table as `id/first cell/place`, of a grid as `id/row/column`."""


class Site:
    """`watched`: between which two times each source was read for the first time."""

    def __init__(
        self, address: str, page: Page, readings: ModelReadings, watched: dict[str, tuple[float, float]]
    ) -> None:
        self.address, self._page, self._readings, self._watched = address, page, readings, watched

    def texts(self) -> dict[str, str]:
        """What the page says now."""
        reported: dict[str, str] = self._page.evaluate(TEXTS)
        return reported

    def open(self, path: str) -> None:
        """Open a page, and wait until its figures and tables are there."""
        looked_at(self._page, self.address + path)

    def differences(self, table: Table) -> list[str]:
        """Each figure of a page and of its answer that is not what the books say."""
        self.open(table.path)
        self._readings.wait_until(time.time() + 1.0)  # the first frame and the tables are there
        unread = max(2 * table.source_seconds, self._longest(table.source, "age_seconds")) + patience()
        took = self._longest(table.source, "duration_seconds")
        before = time.time()
        texts, answer = self.texts(), fetch(self.address + table.api)
        after, worked_out = time.time(), float(answer["now_seconds"])
        self._readings.wait_until(after)
        page = self._read(table, before - table.refresh_seconds - unread, after)
        took = max(took, self._longest(table.source, "duration_seconds"))
        return differences(table, texts, answer, page, self._read(table, worked_out - unread, worked_out), took)

    def _longest(self, source: str, what: str) -> float:
        """How long ago this kind of source was last read, or how long that took: the longest of all."""
        sources = fetch(f"{self.address}/api/health")["sources"]
        return max(float(one[what] or 0.0) for one in sources if one["source"] == source)

    def _read(self, table: Table, since: float, until: float) -> Read:
        return Read(self._readings, self._watched[table.source], since, until)

    def answer(self, api: str) -> Any:
        """What is served."""
        return fetch(self.address + api)
