/* Local time: <time> elements and charts say UTC, and are shown in the zone that the viewer chose (choices.js). */
(() => {
  "use strict";

  const root = document.documentElement;
  const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  const short = new Intl.DateTimeFormat(undefined, TIME);
  const long = new Intl.DateTimeFormat(undefined, { day: "2-digit", month: "short", ...TIME });
  let localized = false;      // what is laid over is taken away once
  const isLocal = () => root.dataset.zone === "local";

  /* The local reading of an element is laid over by the style sheet. */
  function localize(element) {
    const at = Date.parse(element.getAttribute("datetime")), said = element.textContent;
    if (isLocal() && /UTC$/.test(said) && !Number.isNaN(at)) {
      const text = (/^\d\d [A-Z]/.test(said) ? long : short).format(at);
      if (element.dataset.local !== text) element.dataset.local = text;
    } else if ("local" in element.dataset) delete element.dataset.local;
  }

  function show() {
    if (isLocal() || localized) document.querySelectorAll("time").forEach(localize);
    localized = isLocal();
    const zone = document.getElementById("zone-switch"), shown = isLocal() ? "local" : "utc";
    if (zone && zone.dataset.shown !== shown) zone.dataset.shown = shown;
  }

  /* A figure in the chosen zone. plotly draws milliseconds in local time, so for UTC they are moved; for local time the
   * words that say UTC are. */
  window.hudZoned = (figure) => {
    const axis = figure.layout?.xaxis || {}, seen = axis.autorangeoptions;
    const ends = seen ? seen.include : axis.range;
    if (!ends) return figure;
    const shift = isLocal() ? 0 : new Date(ends[1]).getTimezoneOffset() * 60000;
    const name = isLocal() ? short.formatToParts(ends[1]).find((part) => part.type === "timeZoneName").value : "UTC";
    const moved = (x) => (typeof x === "number" ? x + shift : x);
    const worded = (text) => (typeof text === "string" ? text.replace("UTC", name) : text);
    const placed = (one, ...ends) =>
      one.xref === "paper" ? one : { ...one, ...Object.fromEntries(ends.map((end) => [end, moved(one[end])])) };
    const layout = { ...figure.layout, xaxis: { ...axis, hoverformat: worded(axis.hoverformat) } };
    if (seen) layout.xaxis.autorangeoptions = { include: ends.map(moved), clipmin: moved(seen.clipmin), clipmax: moved(seen.clipmax) };
    else layout.xaxis.range = ends.map(moved);
    layout.shapes = (layout.shapes || []).map((one) => placed(one, "x0", "x1"));
    layout.annotations = (layout.annotations || []).map((one) => placed(one, "x"));
    const data = figure.data.map((one) => ({ ...one, x: one.x.map(moved), hovertemplate: worded(one.hovertemplate) }));
    return { ...figure, data, layout };
  };

  const soon = window.hudBase.watch(show, { characterData: true });
  new MutationObserver(soon).observe(root, { attributes: true, attributeFilter: ["data-zone"] });
})();
