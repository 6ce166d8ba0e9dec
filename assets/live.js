/* The live connection: receives frames from the hub, sets the changed properties, and says how fresh the page is.
 *
 * html[data-live]: live    figures arrive over the websocket and are fresh
 *                  polling fresh, but fetched by dcc.Interval because there is no socket
 *                  stale   we are connected, but the sources (or the collector) deliver nothing new
 *                  paused  the viewer holds the page still; what surrounds it (top bar, rail) goes on
 *                  lost    nothing arrives from the server: the figures are frozen
 */
(function () {
  "use strict";

  const SILENCE_MS = 2500;      // the hub speaks at least once a second; longer than this is a lost connection
  const RETRY_MAX_MS = 2000;
  const POLL_SILENCE_MS = 2700; // the same while polling every 2 s
  const CONNECT_GRACE_MS = 1500;
  const CONNECT_MS = 4000;      // a handshake that takes longer is abandoned
  const QUESTION_MS = 6000;     // a polling request that takes longer is given up
  const EMPTY_MS = 6000;        // by then a page has its content, or never will
  const TICK_MS = 200;
  const SHOWN_GROUPS = 5;
  const DRAWN = { figure: "hudCharts", table: "hudTables", diagram: "hudDiagrams" };  // who draws which property

  const root = document.documentElement;
  const facts = JSON.parse((document.getElementById("live-facts") || { textContent: "{}" }).textContent);
  const dashConfig = JSON.parse((document.getElementById("_dash-config") || { textContent: "{}" }).textContent);
  const prefix = dashConfig.requests_pathname_prefix || "/";
  const routes = (facts.views || []).map(function (one) {
    const names = [];
    const pattern = one.path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/<(\w+)>/g, function (_, name) {
      names.push(name);
      return "([^/]+)";
    });
    return { view: one.view, names: names, takes: one.takes || names, pattern: new RegExp("^" + pattern + "/?$") };
  });

  const SLEPT_MS = 1000;        // the clocks differ by more: the machine slept, or its clock was set

  /* Milliseconds as of performance.now(), which may stand still while the machine sleeps: Date.now() then tells for how
   * long. What was heard before the sleep, and what waits in an old connection, is as old as it is. */
  let slept = 0, lastTick = performance.now(), lastDate = Date.now();

  function clock() {
    const tick = performance.now(), date = Date.now();
    const missed = date - lastDate - (tick - lastTick);
    lastTick = tick;
    lastDate = date;
    if (missed > SLEPT_MS) { slept += missed; woken(); }
    return tick + slept;
  }

  const state = {
    socket: null, view: null, key: null, retries: 0, retryTimer: 0,
    heardAt: 0, viaSocket: false, polled: false, askedAt: 0, askedIn: 0,
    offset: null, synced: false, sampled: 0, staleAfter: SILENCE_MS / 1000, gone: [], trouble: false, head: {},
    props: new Map(), applied: new Map(), startedAt: performance.now(), pausedAt: 0,
  };

  // ---- which view this address shows -------------------------------------------------------------------------

  function place() {
    let path = location.pathname;
    if (path.startsWith(prefix)) path = "/" + path.slice(prefix.length);
    for (const route of routes) {
      const match = route.pattern.exec(path);
      if (!match) continue;
      const asked = Array.from(new URLSearchParams(location.search)).filter((pair) => route.takes.includes(pair[0]));
      const selection = Object.fromEntries(asked);
      route.names.forEach(function (name, i) { selection[name] = decodeURIComponent(match[i + 1]); });
      const query = new URLSearchParams(selection).toString();
      return { view: route.view, selection: selection, path: route.view + (query ? "?" + query : "") };
    }
    return null;
  }

  function keyOf(here) {
    return here ? here.path : "";
  }

  // ---- the socket --------------------------------------------------------------------------------------------

  function connect() {
    clearTimeout(state.retryTimer);
    state.retryTimer = 0;
    const here = place();
    drop();
    if (keyOf(here) !== state.key) forget(here);
    if (!here) return;
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const socket = new WebSocket(scheme + location.host + prefix + "ws/" + here.path);
    state.socket = socket;
    state.synced = false;
    const slow = setTimeout(function () { socket.close(); retry(socket); }, CONNECT_MS);
    socket.onopen = function () { clearTimeout(slow); };
    socket.onmessage = function (message) {
      clock();
      if (socket !== state.socket) return;
      state.retries = 0;
      state.viaSocket = true;
      state.polled = false;
      polling();
      receive(message.data);
    };
    socket.onclose = socket.onerror = function () { clearTimeout(slow); retry(socket); };
  }

  /* Nothing that was on its way before the sleep is news: a new connection is asked, and a new question. */
  function woken() {
    state.synced = false;
    state.askedAt = 0;
    drop();
    if (state.view !== null) setTimeout(connect, 0);
  }

  function drop() {
    const old = state.socket;
    state.socket = null;
    state.viaSocket = false;
    if (old) old.close();
  }

  function retry(socket) {
    if (socket !== state.socket) return;
    state.socket = null;
    state.viaSocket = false;
    polling();
    ask();
    const base = Math.min(RETRY_MAX_MS, 200 * Math.pow(2, state.retries++));
    if (!state.retryTimer) state.retryTimer = setTimeout(connect, base * (0.5 + Math.random() / 2));
    show();
  }

  function forget(here) {
    state.view = here ? here.view : null;
    state.key = keyOf(here);
    state.props.clear();
    state.applied.clear();
    state.trouble = false;
  }

  // ---- the way round a lost socket: dcc.Interval and one server callback ----------------------------------------

  let clockRuns = false;

  /* The clock runs while there is no socket; before the first connection it gets a moment to be made. */
  function polling() {
    const on = !state.viaSocket && state.view !== null && clock() - state.startedAt > CONNECT_GRACE_MS;
    if (on === clockRuns || !ready() || !document.getElementById("fallback")) return;
    clockRuns = on;
    window.dash_clientside.set_props("fallback-clock", { disabled: !on });
  }

  /* One question at a time: answers slower than the clock would otherwise never be shown. */
  function question() {
    const here = place();
    const busy = state.askedAt && clock() - state.askedAt < QUESTION_MS;
    if (state.viaSocket || busy || !here) return null;
    state.askedAt = clock();
    state.askedIn = slept;
    return { view: here.view, selection: here.selection, n: state.askedAt };
  }

  function ask() {
    const data = clockRuns ? question() : null;
    if (data) window.dash_clientside.set_props("fallback-question", { data: data });
  }

  window.hudLive = {
    now: function () { return state.offset === null ? null : serverNow(); },
    paused: function () { return state.pausedAt > 0; },
    pause: pause,
    question: function () { return question() || window.dash_clientside.no_update; },
    answer: function (text) {
      clock();
      const missed = state.askedIn !== slept;
      if (!missed) state.askedAt = 0;
      if (text && !missed && !state.viaSocket) { state.polled = true; receive(text); }
      return null;
    },
  };

  // ---- frames ------------------------------------------------------------------------------------------------

  function receive(text) {
    const frame = JSON.parse(text);
    if (frame.view && frame.view !== state.view) return;
    state.heardAt = clock();
    const offset = frame.now - state.heardAt / 1000;
    // The least delayed frame tells the server's clock best; drift is let in slowly.
    state.offset = state.synced ? Math.max(offset, state.offset - 0.005) : offset;
    state.synced = true;
    state.trouble = frame.mode === "trouble";
    if (!state.trouble) take(frame);
    neverLoaded();
    show();
    requestAnimationFrame(function () { requestAnimationFrame(show); });
  }

  /* A full frame says everything; a diff what of its head changed, and deltas of the properties (assets/delta.js). */
  function take(frame) {
    const whole = frame.mode === "full";
    state.head = Object.assign(whole ? {} : state.head, frame);
    if (whole) state.props.clear();
    for (const [id, change] of Object.entries(frame.props)) {
      const known = state.props.get(id) || {};
      const next = whole ? change : window.hudDelta(known, change);
      state.props.set(id, next);
      apply(id, Object.fromEntries(Object.entries(next).filter(([name, value]) => whole || known[name] !== value)));
    }
    state.sampled = state.head.sampled;
    state.staleAfter = state.head.stale_after;
    state.gone = state.head.gone || [];
  }

  /* A server that went away while the page was loading leaves it empty; now that it is back, load it once more. */
  function neverLoaded() {
    const content = document.getElementById("_pages_content");
    const empty = !content || content.childElementCount === 0;
    if (empty && clock() - state.startedAt > EMPTY_MS) location.reload();
  }

  function ready() {
    return window.dash_clientside && window.dash_clientside.set_props;
  }

  /* Sets properties on an element that is there. One that is not gets everything when it appears (see watch). */
  function apply(id, changed) {
    const element = document.getElementById(id);
    if (!element || !ready()) { state.applied.delete(id); return; }
    const fresh = state.applied.get(id) !== element;
    if (state.pausedAt && !fresh && element.closest(".page")) return;
    if (fresh) {
      state.applied.set(id, element);
      changed = state.props.get(id);
    }
    const plain = {};
    let any = false;
    for (const [name, value] of Object.entries(changed)) {
      if (DRAWN[name]) window[DRAWN[name]].want(id, element, value);
      else { plain[name] = value; any = true; }
    }
    if (!any) return;
    const wanted = window.hudLook ? window.hudLook.steady(element, plain) : plain;
    if (!window.hudPaint || !window.hudPaint(element, wanted)) window.dash_clientside.set_props(id, wanted);
  }

  /* Holds the page still, or lets it catch up with all that came meanwhile. A page opened meanwhile is drawn once. */
  function pause(on) {
    if (on === state.pausedAt > 0) return;
    state.pausedAt = on ? clock() : 0;
    if (!on) for (const id of state.props.keys()) { state.applied.delete(id); apply(id, {}); }
    show();
  }

  let looking = false;

  function watch() {
    new MutationObserver(function () {
      if (looking) return;
      looking = true;
      requestAnimationFrame(function () {
        looking = false;
        for (const id of state.props.keys()) {
          const element = document.getElementById(id);
          if (element && state.applied.get(id) !== element) apply(id, {});
        }
      });
    }).observe(document.body, { subtree: true, childList: true });
  }

  // ---- how fresh it is -----------------------------------------------------------------------------------------

  function serverNow() {
    return clock() / 1000 + (state.offset || 0);
  }

  function span(seconds) {
    return seconds < 10 ? Math.max(0, seconds).toFixed(1) + " s" : whole(seconds);
  }

  function whole(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 120) return s + " s";
    if (s < 7200) return Math.round(s / 60) + " min";
    return Math.round(s / 3600) + " h";
  }

  /* Who is gone, why and for how long; several of one kind as one ("4 patterns down for 12 s"). */
  function names() {
    const kinds = new Map();
    for (const one of state.gone) {
      const name = one.source.split("@")[0] + "|" + one.why;
      kinds.set(name, (kinds.get(name) || []).concat(one));
    }
    return Array.from(kinds.values()).slice(0, SHOWN_GROUPS).map(function (some) {
      const first = some[0];
      const name = some.length > 1 ? some.length + " " + first.source.split("@")[0] : first.source;
      const since = Math.min.apply(null, some.map(function (one) { return one.since || Infinity; }));
      return name + " " + first.why + (since < Infinity ? " for " + whole(serverNow() - since) : "");
    }).join(", ");
  }

  function judge() {
    const now = clock();
    const silent = now - (state.heardAt || state.startedAt);
    if (state.view === null) return ["idle", ""];
    if (silent > (state.polled ? POLL_SILENCE_MS : SILENCE_MS)) {
      const frozen = "Connection lost " + whole(silent / 1000) + " ago, figures frozen";
      return ["lost", state.heardAt ? frozen : "No connection to the server"];
    }
    if (!state.heardAt) return ["connecting", "Connecting"];
    if (state.trouble) return ["stale", "This view cannot be computed, figures frozen"];
    if (!state.sampled) return ["stale", "No figures yet" + (state.gone.length ? ": " + names() : "")];
    const age = serverNow() - state.sampled;
    if (age > state.staleAfter) {
      const who = state.gone.length ? ": " + names() : "";
      return ["stale", "No new figures for " + whole(age) + who];
    }
    return state.viaSocket ? ["live", "Live"] : ["polling", "Polling every 2 s"];
  }

  function show() {
    const [found, said] = judge();
    const held = state.pausedAt > 0 && found !== "lost";
    const mode = held ? "paused" : found, words = held ? "Paused" : said;
    if (root.dataset.live !== mode) root.dataset.live = mode;
    const button = document.getElementById("pause-switch");
    if (button) button.setAttribute("aria-pressed", String(state.pausedAt > 0));
    say("live-state", words);
    if (held) say("live-age", "page held for " + whole((clock() - state.pausedAt) / 1000));
    else say("live-age", state.sampled ? "updated " + span(serverNow() - state.sampled) + " ago" : "");
  }

  function say(id, words) {
    const element = document.getElementById(id);
    if (element && element.textContent !== words) element.textContent = words;
  }

  // ---- start ---------------------------------------------------------------------------------------------------

  function moved() {
    if (keyOf(place()) !== state.key) { state.retries = 0; connect(); }
  }

  function begin() {
    watch();
    connect();
    // Dash navigates with pushState, which says nothing to anybody: look at the address on each tick.
    setInterval(function () {
      moved();
      if (state.viaSocket && clock() - state.heardAt > SILENCE_MS) {
        const half = state.socket;  // half-open: nobody tells, so it is given up by the clock
        half.close();
        retry(half);
      }
      polling();
      show();
    }, TICK_MS);
    document.addEventListener("click", function (event) {
      if (event.target.closest("#pause-switch")) pause(!state.pausedAt);
    });
    window.addEventListener("popstate", moved);
    window.addEventListener("online", connect);
    document.addEventListener("visibilitychange", function () {
      if (document.hidden) return;
      for (const drawer of Object.values(DRAWN)) if (window[drawer]) window[drawer].redraw();
      if (state.viaSocket && state.socket && state.socket.readyState === WebSocket.OPEN) {
        state.socket.send('{"refresh":1}');
      } else { state.retries = 0; connect(); }
    });
    window.addEventListener("beforeunload", drop);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
