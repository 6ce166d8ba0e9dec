/* The traces that our charts are made of; plotly.js's core has `scatter` by itself, and axes, legends and pictures. */
import bar from "./package/lib/bar.js";
import plotly from "./package/lib/core.js";
import heatmap from "./package/lib/heatmap.js";
import pie from "./package/lib/pie.js";

plotly.register([bar, heatmap, pie]);
window.Plotly = plotly;
