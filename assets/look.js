/* What the viewer chooses: theme, and local time or UTC. And two kindnesses: the rail marks the page that is shown, and
 * an order of rows holds still while the pointer or the focus is in it. */
(function () {
  "use strict";

  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const themeNow = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const zoneNow = () => root.dataset.zone || "utc";

  function keep(name, value) {
    root.dataset[name] = value;
    try { localStorage.setItem("hud-" + name, value); } catch (_) { /* refused: kept until the page is left */ }
    share();
  }

  /* A choice taken back: the system's theme again. */
  function release(name) {
    delete root.dataset[name];
    try { localStorage.removeItem("hud-" + name); } catch (_) { /* refused: nothing was kept */ }
    const query = new URLSearchParams(location.search);
    query.delete(name);
    const text = query.toString();
    history.replaceState(history.state, "", location.pathname + (text ? "?" + text : "") + location.hash);
  }

  /* What was chosen stands in the address of every page, so that it survives being shared. */
  function share() {
    const query = new URLSearchParams(location.search);
    const before = query.toString();
    for (const name of ["theme", "zone"]) if (root.dataset[name]) query.set(name, root.dataset[name]);
    if (query.toString() !== before) history.replaceState(history.state, "", location.pathname + "?" + query + location.hash);
  }

  /* The search part of an address that says `value` for `name`, and else what it said. */
  function address(name, value) {
    const query = new URLSearchParams(location.search);
    query.set(name, value);
    return "?" + query;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("#theme-switch")) keep("theme", themeNow() === "dark" ? "light" : "dark");
    else if (event.target.closest("#zone-switch")) { keep("zone", zoneNow() === "utc" ? "local" : "utc"); refresh(); }
  });

  // ---- local time: <time> elements say UTC; their local reading is laid over by the style sheet ----------------

  const short = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });
  const long = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });

  function localize(element) {
    const at = Date.parse(element.getAttribute("datetime"));
    const said = element.textContent;
    const local = zoneNow() === "local" && !isNaN(at);
    const words = local ? (/^\d\d [A-Z]/.test(said) ? long : short).format(at) : "";
    if (/UTC$/.test(said) && local) {
      if (element.dataset.local !== words) element.dataset.local = words;
    } else if ("local" in element.dataset) delete element.dataset.local;
  }

  /* A figure in the chosen zone. plotly draws milliseconds in local time, so for UTC they are moved; for local time the
   * words that say UTC are. */
  function zoned(figure) {
    const axis = (figure.layout || {}).xaxis || {};
    const seen = axis.autorangeoptions;
    const ends = seen ? seen.include : axis.range;
    if (!ends) return figure;
    const local = zoneNow() === "local";
    const shift = local ? 0 : new Date(ends[1]).getTimezoneOffset() * 60000;
    const name = local ? short.formatToParts(ends[1]).find((part) => part.type === "timeZoneName").value : "UTC";
    const moved = (x) => (typeof x === "number" ? x + shift : x);
    const worded = (text) => (typeof text === "string" ? text.replace("UTC", name) : text);
    const onPaper = (one) => one.xref === "paper";
    const layout = Object.assign({}, figure.layout);
    layout.xaxis = Object.assign({}, axis, { hoverformat: worded(axis.hoverformat) });
    if (seen) layout.xaxis.autorangeoptions = { include: ends.map(moved), clipmin: moved(seen.clipmin), clipmax: moved(seen.clipmax) };
    else layout.xaxis.range = ends.map(moved);
    layout.shapes = (layout.shapes || []).map((one) => onPaper(one) ? one : Object.assign({}, one, { x0: moved(one.x0), x1: moved(one.x1) }));
    layout.annotations = (layout.annotations || []).map((one) => onPaper(one) ? one : Object.assign({}, one, { x: moved(one.x) }));
    const data = figure.data.map((one) => Object.assign({}, one, { x: one.x.map(moved), hovertemplate: worded(one.hovertemplate) }));
    return Object.assign({}, figure, { data: data, layout: layout });
  }

  // ---- one crosshair for all charts of a page -------------------------------------------------------------------

  let pointing = false;

  function others(plot) {
    const timed = (one) => one._fullLayout && one._fullLayout.xaxis && one._fullLayout.xaxis.type === "date";
    return Array.from(document.querySelectorAll(".chart-plot")).filter((one) => one !== plot && one.on && timed(one) && !one.closest(".chart-strip"));
  }

  function join(plot) {
    if (!plot.on || plot.dataset.joined || plot.closest(".chart-strip")) return;
    plot.dataset.joined = "true";
    plot.on("plotly_hover", function (event) {
      if (pointing || !event.xvals || !event.xaxes) return;
      pointing = true;
      const at = { xval: event.xaxes[0].d2c(event.xvals[0]), yval: 0 };
      for (const one of others(plot)) window.Plotly.Fx.hover(one, at, ["xy"], true);
      pointing = false;
    });
    plot.on("plotly_unhover", function () {
      if (pointing) return;
      pointing = true;
      for (const one of others(plot)) window.Plotly.Fx.unhover(one);
      pointing = false;
    });
  }

  document.addEventListener("pointerover", function (event) {
    const plot = event.target.closest && event.target.closest(".chart-plot");
    if (plot) join(plot);
  });

  // ---- the rail ------------------------------------------------------------------------------------------------

  function markRail() {
    for (const link of document.querySelectorAll(".rail-link")) {
      const here = link.pathname === location.pathname || (link.pathname !== "/" && location.pathname.startsWith(link.pathname + "/"));
      if (here !== (link.getAttribute("aria-current") === "page")) {
        if (here) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
    }
  }

  function refresh() {
    document.querySelectorAll("time").forEach(localize);
    markRail();
    share();
    const zone = document.getElementById("zone-switch");
    if (zone && zone.dataset.shown !== zoneNow()) zone.dataset.shown = zoneNow();
  }

  // ---- links that Dash did not make --------------------------------------------------------------------------------

  /* Follows a link within the dashboard as Dash's own do, by the dcc.Location of the shell. */
  function follow(event) {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || link.origin !== location.origin) return;
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey || (link.target && link.target !== "_self")) return;
    event.preventDefault();
    window.dash_clientside.set_props("address", { href: link.href });
    window.scrollTo(0, 0);
  }

  // ---- rows hold still -------------------------------------------------------------------------------------------

  const titleOf = (row) => JSON.stringify(((row.props || {}).children || [])[0] || null);

  /* `shown` in the order of `before`; new rows come last. */
  function held(before, next) {
    const place = new Map(before.map((row, at) => [titleOf(row), at]));
    const at = (row) => (place.has(titleOf(row)) ? place.get(titleOf(row)) : before.length);
    return next.map((row, i) => [at(row), i, row]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]);
  }

  const shown = new Map();   // id -> rows on the screen
  const latest = new Map();  // id -> rows as they came last
  let focused = null;        // [id, address] of the row that had the focus when its rows were replaced

  function busy(element) {
    return element.matches(":hover, :focus-within") || (focused !== null && focused[0] === element.id);
  }

  window.hudLook = {
    zoned: zoned,
    address: address,
    follow: follow,
    choose: function (name, value) { if (value) keep(name, value); else release(name); refresh(); },
    /* The properties to set: the rows of a grid under the pointer or with the focus keep their order. */
    steady: function (element, properties) {
      if (!element.classList.contains("rows") || !Array.isArray(properties.children)) return properties;
      const before = shown.get(element.id);
      const children = before && busy(element) ? held(before, properties.children) : properties.children;
      const active = document.activeElement;
      if (element.contains(active) && active.href) focused = [element.id, active.href];
      latest.set(element.id, properties.children);
      shown.set(element.id, children);
      return Object.assign({}, properties, { children: children });
    },
  };

  /* New rows are new elements: the focus goes back to the row that had it. */
  function refocus() {
    if (focused === null) return;
    const grid = document.getElementById(focused[0]);
    if (grid && document.activeElement !== document.body) { focused = null; return; }
    const row = grid && Array.from(grid.querySelectorAll("a")).find((link) => link.href === focused[1]);
    focused = null;
    if (row) row.focus({ preventScroll: true });
  }

  /* Left alone, the rows go where they belong. */
  function settle() {
    for (const [id, rows] of latest) {
      const grid = document.getElementById(id);
      if (!grid) { latest.delete(id); shown.delete(id); continue; }
      if (shown.get(id) === rows || busy(grid)) continue;
      shown.set(id, rows);
      if (!window.hudPaint || !window.hudPaint(grid, { children: rows })) window.dash_clientside.set_props(id, { children: rows });
    }
  }

  function begin() {
    let looking = false;
    new MutationObserver(function () {
      if (looking) return;
      looking = true;
      requestAnimationFrame(function () { looking = false; refresh(); refocus(); });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    window.addEventListener("popstate", refresh);
    for (const leaving of ["pointerout", "focusout"]) {
      document.addEventListener(leaving, function () { setTimeout(settle, 100); });
    }
    refresh();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
