/* For somebody who looks elsewhere: the count of incidents that fire in the page's title and icon, and the browser's own
 * notifications where they were asked for in Settings. One for each incident, with its cause as the title; a click leads
 * there, and it is taken back when the incident is over. What fires already when a page is opened is on the screen.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const { facts, whenReady } = window.hudBase;
  const MARK = "M16 4 29 27H3Z";
  const SAYS = {
    unsupported: "This browser has no notifications.",
    insecure: "Browsers allow notifications only over HTTPS, or from this machine.",
    denied: "This browser refuses notifications from here; its settings for this site can allow them.",
    default: "This browser will ask once.",
    granted: "One for each incident, taken back when it is over.",
  };
  const seen = new Set();     // names of alerts of which this page has spoken, or that were there before it
  const open = new Map();     // the notifications that stand, by the incident's id
  let first = true;

  // ---- what is kept ----------------------------------------------------------------------------------------------

  const held = new Map();     // for as long as the page, where storage is refused

  function kept(name) {
    try { return localStorage.getItem(`hud-${name}`) || held.get(name) || ""; } catch (_) { return held.get(name) || ""; }
  }

  function keep(name, value) {
    held.set(name, value);
    try { localStorage.setItem(`hud-${name}`, value); } catch (_) { /* refused */ }
  }

  const wanted = () => (permission() === "granted" ? kept("notify") : "");
  const kinds = () => kept("kinds").split("\n").filter(Boolean);

  function permission() {
    if (!window.isSecureContext) return "insecure";
    return "Notification" in window ? Notification.permission : "unsupported";
  }

  async function choose(value) {
    keep("notify", value);
    if (value && permission() === "default") await Notification.requestPermission();
    say();
  }

  function say() {
    const place = document.getElementById("st-call-says"), words = place && SAYS[permission()];
    if (place && place.textContent !== words) place.textContent = words;
  }

  window.hudChoices.notify = { now: wanted, choose: choose };
  window.hudChoices.kinds = { now: kinds, choose: (chosen) => { keep("kinds", chosen.join("\n")); } };

  // ---- title and icon ----------------------------------------------------------------------------------------------

  /* How many fire, as far as it is known: what is not heard of any more is neither many nor none. */
  function count(place) {
    return ["stale", "lost"].includes(root.dataset.live) ? "?" : place.dataset.count;
  }

  function icon(sign, grave) {
    const shade = sign === "?" ? "#6b7480" : grave ? "#c22f2f" : "#8a5f00";
    return `data:image/svg+xml,${encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="${MARK}M16 12v15" fill="none" stroke="#3d85c6" stroke-width="3"/>`
      + `<circle cx="22" cy="10" r="10" fill="${shade}"/><text x="22" y="15" font-family="sans-serif" font-size="15" font-weight="700" text-anchor="middle" fill="#fff">${sign}</text></svg>`)}`;
  }

  function mark(place, found) {
    const past = root.dataset.live === "past", many = past ? "0" : count(place);
    const bare = document.title.replace(/^(?:Past · |\((?:\d+|\?)\) )/, "");
    const title = past ? `Past · ${bare}` : many === "0" ? bare : `(${many}) ${bare}`;
    if (document.title !== title) document.title = title;
    const link = document.querySelector('link[rel="icon"][type="image/svg+xml"]');
    if (!link) return;
    link.dataset.plain ||= link.getAttribute("href");
    const sign = many.length > 1 ? "9+" : many;
    const href = many === "0" ? link.dataset.plain : icon(sign, found.some((one) => one.severity === "critical"));
    if (link.getAttribute("href") !== href) link.setAttribute("href", href);
  }

  // ---- notifications -----------------------------------------------------------------------------------------------

  function calls(one) {
    if (one.seen_to) return false;
    return one.severity === "critical" || kinds().some((kind) => one.kinds.includes(kind));
  }

  /* A page's own notification; where only a service worker may make one, there is none. */
  function notify(one) {
    try {
      const many = one.alerts > 1 ? `, ${one.alerts} alerts` : "";
      const body = `${one.severity} since ${new Date(one.started * 1000).toLocaleTimeString()}${many}`;
      const made = new Notification(one.words, { body: body, tag: `hud-${one.id}`, icon: icon("!", one.severity === "critical") });
      made.onclick = () => {
        window.focus();
        window.dash_clientside.set_props("address", { href: facts.prefix + one.href.slice(1) });
        made.close();
      };
      open.set(one.id, made);
    } catch (_) { /* not on this device */ }
  }

  function call(found) {
    for (const one of found.filter(calls)) {
      const known = one.names.some((name) => seen.has(name));
      for (const name of one.names) seen.add(name);
      if (!first && !known && wanted()) notify(one);
    }
    first = false;
    for (const [id, made] of open) if (!found.some((one) => one.id === id)) { made.close(); open.delete(id); }
  }

  function look() {
    const place = document.getElementById("notices");
    const said = place.dataset.incidents;
    if (!said && root.dataset.live !== "past") return;  // nothing was heard yet
    const found = JSON.parse(said || "[]");
    mark(place, found);
    if (["live", "polling", "paused"].includes(root.dataset.live)) call(found);
  }

  /* Without waiting for a frame to be drawn: a page that nobody looks at draws none. */
  function begin() {
    const place = document.getElementById("notices");
    if (!place) return false;
    new MutationObserver(look).observe(place, { attributes: true });
    new MutationObserver(look).observe(root, { attributes: true, attributeFilter: ["data-live"] });
    new MutationObserver(look).observe(document.querySelector("title"), { childList: true });
    look();
    return true;
  }

  whenReady(() => {
    const waiting = new MutationObserver(() => { if (begin()) waiting.disconnect(); });
    waiting.observe(document.body, { subtree: true, childList: true });
  });
  window.hudBase.watch(say);
})();
