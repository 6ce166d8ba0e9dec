/* Charts, drawn by plotly itself once the library is there and the chart is on screen; a zoom survives new data. */
(function () {
  "use strict";

  const RETRY_MS = 2000;
  const root = document.documentElement;
  const facts = JSON.parse((document.getElementById("live-facts") || { textContent: "{}" }).textContent);

  const wanted = new Map();
  const visible = new WeakSet();
  let library = 0;
  const onScreen = new IntersectionObserver(function (entries) {
    for (const entry of entries) {
      if (entry.isIntersecting) { visible.add(entry.target); draw(entry.target.id); }
      else visible.delete(entry.target);
    }
  }, { rootMargin: "100px" });

  function load() {
    if (library || !facts.charts) return;
    library = 1;
    const script = document.createElement("script");
    script.async = true;
    script.src = facts.charts;
    script.onload = function () { wanted.forEach(function (_, id) { draw(id); }); };
    script.onerror = function () { script.remove(); setTimeout(function () { library = 0; load(); }, RETRY_MS); };
    document.head.appendChild(script);
  }

  function want(id, slot, figure) {
    const known = wanted.get(id);
    if (known && known.slot !== slot) release(known);
    if (!known || known.slot !== slot) onScreen.observe(slot);
    wanted.set(id, { slot: slot, figure: figure, drawn: null });
    whenIdle(load);
    draw(id);
  }

  function release(one) {
    onScreen.unobserve(one.slot);
    const plot = one.slot.querySelector(":scope > .chart-plot");
    if (plot && window.Plotly) window.Plotly.purge(plot);
  }

  function draw(id) {
    const one = wanted.get(id);
    if (!one || !window.Plotly || !visible.has(one.slot) || document.hidden || one.drawn === one.figure) return;
    if (!one.slot.isConnected) { release(one); wanted.delete(id); return; }
    let plot = one.slot.querySelector(":scope > .chart-plot");
    if (!plot) {
      plot = document.createElement("div");
      plot.className = "chart-plot";
      plot.id = id + "-graph";
      plot.setAttribute("role", "img");
      plot.setAttribute("aria-label", one.slot.getAttribute("aria-label") || id);
      one.slot.append(plot, saver(id, plot));
      one.slot.dataset.drawn = "true";
    }
    one.drawn = one.figure;
    const figure = window.hudLook ? window.hudLook.zoned(one.figure) : one.figure;
    const layout = themed(figure.layout || {});
    const config = Object.assign({ responsive: true, displaylogo: false, displayModeBar: false }, figure.config);
    window.Plotly.react(plot, figure.data || [], layout, config);
  }

  function saver(id, plot) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chart-save";
    button.textContent = "PNG";
    button.setAttribute("aria-label", "Save as PNG: " + plot.getAttribute("aria-label"));
    button.onclick = function () { save(id, plot); };
    return button;
  }

  /* The picture as it is on the screen, on the card's own colour. */
  function save(id, plot) {
    const colour = getComputedStyle(root).getPropertyValue("--card").trim() || "#fff";
    const layout = Object.assign({}, plot.layout, { paper_bgcolor: colour, plot_bgcolor: colour });
    const when = new Date().toISOString().slice(0, 19).replace(/:/g, "");
    const size = { width: plot.clientWidth, height: plot.clientHeight, scale: 2 };
    window.Plotly.downloadImage({ data: plot.data, layout: layout }, Object.assign({ format: "png", filename: id + "-" + when }, size));
  }

  /* Figures are the same for every viewer; what depends on the theme is taken from the page's own colours. */
  function themed(layout) {
    const style = getComputedStyle(root);
    const read = function (name, otherwise) { return style.getPropertyValue(name).trim() || otherwise; };
    const text = read("--text-muted", read("--text", "#888"));
    const line = read("--line", "rgba(128,128,128,.25)");
    const copy = Object.assign({}, layout, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      uirevision: layout.uirevision || "kept",
      font: Object.assign({ size: 12 }, layout.font, { color: text, family: style.fontFamily }),
    });
    for (const name of Object.keys(copy)) {
      if (/^[xy]axis\d*$/.test(name)) {
        copy[name] = Object.assign({ gridcolor: line, linecolor: line, zerolinecolor: line }, copy[name]);
      }
    }
    copy.xaxis = copy.xaxis || { gridcolor: line, linecolor: line, zerolinecolor: line };
    copy.yaxis = copy.yaxis || { gridcolor: line, linecolor: line, zerolinecolor: line };
    return copy;
  }

  function redraw() {
    wanted.forEach(function (one, id) { one.drawn = null; draw(id); });
  }

  function whenIdle(work) {
    if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 500 });
    else setTimeout(work, 50);
  }

  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-theme", "data-zone"] });
  if (window.matchMedia) window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

  window.hudCharts = { want: want, redraw: redraw };
})();
