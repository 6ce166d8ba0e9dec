/* Tables that sort, filter and page, laid out by Tabulator in the slots that components/lists/grid.py makes.
 *
 * A row is {id, look, <column>: cell}; what a cell holds is told in grid.py. Rows come worst first and stand so until
 * the viewer sorts. While the pointer or the focus is in a table its rows keep their places and only their cells change.
 * What the viewer chose is in the address: ?<table>.q=words&<table>.sort=column-desc; what words mean, later/filter.js says.
 */
(() => {
  "use strict";

  const MOST_COMPLETIONS = 20;
  const ROW_PIXELS = 31;      // a cell's, as grid.css has it: Tabulator would measure a row anew when a cell of it changes
  const MANY = 150;           // so many changed rows are laid out anew at once instead of one by one
  const NARROW = 560;         // below this many pixels minor columns fold away
  const { element, library } = window.hudBase;
  const wanted = new Map();
  let ready = false;

  function want(id, slot, value) {
    let one = wanted.get(id);
    if (one && one.slot !== slot) { release(one); one = null; }
    if (!one) {
      one = { id: id, slot: slot, spec: JSON.parse(slot.dataset.grid), table: null, built: false, stale: false };
      wanted.set(id, one);
      tools(one);
    }
    one.value = value;
    draw(one);
    follow(one);
  }

  function release(one) {
    if (one.sizes) one.sizes.disconnect();
    if (one.table) one.table.destroy();
    wanted.delete(one.id);
  }

  function redraw() {
    wanted.forEach(draw);
  }

  function draw(one) {
    if (!ready) { Promise.all(["tables", "filter", "columns"].map(library)).then(() => { prepare(); draw(one); }); return; }
    if (!one.slot.isConnected) { release(one); return; }
    if (!one.table) build(one);
    else if (one.built) update(one);
  }

  /* Tabulator asks this whenever it lays columns out, in place of its own sharing by weight. */
  function prepare() {
    if (ready) return;
    ready = true;
    window.Tabulator.extendModule("layout", "modes", { fitColumns: function spread(columns) { widen(this.table, columns); } });
  }

  // ---- building ------------------------------------------------------------------------------------------------

  function build(one) {
    const holder = element("div", "grid-rows"), pager = element("div", "grid-pager"), count = element("span", "grid-count");
    holder.id = `${one.id}-table`;
    pager.append(count, fullButton(one));
    one.slot.append(holder, pager);
    const whole = Boolean(one.value.whole), rows = rowsOf(one);
    one.slot.classList.toggle("is-whole", whole);
    measure(one, rows);
    const chosen = sortOf(one);
    one.table = new window.Tabulator(holder, {
      data: rows,
      index: "id",
      height: "100%",
      rowHeight: ROW_PIXELS,
      layout: "fitColumns",
      columns: one.spec.columns.map((column) => columnOf(column)),
      initialSort: chosen ? [chosen] : [],
      pagination: !whole,
      paginationSize: one.spec.page,
      paginationButtonCount: 3,
      paginationCounter: (size, first, _page, rows, pages) => {
        pager.classList.toggle("is-single", pages < 2);
        count.textContent = rows ? `${first}–${Math.min(rows, first + size - 1)} of ${rows.toLocaleString("en")}` : "";
        return "";
      },
      paginationElement: pager,
      placeholder: () => nothing(one),
      rowFormatter: (row) => { row.getElement().className = `${plain(row.getElement().className)} look-${row.getData().look || "none"}`; },
      columnDefaults: { resizable: false, vertAlign: "middle", headerSortTristate: true },
    });
    forgetButtons(one.table.modules.localize);
    one.table.on("tableBuilt", () => {
      one.built = true;
      speak(one, holder);
      fold(one);
      one.slot.dataset.drawn = "true";
      follow(one);
      if (one.stale) update(one);
      one.sizes = new ResizeObserver(() => { fold(one); });
      one.sizes.observe(one.slot);
    });
    one.table.on("dataSorted", (sorters) => { if (one.built) remember(one, "sort", sorters.length ? `${sorters[0].field}-${sorters[0].dir}` : ""); });
    for (const leaving of ["pointerleave", "focusout"]) {
      one.slot.addEventListener(leaving, () => { setTimeout(() => { if (one.stale && !busy(one)) update(one); }, 100); });
    }
  }

  /* What folds away and what is cut is there for hands without a hover, too: each column at its full width, to scroll. */
  function fullButton(one) {
    const button = Object.assign(element("button", "grid-full btn", "Show in full"), { type: "button", hidden: true });
    button.setAttribute("aria-pressed", String(isFull(one)));
    button.addEventListener("click", () => {
      remember(one, "full", isFull(one) ? "" : "1");
      button.setAttribute("aria-pressed", String(isFull(one)));
      one.slot.classList.toggle("is-full", isFull(one));
      fold(one);
      one.table.redraw(true);
    });
    one.slot.classList.toggle("is-full", isFull(one));
    one.full = button;
    return button;
  }

  const isFull = (one) => address(one, "full") === "1";

  /* For a change of language Tabulator holds on to whatever it named in one, and so to every button of a page that it ever
   * made, some with each push. Our language never changes: they are named once. */
  function forgetButtons(localize) {
    const bind = localize.bind.bind(localize);
    localize.bind = (path, say) => { if (path === "pagination|page_title") say(localize.getText(path)); else bind(path, say); };
  }

  /* A grid may hold rows and groups of rows only, and what scrolls must be reached by the keyboard. */
  function speak(one, holder) {
    holder.setAttribute("aria-label", one.slot.getAttribute("aria-label") || "");
    holder.querySelector(".tabulator-tableholder").setAttribute("role", "rowgroup");
    holder.querySelector(".tabulator-table").setAttribute("role", "presentation");
    holder.removeAttribute("aria-owns");
  }

  const plain = (name) => name.replace(/ ?look-\S+/g, "");

  function columnOf(column) {
    return {
      title: column.title, field: column.key, minWidth: 40,
      cssClass: `kind-${column.kind}`, headerHozAlign: column.kind === "number" ? "right" : "left",
      headerSortStartingDir: column.kind === "text" ? "asc" : "desc",
      formatter: shown, sorter: compare, titleFormatter: heading,
    };
  }

  /* A button, so that the keyboard sorts as the pointer does; Tabulator hears the click of either. */
  function heading(cell) {
    return Object.assign(element("button", "grid-head", cell.getValue()), { type: "button" });
  }

  function compare(a, b, _rowA, _rowB, _column, direction) {
    const x = a?.v, y = b?.v;
    const missing = (value) => value === undefined || value === null;
    if (missing(x) || missing(y)) return missing(x) === missing(y) ? 0 : (missing(x) ? 1 : -1) * (direction === "asc" ? 1 : -1);
    return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
  }

  function shown(cell) {
    const it = cell.getValue() || { n: "–" };
    const box = element(it.h ? "a" : "span", `figure ${it.c || ""}${it.h ? " row-link" : ""}`);
    box.dir = "auto";
    if (it.h) box.href = it.h;
    if (it.t || it.n) box.title = it.t || it.n;
    if (it.d) box.addEventListener("pointerenter", () => { box.title = window.hudSince(Date.parse(it.d) / 1000); });
    if (it.k && it.b === undefined) box.appendChild(element("span", `mark mark-${it.k}`));
    const number = element(it.d ? "time" : "span", "num", it.n);
    if (it.d) number.setAttribute("datetime", it.d);
    box.appendChild(number);
    if (it.u) box.append(" ", element("span", "unit", it.u));
    if (it.s) box.append(element("span", "visually-hidden", `: ${it.s}`));
    if (it.b === undefined) return box;
    const whole = element("span", `grid-bar ${it.k ? `row-${it.k}` : ""}`);
    const bar = element("span", "progress"), filled = element("span", "progress-bar");
    filled.style.width = `${100 * it.b}%`;
    bar.appendChild(filled);
    whole.append(bar, box);
    return whole;
  }

  function nothing(one) {
    const words = address(one, "q");
    const row = element("div", "grid-empty"), cell = element("span", "", words ? `No row has “${words}”.` : one.spec.empty);
    row.setAttribute("role", "row");
    cell.setAttribute("role", "gridcell");
    row.appendChild(cell);
    return row;
  }

  // ---- rows ----------------------------------------------------------------------------------------------------

  /* The rows, with the very same object for a cell that says the same as in `places`: then Tabulator leaves it alone. */
  function rowsOf(one, places) {
    return one.value.rows.map((row) => {
      const old = places?.get(row.id), made = { id: row.id, look: row.look };
      for (const { key } of one.spec.columns) made[key] = old && same(old[key], row[key]) ? old[key] : row[key];
      return made;
    });
  }

  function same(a, b) {
    if (a === b || !a || !b) return a === b;
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
  }

  function busy(one) {
    return one.slot.matches(":hover") || one.slot.contains(document.activeElement);
  }

  function update(one) {
    const before = one.table.getData();
    const places = new Map(before.map((row) => [row.id, row])), rows = rowsOf(one, places);
    if (measure(one, rows)) { fold(one); one.table.redraw(); }  // a longer name may need the room of a minor column
    const same = before.length === rows.length && rows.every((row, at) => before[at].id === row.id);
    const changed = rows.filter((row) => {
      const old = places.get(row.id);
      return old && (old.look !== row.look || one.spec.columns.some((column) => old[column.key] !== row[column.key]));
    });
    one.stale = false;
    if (busy(one)) {
      one.stale = !same;
      if (changed.length) one.table.updateData(changed);
    } else if (same && changed.length < MANY) {
      if (changed.length) one.table.updateData(changed).then(() => { if (one.table.getSorters().length) one.table.setSort(one.table.getSorters().map((by) => ({ column: by.field, dir: by.dir }))); });
    } else one.table.replaceData(rows);
  }

  /* True when a column needs more than before. */
  function measure(one, rows) {
    const before = one.needs;
    one.needs = window.hudColumns.needs(one.slot, one.spec.columns, rows, before);
    return one.spec.columns.some((column) => one.needs.get(column.key) !== before?.get(column.key));
  }

  function widen(table, columns) {
    const one = Array.from(wanted.values()).find((each) => each.slot.contains(table.element));
    if (!one) return;  // its page is gone
    const shown = columns.filter((column) => column.visible);
    const specs = shown.map((column) => one.spec.columns.find((spec) => spec.key === column.definition.field));
    const room = table.rowManager.element.clientWidth, needed = specs.reduce((sum, spec) => sum + one.needs.get(spec.key), 0);
    const widths = window.hudColumns.widths(specs, one.needs, isFull(one) ? Math.max(room, needed) : room);
    one.full.hidden = needed <= room && !one.folded && !isFull(one);
    shown.forEach((column, at) => { column.setWidth(widths[at]); });
  }

  /* The minor columns fold away: the last ones first where there is no room for all, all of them on a narrow slot. */
  function fold(one) {
    const width = one.slot.clientWidth;
    const folded = new Set();
    const tight = new Map(one.spec.columns.map((column, at) => [column, window.hudColumns.tight(column, one.needs.get(column.key), at)]));
    let needs = Array.from(tight.values()).reduce((sum, width) => sum + width, 0);
    for (const column of one.spec.columns.filter((each) => each.minor).reverse()) {
      if (isFull(one) || (width >= NARROW && needs <= width)) break;
      folded.add(column.key);
      needs -= tight.get(column);
    }
    const key = Array.from(folded).join();
    if (key === one.folded) {
      if (width !== one.width) one.table.redraw();  // the same columns, on another width
      one.width = width;
      return;
    }
    one.folded = key;
    one.width = width;
    for (const column of one.spec.columns) {
      if (column.minor) one.table[folded.has(column.key) ? "hideColumn" : "showColumn"](column.key);
    }
    one.table.redraw(true);
  }

  // ---- filter, and what is kept -----------------------------------------------------------------------------------------

  function tools(one) {
    const box = document.getElementById(`${one.id}-filter`);
    if (box) {
      const list = element("datalist"), says = element("p", "grid-says");
      list.id = `${one.id}-completions`;
      says.id = `${one.id}-says`;
      says.setAttribute("role", "status");
      says.hidden = true;
      box.after(list, says);
      box.setAttribute("list", list.id);
      box.setAttribute("aria-describedby", says.id);
      box.title = `Words, and what a column says: ${one.spec.columns.map((column) => column.name).join(", ")}`;
      Object.assign(one, { box: box, list: list, says: says });
      box.addEventListener("input", () => { complete(one); search(one, box.value); });
      box.addEventListener("focus", () => { complete(one); });
    }
  }

  /* What the filter leaves, in the order on the screen; the headings name the base unit of their figures. */
  function shownOf(id) {
    const one = wanted.get(id);
    if (!one?.built) return null;
    const first = one.value.rows[0] || {};
    const heads = one.spec.columns.map((column) => {
      const unit = (first[column.key]?.q || "").replace(/ /g, "_");
      return column.title + (unit ? ` (${unit})` : "");
    });
    const rows = one.table.getData("active").map((row) => one.spec.columns.map((column) => exported(row[column.key])));
    return { name: one.spec.csv, heads: heads, rows: rows };
  }

  function complete(one) {
    const found = window.hudFilter?.completions(one.box.value, one.spec.columns, one.value.rows, MOST_COMPLETIONS) || [];
    one.list.replaceChildren(...found.map((text) => Object.assign(element("option"), { value: text })));
  }

  /* The filter that the address says, where that is not what is filtered, or not in the box: at first, and when Dash has laid
   * the page out anew for another address. */
  function follow(one) {
    const words = address(one, "q");
    if (!one.built) return;
    if (one.box && one.box.value !== words && document.activeElement !== one.box) window.dash_clientside.set_props(one.box.id, { value: words });
    if (words !== (one.words || "")) search(one, words);
  }

  function search(one, words) {
    remember(one, "q", words);
    if (!one.built) return;
    one.words = words;
    const { test, wrong } = window.hudFilter.read(words, one.spec.columns, one.value.rows);
    tell(one, wrong);
    if (words.trim()) one.table.setFilter(test);
    else one.table.clearFilter();
  }

  function tell(one, wrong) {
    if (!one.box) return;
    const text = wrong.map((each) => `${each}.`).join(" ");
    if (one.says.textContent !== text) one.says.textContent = text;
    one.says.title = text;
    one.says.hidden = !text;
    one.box.setAttribute("aria-invalid", String(Boolean(text)));
  }

  /* In base units, where it is a number. */
  function exported(cell) {
    const it = cell || {};
    const value = it.x !== undefined ? it.x : it.v;
    return value === undefined || value === null ? (it.n === "–" ? null : it.n || null) : value;
  }

  function address(one, name) {
    return new URLSearchParams(location.search).get(`${one.id}.${name}`) || "";
  }

  function remember(one, name, value) {
    if (address(one, name) === value) return;
    const query = new URLSearchParams(location.search);
    if (value) query.set(`${one.id}.${name}`, value);
    else query.delete(`${one.id}.${name}`);
    const text = query.toString();
    history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : "") + location.hash);
  }

  function sortOf(one) {
    const match = /^(.+)-(asc|desc)$/.exec(address(one, "sort"));
    return match && one.spec.columns.some((column) => column.key === match[1]) ? { column: match[1], dir: match[2] } : null;
  }

  window.hudTables = { want: want, redraw: redraw, shown: shownOf };
})();
