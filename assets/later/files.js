/* What a table or a chart shows, as CSV for spreadsheets or JSON for programs: the very figures on the screen, in the order
 * and with the filter that they have there. A text that a spreadsheet would take for a formula is made one that it does not.
 */
(() => {
  "use strict";

  /* How a formula begins, in full-width signs too. */
  const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
  const BOM = "\ufeff";
  const { element } = window.hudBase;

  function save(button, kind) {
    const chart = button.closest(".chart"), grid = button.closest(".grid-tools"), table = button.closest(".table-box");
    if (kind === "png") { window.hudCharts.picture(chart); return; }
    const found = chart ? ofChart(chart) : grid ? ofGrid(grid) : ofTable(table);
    if (found) keep(found, kind);
  }

  /* {name, heads, rows}; null while there is nothing to keep. */
  function ofGrid(tools) {
    return window.hudTables.shown(tools.nextElementSibling.id);
  }

  function ofTable(box) {
    const rows = Array.from(box.querySelectorAll("tbody tr")).filter((row) => !row.querySelector(".empty"));
    return {
      name: box.querySelector("tbody").id,
      heads: Array.from(box.querySelectorAll("thead th"), words),
      rows: rows.map((row) => Array.from(row.cells, words)),
    };
  }

  function words(cell) {
    const time = cell.querySelector("time[datetime]");
    return time ? time.getAttribute("datetime") : cell.textContent.replace(/\s+/g, " ").trim();
  }

  function ofChart(box) {
    const figure = window.hudCharts.figure(box), traces = figure?.data || [];
    const name = box.querySelector(".chart-graph").id.replace(/-chart$/, "");
    if (!traces.length) return null;
    if (traces[0].type === "pie") {
      return { name: name, heads: ["part", "ratio"], rows: traces[0].customdata.map((one, at) => [one, traces[0].values[at]]) };
    }
    const heat = traces.find((one) => one.type === "heatmap"), lines = traces.filter((one) => one.type !== "heatmap" && one.x);
    return heat ? ofHeat(name, heat) : ofLines(name, lines, unitOf(figure));
  }

  /* A row for each time, a column for each name; an area that has gaps comes in several pieces. */
  function ofLines(name, traces, unit) {
    const names = [...new Set(traces.map((one) => one.name || "value"))], times = new Map();
    for (const one of traces) {
      one.x.forEach((x, at) => {
        if (!times.has(x)) times.set(x, new Map());
        times.get(x).set(one.name || "value", (one.customdata || one.y)[at]);
      });
    }
    const rows = [...times.keys()].sort((a, b) => a - b).map((x) => [instant(x), ...names.map((one) => times.get(x).get(one) ?? null)]);
    return { name: name, heads: ["time", ...names.map((one) => unit ? `${one} (${unit})` : one)], rows: rows };
  }

  function ofHeat(name, heat) {
    const rows = [];
    heat.text.forEach((row) => { row.forEach((said, at) => { if (said) rows.push([instant(heat.x[at + 1]), said]); }); });
    return { name: name, heads: ["time", "requests"], rows: rows.sort((a, b) => a[0].localeCompare(b[0])) };
  }

  /* The chart says it at the head of its value axis (components/charts/frame.py). */
  function unitOf(figure) {
    return (figure.layout?.annotations || []).find((one) => one.xshift === -4)?.text || "";
  }

  const instant = (x) => typeof x === "number" ? new Date(x).toISOString() : String(x);

  function keep(found, kind) {
    const text = kind === "json" ? json(found) : BOM + [found.heads, ...found.rows].map((row) => row.map(field).join(",")).join("\r\n");
    const type = kind === "json" ? "application/json" : "text/csv;charset=utf-8";
    const address = URL.createObjectURL(new Blob([text], { type: type }));
    const when = new Date().toISOString().slice(0, 19).replace(/:/g, "");
    Object.assign(element("a"), { href: address, download: `${found.name}-${when}.${kind}` }).click();
    setTimeout(() => { URL.revokeObjectURL(address); }, 1000);
  }

  /* Headings that are the same are told apart by their number. */
  function json(found) {
    const heads = found.heads.map((one, at) => one && found.heads.indexOf(one) === at ? one : `${one || "column"} ${at + 1}`);
    const rows = found.rows.map((row) => Object.fromEntries(heads.map((one, at) => [one, row[at] ?? null])));
    return JSON.stringify({ page: location.href, saved: new Date().toISOString(), of: found.name, rows: rows }, null, 1);
  }

  function field(value) {
    if (value === null || value === undefined) return "";
    const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  }

  window.hudFiles = { save: save };
})();
