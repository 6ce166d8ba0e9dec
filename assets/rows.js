/* An order of rows holds still while the pointer or the focus is in it. */
(() => {
  "use strict";

  const shown = new Map(); // id -> rows on the screen
  const latest = new Map(); // id -> rows as they came last
  let focused = null; // [id, address] of the row that had the focus when its rows were replaced

  const titleOf = (row) => JSON.stringify(row.props?.children?.[0] || null);

  /* `next` in the order of `before`; new rows come last. */
  function held(before, next) {
    const place = new Map(before.map((row, at) => [titleOf(row), at]));
    const at = (row) => place.get(titleOf(row)) ?? before.length;
    return next.map((row, i) => [at(row), i, row]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]);
  }

  function isBusy(element) {
    return element.matches(":hover, :focus-within") || (focused !== null && focused[0] === element.id);
  }

  /* The properties to set on an element: those of rows that are busy keep their order. */
  window.hudSteady = (element, properties) => {
    if (!element.classList.contains("rows") || !Array.isArray(properties.children)) return properties;
    const before = shown.get(element.id);
    const children = before && isBusy(element) ? held(before, properties.children) : properties.children;
    window.hudSteady.note(element);
    latest.set(element.id, properties.children);
    shown.set(element.id, children);
    return { ...properties, children };
  };

  /* Which row of an element has the focus, now that its rows are replaced. */
  window.hudSteady.note = (element) => {
    const active = document.activeElement;
    if (element.contains(active) && active.href) focused = [element.id, active.href];
  };

  /* New rows are new elements: the focus goes back to the row that had it. */
  function refocus() {
    if (focused === null) return;
    const [id, address] = focused, rows = document.getElementById(id);
    focused = null;
    if (!rows || document.activeElement !== document.body) return;
    Array.from(rows.querySelectorAll("a")).find((link) => link.href === address)?.focus({ preventScroll: true });
  }

  /* Left alone, the rows go where they belong. */
  function settle() {
    for (const [id, rows] of latest) {
      const element = document.getElementById(id);
      if (!element) { latest.delete(id); shown.delete(id); continue; }
      if (shown.get(id) === rows || isBusy(element)) continue;
      shown.set(id, rows);
      if (!window.hudPaint(element, { children: rows })) window.dash_clientside.set_props(id, { children: rows });
    }
  }

  window.hudBase.watch(refocus);
  for (const leaving of ["pointerout", "focusout"]) document.addEventListener(leaving, () => { setTimeout(settle, 100); });
})();
