/* What dcc.Graph draws with: the pinned build of plotly in the place of Dash's own, fetched once the numbers are there.
 *
 * Dash waits for `window.Plotly`, be it a promise, before it draws its first chart, and fetches its own 4.6 MB only when
 * there is none. So there is a promise here from the beginning. Whoever sets a `figure`, it is drawn when it is on the
 * screen of a visible tab, in the viewer's zone and the page's colours.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const LABEL_PIXELS = 13;    // the height of a name at a line's end
  const charts = new Map();   // the element plotly draws in -> {figure, drawn, seen, begun: tells dcc.Graph, the first time}
  let plotly = null;          // plotly's own functions

  /* Each of those that come first is painted before the next is drawn. */
  const onScreen = new IntersectionObserver(async (entries) => {
    const found = entries.map((entry) => [entry.target, charts.get(entry.target), entry.isIntersecting]).filter((each) => each[1]);
    for (const [, one, seen] of found) one.seen = seen;
    for (const [plot, one] of found) {
      const first = one.begun !== null;
      draw(plot, one);
      if (one.begun) beginEmpty(plot, one);
      else if (first) await painted();
    }
  }, { rootMargin: "100px" });

  function painted() {
    return new Promise((done) => { requestAnimationFrame(() => { setTimeout(done, 0); }); });
  }

  window.Plotly = window.Plotly || {
    // biome-ignore lint/suspicious/noThenProperty: a promise that fetches nothing until somebody waits for it
    then: (resolve) => { load().then(() => { resolve(window.Plotly); }); },
  };

  async function load() {
    window.hudBase.library("graph");  // dcc.Graph's own part, which Dash else asks for once it has made the page
    await window.hudBase.library("charts");
    adopt(window.Plotly);
  }

  function adopt(library) {
    if (plotly) return;
    plotly = { react: library.react, purge: library.purge, resize: library.Plots.resize };
    library.react = react;
    library.purge = (plot) => { forget(plot); return plotly.purge(plot); };
    library.Plots.resize = (plot) => (fits(plot) ? Promise.resolve(plot) : plotly.resize(plot));
  }

  /* dcc.Graph has a chart sized anew when it is first drawn, which draws it once more. */
  function fits(plot) {
    const size = plot._fullLayout;
    return !size || (Math.abs(size.width - plot.clientWidth) < 1 && Math.abs(size.height - plot.clientHeight) < 1);
  }

  function forget(plot) {
    charts.delete(plot);
    onScreen.unobserve(plot);
  }

  function react(plot, figure) {
    const one = charts.get(plot);
    if (!one) return begin(plot, figure);
    // After a zoom dcc.Graph sets the figure that plotly shows already: the same data, and a range that is the viewer's.
    if (figure.data && figure.data === one.figure.data) return Promise.resolve(plot);
    one.figure = figure;
    return draw(plot, one);
  }

  /* dcc.Graph begins to listen to a chart once plotly was there, and holds back every later figure until then: one that
     is seen at once is drawn at once, any other begins empty. One that never was seen it leaves to us to forget. */
  function begin(plot, figure) {
    for (const one of charts.keys()) if (!one.isConnected) forget(one);
    const box = plot.closest(".chart");
    plot.classList.add("chart-plot");
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", (box?.getAttribute("aria-label")) || "");
    return new Promise((begun) => {
      charts.set(plot, { figure: figure, drawn: null, seen: false, begun: begun });
      onScreen.observe(plot);
    });
  }

  function beginEmpty(plot, one) {
    const hidden = { visible: false };
    one.begun(plotly.react(plot, [], { xaxis: hidden, yaxis: hidden, autosize: true }, one.figure.config));
    one.begun = null;
  }

  function draw(plot, one) {
    const figure = one.figure;
    if (!one.seen || document.hidden || one.drawn === figure || !isFilled(figure)) return Promise.resolve(plot);
    one.drawn = figure;
    const box = plot.closest(".chart");
    if (box) box.dataset.drawn = "true";
    const zoned = window.hudZoned(figure);
    const done = plotly.react(plot, zoned.data || [], themed(named(zoned.layout, plot.clientHeight)), figure.config);
    one.begun?.(done);
    one.begun = null;
    return done;
  }

  /* Until its first figure comes, a dcc.Graph has one that is empty. */
  function isFilled(figure) {
    return Boolean((figure.data || []).length || Object.keys(figure.layout || {}).length);
  }

  /* The names at the line ends stand beside them, or as near as they can without covering each other. */
  function named(layout, height) {
    const ends = (layout?.annotations || []).filter((one) => one.name === "end");
    if (ends.length < 2) return layout;
    const gap = Math.min(LABEL_PIXELS / (height - layout.margin.t - layout.margin.b), 1 / (ends.length - 1));
    const places = apart(ends.map((one) => one.y), gap);
    const moved = layout.annotations.map((one) => (one.name === "end" ? Object.assign({}, one, { y: places[ends.indexOf(one)] }) : one));
    return Object.assign({}, layout, { annotations: moved });
  }

  /* Ascending heights (0…1), moved as little as leaves `gap` between them: those that meet stand around their middle. */
  function apart(heights, gap) {
    const groups = [];
    heights.forEach((height, at) => {
      let group = { sum: height - at * gap, count: 1 };
      while (groups.length && mean(groups[groups.length - 1]) > mean(group)) {
        const below = groups.pop();
        group = { sum: below.sum + group.sum, count: below.count + group.count };
      }
      groups.push(group);
    });
    const most = 1 - (heights.length - 1) * gap;
    const starts = groups.flatMap((group) => Array(group.count).fill(Math.min(most, Math.max(0, mean(group)))));
    return starts.map((start, at) => start + at * gap);
  }

  const mean = (group) => group.sum / group.count;

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
    if (!plot?.data) return;
    const colour = getComputedStyle(root).getPropertyValue("--card");
    const layout = Object.assign({}, plot.layout, { paper_bgcolor: colour, plot_bgcolor: colour });
    const name = `${box.querySelector(".chart-graph").id}-${new Date().toISOString().slice(0, 19).replace(/:/g, "")}`;
    const size = { width: plot.clientWidth, height: plot.clientHeight, scale: 2 };
    window.Plotly.downloadImage({ data: plot.data, layout: layout }, Object.assign({ format: "png", filename: name }, size));
  }

  /* For assets/later/files.js; a figure is as the server sent it, in no zone. */
  window.hudCharts = { load: load, picture: picture, figure: (box) => charts.get(plotIn(box))?.figure };

  new MutationObserver(redraw).observe(root, { attributes: true, attributeFilter: ["data-bs-theme", "data-zone"] });
  document.addEventListener("visibilitychange", () => { charts.forEach((one, plot) => { draw(plot, one); }); });
})();
