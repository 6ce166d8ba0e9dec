/* What this page had, said to the server now and then: how late figures were painted by the source's clock, for how long
 * it was open and connected, how soon its first figure was there, how much memory it takes. Who looks is a random number.
 */
(() => {
  "use strict";

  const EVERY_MS = 15000;
  const MOST_DELAYS = 300;
  const MOST_SECONDS = 600;   // what took longer was a page that slept

  const { facts, whenReady } = window.hudBase;
  const fresh = () => ({ delays: [], paint: null, open: 0, connected: 0 });
  let had = fresh(), painted = 0, looked = performance.now();

  function viewer() {
    try {
      const known = localStorage.getItem("hud-viewer");
      if (/^[0-9a-f]{32}$/.test(known)) return known;
      const made = Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");
      localStorage.setItem("hud-viewer", made);
      return made;
    } catch (_) { return "0".repeat(32); }  // storage is refused: one of those of whom nothing is kept
  }

  /* Called by live.js after the frame in which figures of the instant `sampled` were drawn. Each instant counts once. */
  window.hudPainted = (sampled) => {
    if (document.hidden || window.hudLive.paused() || isPast() || !sampled || sampled <= painted) return;
    if (!painted && performance.now() < 1000 * MOST_SECONDS) had.paint = performance.now() / 1000;
    const delay = window.hudLive.now() - sampled;
    // The page's first figures are as old as they happen to be: nothing has changed since it was opened.
    if (painted && delay >= 0 && delay <= MOST_SECONDS && had.delays.length < MOST_DELAYS) had.delays.push(delay);
    painted = sampled;
  };

  /* The past is as late as it was asked for. */
  function isPast() {
    return new URLSearchParams(location.search).has("at");
  }

  /* A hidden page is throttled by its browser, and misses nothing that anybody would see. */
  function count() {
    const now = performance.now(), seconds = Math.min(2, (now - looked) / 1000);
    looked = now;
    if (document.hidden || !window.hudLive.watched() || !painted) return;
    had.open += seconds;
    if (window.hudLive.connected()) had.connected += seconds;
  }

  function report() {
    count();
    if (!had.open && !had.delays.length) return;
    const said = {
      viewer: viewer(), delays: had.delays.map((one) => Number(one.toFixed(3))), paint: had.paint,
      open_seconds: Math.min(MOST_SECONDS, had.open), connected_seconds: Math.min(MOST_SECONDS, had.connected),
      heap_bytes: performance.memory ? performance.memory.usedJSHeapSize : null,
    };
    had = fresh();
    navigator.sendBeacon(`${facts.prefix}api/measured`, new Blob([JSON.stringify(said)], { type: "application/json" }));
  }

  whenReady(() => {
    setInterval(count, 1000);
    setInterval(report, EVERY_MS);
    window.addEventListener("pagehide", report);
  });
})();
