/* The clock, and relative times: they go on by the server's clock, so that no frame has to say them. What Dash wrote of a
 * relative time stays: it is laid over. With the connection lost the clock stands still as the figures do. */
(() => {
  "use strict";

  const STEPS = [[86400, "d"], [3600, "h"], [60, "m"], [1, " s"]];

  function words(seconds) {
    const step = STEPS.find((one) => seconds >= one[0]);
    return step ? `${Math.floor(seconds / step[0]) + step[1]} ago` : "just now";
  }

  function clock(now) {
    const face = document.getElementById("top-clock");
    if (!face || document.documentElement.dataset.live === "lost") return;
    const at = new Date(now * 1000).toISOString().slice(0, 19);
    face.setAttribute("datetime", `${at}Z`);
    if (face.firstChild) face.firstChild.data = `${at.slice(11)} UTC`;
    else face.textContent = `${at.slice(11)} UTC`;
  }

  /* "2m ago", of an instant in seconds since 1970. */
  window.hudSince = (at) => {
    const now = window.hudLive?.now();
    return words((now === null ? Date.now() / 1000 : now) - at);
  };

  setInterval(() => {
    if (document.hidden || !window.hudLive || !window.hudLive.now) return;
    const now = window.hudLive.now();
    if (now === null) return;
    clock(now);
    for (const one of document.querySelectorAll("time.ticks")) {
      const said = words(now - Number(one.dataset.since));
      if (one.dataset.ticked !== said) one.dataset.ticked = said;
    }
  }, 1000);
})();
