/* Relative times go on while nothing is redrawn, by the server's clock. What Dash wrote stays: it is laid over. */
(function () {
  "use strict";

  const STEPS = [[86400, "d"], [3600, "h"], [60, "m"], [1, " s"]];

  function words(seconds) {
    const step = STEPS.find(function (one) { return seconds >= one[0]; });
    return step ? Math.floor(seconds / step[0]) + step[1] + " ago" : "just now";
  }

  setInterval(function () {
    if (document.hidden || !window.hudLive || !window.hudLive.now) return;
    const now = window.hudLive.now();
    if (now === null) return;
    for (const one of document.querySelectorAll("time.ticks")) {
      const said = words(now - Number(one.dataset.since));
      if (one.dataset.ticked !== said) one.dataset.ticked = said;
    }
  }, 1000);
})();
