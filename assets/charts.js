/* What dcc.Graph draws with: the pinned build of plotly in the place of Dash's own, fetched once the numbers are there.
 *
 * Dash waits for `window.Plotly`, be it a promise, before it draws its first chart, and fetches its own 4.6 MB only when
 * there is none. So there is a promise here from the beginning. Whoever sets a `figure`, it is drawn when it is on the
 * screen of a visible tab, in the viewer's zone and the page's colours.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const charts = new Map();   // the element plotly draws in -> {figure, drawn, seen}
  let plotly = null;          // plotly's own functions

  const onScreen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const one = charts.get(entry.target);
      if (!one) continue;
      one.seen = entry.isIntersecting;
      draw(entry.target, one);
    }
  }, { rootMargin: "100px" });

  window.Plotly = window.Plotly || {
    // biome-ignore lint/suspicious/noThenProperty: a promise that fetches nothing until somebody waits for it
    then: (resolve) => { whenIdle(() => { load().then(() => { resolve(window.Plotly); }); }); },
  };

  async function load() {
    await window.hudBase.library("charts");
    adopt(window.Plotly);
  }

  function adopt(library) {
    if (plotly) return;
    plotly = { react: library.react, purge: library.purge };
    library.react = react;
    library.purge = (plot) => { charts.delete(plot); onScreen.unobserve(plot); return plotly.purge(plot); };
  }

  function react(plot, figure) {
    const one = charts.get(plot);
    if (!one) return begin(plot, figure);
    // After a zoom dcc.Graph sets the figure that plotly shows already: the same data, and a range that is the viewer's.
    if (figure.data && figure.data === one.figure.data) return Promise.resolve(plot);
    one.figure = figure;
    return draw(plot, one);
  }

  /* Plotly must have been there once before dcc.Graph can listen to it; what it has to draw is drawn when it is seen. */
  function begin(plot, figure) {
    charts.set(plot, { figure: figure, drawn: null, seen: false });
    const box = plot.closest(".chart");
    plot.classList.add("chart-plot");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", (box?.getAttribute("aria-label")) || "");
    onScreen.observe(plot);
    return plotly.react(plot, [], { xaxis: { visible: false }, yaxis: { visible: false }, autosize: true }, figure.config);
  }

  function draw(plot, one) {
    const figure = one.figure;
    if (!one.seen || document.hidden || one.drawn === figure || !isFilled(figure)) return Promise.resolve(plot);
    one.drawn = figure;
    const box = plot.closest(".chart");
    if (box) box.dataset.drawn = "true";
    const zoned = window.hudZoned(figure);
    return plotly.react(plot, zoned.data || [], themed(zoned.layout), figure.config);
  }

  /* Until its first figure comes, a dcc.Graph has one that is empty. */
  function isFilled(figure) {
    return Boolean((figure.data || []).length || Object.keys(figure.layout || {}).length);
  }

  /* Figures are the same for every viewer; what depends on the theme is taken from the page's own colours. */
  function themed(layout) {
    const style = getComputedStyle(document.body);
    const text = style.getPropertyValue("--text-muted"), line = style.getPropertyValue("--line");
    const copy = Object.assign({}, layout, {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
      uirevision: layout.uirevision || "kept",
      font: Object.assign({ size: 12 }, layout.font, { color: text, family: style.fontFamily }),
    });
    for (const name of Object.keys(Object.assign({ xaxis: 1, yaxis: 1 }, copy))) {
      if (/^[xy]axis\d*$/.test(name)) copy[name] = Object.assign({ gridcolor: line, linecolor: line, zerolinecolor: line }, copy[name]);
    }
    return copy;
  }

  function redraw() {
    charts.forEach((one, plot) => { one.drawn = null; draw(plot, one); });
  }

  const plotIn = (box) => box.querySelector(".chart-plot");

  /* The picture as it is on the screen, on the card's own colour. */
  function picture(box) {
    const plot = plotIn(box);
    if (!plot || !plotly) return;
    const colour = getComputedStyle(root).getPropertyValue("--card");
    const layout = Object.assign({}, plot.layout, { paper_bgcolor: colour, plot_bgcolor: colour });
    const name = `${box.querySelector(".chart-graph").id}-${new Date().toISOString().slice(0, 19).replace(/:/g, "")}`;
    const size = { width: plot.clientWidth, height: plot.clientHeight, scale: 2 };
    window.Plotly.downloadImage({ data: plot.data, layout: layout }, Object.assign({ format: "png", filename: name }, size));
  }

  /* For assets/later/files.js; a figure is as the server sent it, in no zone. */
  window.hudCharts = { picture: picture, figure: (box) => charts.get(plotIn(box))?.figure };

  function whenIdle(work) {
    if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 500 });
    else setTimeout(work, 50);
  }

  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-zone"] });
  document.addEventListener("visibilitychange", () => { charts.forEach((one, plot) => { draw(plot, one); }); });
})();
