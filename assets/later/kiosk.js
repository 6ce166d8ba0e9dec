/* The wall screen: ?kiosk=1&views=system-health,performance&every=20s&scale=1.6 shows the views in turn, large and without what
 * is for hands. A view longer than the screen is shown a screen at a time, each for as long. It stands still while nothing
 * arrives from the server, where live.js says so in large letters and tries for ever; Escape leaves.
 */
(() => {
  "use strict";

  const { element } = window.hudBase;
  const { add, drop } = window.hudCommands;
  const root = document.documentElement;
  const NAMES = ["kiosk", "views", "every", "scale"];
  const EVERY = { seconds: 20, least: 5, most: 3600 }, SCALE = { least: 1, most: 3 };
  const WIDE = 1200;                     // pixels of a page fill the screen, unless the address says how large it is to be
  const NARROW = 1100;                   // below so many of a page's own pixels its cards stand below each other
  const UNITS = { "": 1, s: 1, m: 60, min: 60, h: 3600 };
  const NOT_SHOWN = ["settings"];       // of the views, when the address names none
  const TICK_MS = 500, HINT_MS = 10000, STUCK_MS = 30000, OVERLAP = 0.1;
  const now = { kept: null, views: [], every: 0, since: 0, at: 0, lock: null, timer: 0, box: null, hint: 0, movedAt: 0 };

  // ---- what the address asks for ---------------------------------------------------------------------------------

  function known() {
    return Array.from(document.querySelectorAll(".rail-link"), (link) => (
      { view: link.querySelector(".rail-mark").id.replace(/^rail-/, ""), name: link.querySelector(".rail-name").textContent, href: link.getAttribute("href") }
    ));
  }

  /* A number in bounds, and what is wrong with the one that was asked for. */
  function bounded(name, text, pattern, unit, bounds, usual) {
    if (!text) return [usual, ""];
    const found = pattern.exec(text), value = found ? Number(found[1]) * unit(found[2]) : Number.NaN;
    if (value >= bounds.least && value <= bounds.most) return [value, ""];
    return [usual, `${name}=${text.slice(0, 40)} is not from ${bounds.least} to ${bounds.most}: it is ${usual}.`];
  }

  function usualScale() {
    return Math.min(SCALE.most, Math.max(SCALE.least, Math.round(10 * innerWidth / WIDE) / 10));
  }

  function wanted() {
    const asked = new URLSearchParams(location.search), all = known();
    const names = (asked.get("views") || "").split(",").map((one) => one.trim()).filter(Boolean);
    const views = names.map((name) => all.find((one) => one.view === name)).filter(Boolean);
    const strange = names.filter((name) => !all.some((one) => one.view === name)).map((name) => name.slice(0, 40));
    const wrong = strange.length ? [`There is no view ${strange.slice(0, 5).join(", ")}; there are ${all.map((one) => one.view).join(", ")}.`] : [];
    const [every, badEvery] = bounded("every", asked.get("every"), /^(\d+(?:\.\d+)?)(s|m|min|h)?$/, (unit) => UNITS[unit || ""], EVERY, EVERY.seconds);
    const [scale, badScale] = bounded("scale", asked.get("scale"), /^(\d+(?:\.\d+)?)()$/, () => 1, SCALE, usualScale());
    const usual = all.filter((one) => !NOT_SHOWN.includes(one.view));
    return { views: views.length ? views : usual, every: every, scale: scale, wrong: [...wrong, badEvery, badScale].filter(Boolean) };
  }

  // ---- in turn ---------------------------------------------------------------------------------------------------

  const lost = () => ["lost", "connecting"].includes(root.dataset.live);

  function here() {
    const path = location.pathname;
    return now.views.findIndex((one) => new URL(one.href, location.href).pathname === path);
  }

  function tick() {
    if (!now.views.length && !begin()) return;
    keepAddress();
    hold();
    if (now.hint && performance.now() > now.hint) { now.hint = 0; tell(); }
    if (performance.now() - now.since < now.every * 1000 || lost()) return;
    now.since = performance.now();
    step();
  }

  /* The next screen of a long view, or the next view. A page that never came is loaded anew. */
  function step() {
    const height = window.innerHeight, left = document.documentElement.scrollHeight - window.scrollY - height;
    if (!document.querySelector(".content :is(main, h1)") && now.since - now.movedAt > STUCK_MS) { location.reload(); return; }
    if (left > OVERLAP * height) { window.scrollBy(0, (1 - OVERLAP) * height); return; }
    if (now.views.length === 1 && here() === 0) { window.scrollTo(0, 0); return; }
    const next = now.views[(here() + 1) % now.views.length];
    now.movedAt = now.since;
    window.hudGo(`${next.href}?${query()}`);
    window.scrollTo(0, 0);
  }

  function query() {
    const asked = new URLSearchParams(location.search);
    for (const name of NAMES) if (now.kept[name]) asked.set(name, now.kept[name]);
    asked.delete("range");   // each view's own
    return asked;
  }

  /* Whoever chooses a view by its key stays on the wall screen, also when the page is loaded anew. */
  function keepAddress() {
    const asked = new URLSearchParams(location.search);
    if (NAMES.every((name) => (asked.get(name) || "") === now.kept[name])) return;
    for (const name of NAMES) if (now.kept[name]) asked.set(name, now.kept[name]);
    history.replaceState(history.state, "", `${location.pathname}?${asked}${location.hash}`);
  }

  /* The screen stays on, where the browser can see to it; a page out of sight loses that and asks again. */
  function hold() {
    if (now.lock || document.hidden || !navigator.wakeLock) return;
    now.lock = "asked";
    navigator.wakeLock.request("screen").then((lock) => {
      now.lock = lock;
      lock.addEventListener("release", () => { now.lock = null; });
      if (!now.timer) lock.release();
    }, () => { now.lock = "refused"; });
  }

  // ---- in and out --------------------------------------------------------------------------------------------------

  function begin() {
    const asked = wanted();
    if (!known().length) return false;
    Object.assign(now, { views: asked.views, every: asked.every, wrong: asked.wrong, since: performance.now(), hint: performance.now() + HINT_MS });
    document.body.style.setProperty("--kiosk", String(asked.scale));
    root.toggleAttribute("data-narrow", innerWidth / asked.scale < NARROW);
    if (here() < 0) window.hudGo(`${now.views[0].href}?${query()}`);
    tell();
    return true;
  }

  function tell() {
    const hint = now.hint ? [`${now.views.map((one) => one.name).join(", ")}, each for ${now.every} s. Escape leaves.`] : [];
    now.box.textContent = [...now.wrong, ...hint].join(" ");
    now.box.hidden = !now.box.textContent;
  }

  function start() {
    if (now.timer) return;
    const asked = new URLSearchParams(location.search);
    now.kept = Object.fromEntries(NAMES.map((name) => [name, asked.get(name) || ""]));
    now.kept.kiosk = "1";
    root.dataset.kiosk = "1";
    now.box = element("p", "kiosk-says");
    now.box.setAttribute("role", "status");
    document.body.append(now.box);
    add("leave", leave);
    now.timer = setInterval(tick, TICK_MS);
    tick();
  }

  function leave() {
    clearInterval(now.timer);
    if (now.lock?.release) now.lock.release();
    Object.assign(now, { timer: 0, lock: null, views: [] });
    delete root.dataset.kiosk;
    delete root.dataset.narrow;
    now.box.remove();
    drop("leave");
    const asked = new URLSearchParams(location.search);
    for (const name of NAMES) asked.delete(name);
    history.replaceState(history.state, "", location.pathname + (asked.size ? `?${asked}` : "") + location.hash);
    window.dispatchEvent(new Event("resize"));
  }

  window.hudKiosk = { start: start };
})();
