/* One crosshair for all charts of a page: the time under the pointer is shown in each. */
(() => {
  "use strict";

  let pointing = false;

  function isTimed(plot) {
    return plot.on && plot._fullLayout?.xaxis?.type === "date" && !plot.closest(".chart-strip");
  }

  /* Does it to the others, which do not tell it on. */
  function inOthers(plot, work) {
    if (pointing) return;
    pointing = true;
    Array.from(document.querySelectorAll(".chart-plot")).filter((one) => one !== plot && isTimed(one)).forEach(work);
    pointing = false;
  }

  function join(plot) {
    if (!plot.on || plot.dataset.joined || plot.closest(".chart-strip")) return;
    plot.dataset.joined = "true";
    plot.on("plotly_hover", (event) => {
      if (!event.xvals || !event.xaxes) return;
      const at = { xval: event.xaxes[0].d2c(event.xvals[0]), yval: 0 };
      inOthers(plot, (one) => { window.Plotly.Fx.hover(one, at, ["xy"], true); });
    });
    plot.on("plotly_unhover", () => { inOthers(plot, (one) => { window.Plotly.Fx.unhover(one); }); });
  }

  document.addEventListener("pointerover", (event) => {
    const plot = event.target.closest?.(".chart-plot");
    if (plot) join(plot);
  });
})();
