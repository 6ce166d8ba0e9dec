/* The live connection: receives frames from the hub, sets the changed properties, and says how fresh the page is.
 *
 * html[data-live]: live    figures arrive over the websocket and are fresh
 *                  polling fresh, but fetched by dcc.Interval because there is no socket
 *                  stale   we are connected, but the sources (or the collector) deliver nothing new
 *                  paused  the viewer holds the page still; what surrounds it (top bar, rail) goes on
 *                  past    an instant of the past is shown, which the address says (?at=) and assets/time/ moves
 *                  lost    nothing arrives from the server: the figures are frozen
 */
(() => {
  "use strict";

  const SILENCE_MS = 2500;      // the hub speaks at least once a second; longer than this is a lost connection
  const RETRY_MAX_MS = 1000;
  const POLL_SILENCE_MS = 2700; // the same while polling every 2 s
  const CONNECT_GRACE_MS = 1500;
  const CONNECT_MS = 4000;      // a handshake that takes longer is abandoned
  const POLL_MS = 2000;         // how often the clocks of register_view tick while there is no socket
  const ASKING_MS = 6000;       // an answer that takes longer is not waited for
  const EMPTY_MS = 6000;        // by then a page has its content, or never will
  const TICK_MS = 200;
  const SHOWN_GROUPS = 5;
  const SESSION_ENDED = 4401;   // web/hub_client.py

  const root = document.documentElement;
  const { facts, whenReady, watch } = window.hudBase;
  const prefix = facts.prefix;
  const routes = facts.views.map((one) => {
    const names = [];
    const pattern = one.path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/<(\w+)>/g, (_, name) => {
      names.push(name);
      return "([^/]+)";
    });
    return { view: one.view, names: names, takes: one.takes || names, charts: one.charts, pattern: new RegExp(`^${pattern}/?$`) };
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
    heardAt: 0, viaSocket: false, polled: false, clocks: new Map(), asking: new Map(), wokenAt: -Infinity, movedAt: performance.now(),
    offset: null, synced: false, said: 0, sampled: 0, staleAfter: SILENCE_MS / 1000, gone: [], trouble: false, head: {},
    props: new Map(), applied: new Map(), startedAt: performance.now(), pausedAt: 0, past: null, asked: null,
  };

  // ---- which view this address shows -------------------------------------------------------------------------

  function place(address = location) {
    let path = address.pathname;
    if (path.startsWith(prefix)) path = `/${path.slice(prefix.length)}`;
    for (const route of routes) {
      const match = route.pattern.exec(path);
      if (!match) continue;
      const asked = Array.from(new URLSearchParams(address.search)).filter((pair) => route.takes.includes(pair[0]));
      const selection = Object.fromEntries(asked);
      route.names.forEach((name, i) => { selection[name] = decoded(match[i + 1]); });
      const query = new URLSearchParams(selection).toString();
      return { view: route.view, selection: selection, charts: route.charts, path: route.view + (query ? `?${query}` : "") };
    }
    return null;
  }

  /* A part of an address; one that is no UTF-8 as it stands. */
  function decoded(part) {
    try { return decodeURIComponent(part); } catch (_) { return part; }
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
    if (pastOf(here)) for (const view of ["shell", state.view]) handOver(view);  // says on what it said, until the answer comes
    if (keyOf(here) !== state.key) forget(here);
    if (!here) return;
    if (pastOf(here)) { askPast(); show(); return; }
    leavePast(here);
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const socket = new WebSocket(`${scheme + location.host + prefix}ws/${here.path}`);
    state.socket = socket;
    state.synced = false;
    const slow = setTimeout(() => { socket.close(); retry(socket); }, CONNECT_MS);
    socket.onopen = () => { clearTimeout(slow); };
    socket.onmessage = (message) => {
      const now = clock();
      if (socket !== state.socket) return;
      if (state.viaSocket && now - state.heardAt > SILENCE_MS) { woken(); return; }  // it waited here, who knows how long
      state.retries = 0;
      state.viaSocket = true;
      state.polled = false;
      polling();
      receive(message.data);
    };
    socket.onclose = socket.onerror = (event) => {
      clearTimeout(slow);
      if (event.code === SESSION_ENDED) location.reload();  // to the sign-in, and back here
      else retry(socket);
    };
  }

  /* Nothing that was on its way before the sleep is news: a new connection is asked, and a new answer. */
  function woken() {
    state.wokenAt = clock();
    state.synced = false;
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
    if (pastOf()) return;
    polling();
    const base = Math.min(RETRY_MAX_MS, 200 * 2 ** state.retries++);
    if (!state.retryTimer) state.retryTimer = setTimeout(connect, base * (0.5 + Math.random() / 2));
    show();
  }

  function forget(here) {
    state.view = here ? here.view : null;
    state.key = keyOf(here);
    state.movedAt = clock();
    if (here?.charts) window.hudCharts.load();  // while Dash makes the page
    window.hudPaint.release(() => false);
    state.props.clear();
    state.applied.clear();
    state.trouble = false;
  }

  // ---- the way round a lost socket: the dcc.Interval of the page and of the shell, each with its callback ----------

  /* The clocks tick while there is no socket; before the first connection of a page it gets a moment to be made. */
  function polling() {
    const on = !state.viaSocket && state.view !== null && clock() - state.movedAt > CONNECT_GRACE_MS;
    if (pastOf()) { askPast(); return; }
    if (document.querySelector(".top")) tell("shell", on);  // before, Dash has nothing of that name
    if (document.querySelector(`[data-view="${state.view}"]`)) tell(state.view, on && !state.pausedAt);
  }

  /* Told again now and then, since Dash may have laid the page out anew. The first time it asks at once. */
  function tell(view, on) {
    const since = state.clocks.get(view), now = clock();
    if (!ready() || (on ? now - since < POLL_MS : since === undefined)) return;
    if (on && since === undefined) handOver(view);
    if (on) state.clocks.set(view, now);
    else state.clocks.delete(view);
    const asking = on && since === undefined ? { disabled: false, n_intervals: Math.ceil(now) } : { disabled: !on };
    window.dash_clientside.set_props(`${view}-clock`, asking);
  }

  // ---- the past: asked for once for each instant, by the same callbacks ---------------------------------------------

  /* The instant that the address asks for, in seconds since 1970; NaN is none, as is what is not over yet. */
  function pastOf(here = place()) {
    const at = here ? Date.parse(here.selection.at || "") / 1000 : Number.NaN;
    return at < serverNow() - 1 || (at && state.offset === null) ? at : 0;
  }

  function askPast() {
    const here = place(), now = clock();
    const busy = (view) => now - state.asking.get(view) < ASKING_MS;
    if (!ready() || state.asked === here.path || busy(here.view) || busy("shell")) return;
    if (!document.querySelector(`[data-view="${here.view}"]`)) return;
    state.asked = here.path;
    for (const view of ["shell", here.view]) {
      handOver(view);
      state.clocks.delete(view);
      window.dash_clientside.set_props(`${view}-selection`, { data: here.selection });
      window.dash_clientside.set_props(`${view}-clock`, { disabled: true, n_intervals: Math.ceil(now) });
    }
  }

  function leavePast(here) {
    if (state.asked === null) return;
    state.asked = state.past = null;
    for (const view of ["shell", here.view]) window.dash_clientside.set_props(`${view}-selection`, { data: here.selection });
  }

  /* An answer from the past; what is asked for meanwhile comes next. */
  function answered(head) {
    state.past = { at: head.past.at, shown: head.now, kept: head.past.kept };
    show();
  }

  /* Before Dash sets properties itself, what was painted is its own again, and says what it said last. */
  function handOver(view) {
    const mine = (element) => Boolean(element.closest(".page")) === (view !== "shell");
    for (const id of window.hudPaint.release(mine)) window.dash_clientside.set_props(id, state.props.get(id) || {});
  }

  /* While an answer is under way Dash will set properties, so nothing is painted; then all is that came meanwhile. */
  function asking(view, on) {
    if (on) state.asking.set(view, clock());
    else setTimeout(() => {
      state.asking.delete(view);
      if (state.viaSocket) again();
      else if (pastOf()) { setTimeout(retryPast, RETRY_MAX_MS, state.asked); askPast(); }
    }, 0);
  }

  /* A question that got no answer (the server has too much to do) is asked again. */
  function retryPast(asked) {
    if (pastOf() && state.asked === asked && state.past?.at !== pastOf()) state.asked = null;
  }

  /* An answer that came by the clock; Dash has set its properties. One that comes too late has set old ones. */
  function polled(head) {
    if (!head || head.view !== state.view) return;
    if (state.viaSocket) return;
    if (head.past) { answered(head); return; }
    if (pastOf()) window.hudTime.go(null);  // by the server's clock it is not over
    const before = state.offset === null ? -Infinity : state.wokenAt / 1000 + state.offset;
    if (head.now < before) return;
    state.polled = true;
    hear(head);
    note(head);
    show();
  }

  window.hudLive = {
    now: () => pastOf() ? state.past?.shown ?? pastOf() : state.offset === null ? null : serverNow(),
    real: serverNow,
    past: () => pastOf() ? { wanted: pastOf(), ...state.past } : null,
    moved: moved,
    paused: () => state.pausedAt > 0,
    connected: () => state.viaSocket,
    watched: () => state.view !== null,
    pause: pause,
    polled: polled,
    asking: asking,
    shows: (address) => place(address) !== null,
  };

  /* What the Store of a table or a diagram holds, into its slot. */
  window.hudDraw = (id, data) => {
    const slot = document.getElementById(id);
    if (slot && data) (slot.classList.contains("diagram") ? window.hudDiagrams : window.hudTables).want(id, slot, data);
  };

  // ---- frames ------------------------------------------------------------------------------------------------

  function receive(text) {
    const frame = JSON.parse(text), before = state.sampled;
    if (frame.view && frame.view !== state.view) return;
    if (frame.now < state.said - SLEPT_MS / 1000) state.synced = false;  // the server's clock was set back
    state.said = frame.now;
    hear(frame);
    if (!state.trouble) take(frame);
    neverLoaded();
    show();
    const sampled = state.sampled;
    if (sampled !== before) requestAnimationFrame(() => { requestAnimationFrame(() => { show(); window.hudPainted?.(sampled); }); });
  }

  function hear(frame) {
    state.heardAt = clock();
    const offset = frame.now - state.heardAt / 1000;
    // The least delayed frame tells the server's clock best; drift is let in slowly.
    state.offset = state.synced ? Math.max(offset, state.offset - 0.005) : offset;
    state.synced = true;
    state.trouble = frame.mode === "trouble";
  }

  function note(head) {
    state.sampled = head.sampled;
    state.staleAfter = head.stale_after;
    state.gone = head.gone || [];
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
    note(state.head);
  }

  /* A server that went away while the page was loading leaves it empty; now that it is back, load it once more. */
  function neverLoaded() {
    const empty = !document.querySelector(".content :is(main, h1)");
    if (empty && clock() - state.startedAt > EMPTY_MS) location.reload();
  }

  function ready() {
    return window.dash_clientside?.set_props;
  }

  /* Where a component is on the page; a Store has no element, but that of its slot. */
  function placeOf(id) {
    return document.getElementById(id) || document.getElementById(id.replace(/-data$/, ""));
  }

  /* Sets properties on a component that is there. One that is not gets everything when it appears (see watch). */
  function apply(id, changed) {
    const element = placeOf(id);
    if (!element || !ready()) { state.applied.delete(id); return; }
    const fresh = state.applied.get(id) !== element;
    const inPage = Boolean(element.closest(".page"));
    if (clock() - state.asking.get(inPage ? state.view : "shell") < ASKING_MS) return;
    if (state.pausedAt && !fresh && inPage) return;
    if (fresh) {
      state.applied.set(id, element);
      changed = state.props.get(id);
    }
    if (Object.keys(changed).length === 0) return;
    const wanted = Object.assign({}, window.hudSteady(element, changed));
    // charts.js knows by its data that a figure is not what dcc.Graph made of a zoom
    if (wanted.figure) wanted.figure = Object.assign({}, wanted.figure, { data: (wanted.figure.data || []).slice() });
    // Of what a callback in the browser listens to, as hudDraw's does, Dash keeps every value for ever, to undo it.
    if (wanted.data) window.hudDraw(element.id, wanted.data);
    else if (!window.hudPaint(element, wanted)) window.dash_clientside.set_props(id, wanted);
  }

  function again() {
    for (const id of state.props.keys()) { state.applied.delete(id); apply(id, {}); }
  }

  /* Holds the page still, or lets it catch up with all that came meanwhile. A page opened meanwhile is drawn once. */
  function pause(on) {
    if (on === state.pausedAt > 0) return;
    state.pausedAt = on ? clock() : 0;
    if (!on) again();
    show();
  }

  /* What has come and had no place yet. */
  function fillNew() {
    for (const id of state.props.keys()) {
      const element = placeOf(id);
      if (element && state.applied.get(id) !== element) apply(id, {});
    }
  }

  // ---- how fresh it is -----------------------------------------------------------------------------------------

  function serverNow() {
    return state.offset === null ? Date.now() / 1000 : clock() / 1000 + state.offset;
  }

  function span(seconds) {
    return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : whole(seconds);
  }

  function whole(seconds) {
    const s = Math.max(0, Math.floor(seconds));
    if (s < 120) return `${s} s`;
    if (s < 7200) return `${Math.round(s / 60)} min`;
    return `${Math.round(s / 3600)} h`;
  }

  /* Who is gone, why and for how long; several of one kind as one ("4 patterns down for 12 s"). */
  function names() {
    const kinds = new Map();
    for (const one of state.gone) {
      const name = `${one.source.split("@")[0]}|${one.why}`;
      kinds.set(name, (kinds.get(name) || []).concat(one));
    }
    return Array.from(kinds.values()).slice(0, SHOWN_GROUPS).map((some) => {
      const first = some[0];
      const name = some.length > 1 ? `${some.length} ${first.source.split("@")[0]}` : first.source;
      const since = Math.min.apply(null, some.map((one) => one.since || Infinity));
      return `${name} ${first.why}${since < Infinity ? ` for ${whole(serverNow() - since)}` : ""}`;
    }).join(", ");
  }

  function judge() {
    const now = clock();
    const silent = now - (state.heardAt || state.startedAt);
    if (state.view === null) return ["idle", ""];
    if (pastOf()) return ["past", "Past"];
    if (silent > (state.polled ? POLL_SILENCE_MS : SILENCE_MS)) {
      const frozen = `Connection lost ${whole(silent / 1000)} ago, figures frozen`;
      return ["lost", state.heardAt ? frozen : "No connection to the server"];
    }
    if (!state.heardAt) return ["connecting", "Connecting"];
    if (state.trouble) return ["stale", "This view cannot be computed, figures frozen"];
    if (!state.sampled) return ["stale", `No figures yet${state.gone.length ? `: ${names()}` : ""}`];
    const age = serverNow() - state.sampled;
    if (age > state.staleAfter) {
      const who = state.gone.length ? `: ${names()}` : "";
      return ["stale", `No new figures for ${whole(age)}${who}`];
    }
    return state.viaSocket ? ["live", "Live"] : ["polling", "Polling every 2 s"];
  }

  function show() {
    const [found, said] = judge();
    const held = state.pausedAt > 0 && found !== "lost" && found !== "past";
    const mode = held ? "paused" : found, words = held ? "Paused" : said;
    if (root.dataset.live !== mode) root.dataset.live = mode;
    const button = document.getElementById("pause-switch");
    if (button) button.setAttribute("aria-pressed", String(state.pausedAt > 0));
    say("live-state", words);
    if (mode === "past") say("live-age", `as of ${new Date(window.hudLive.now() * 1000).toISOString().slice(11, 19)} UTC`);
    else if (held) say("live-age", `page held for ${whole((clock() - state.pausedAt) / 1000)}`);
    else say("live-age", state.sampled ? `updated ${span(serverNow() - state.sampled)} ago` : "");
  }

  function say(id, words) {
    const element = document.getElementById(id);
    if (!element || element.textContent === words) return;
    if (element.firstChild) element.firstChild.data = words;  // no new node: nobody who watches for those has to look
    else element.textContent = words;
  }

  // ---- start ---------------------------------------------------------------------------------------------------

  function moved() {
    if (keyOf(place()) !== state.key) { state.retries = 0; connect(); }
  }

  function begin() {
    watch(fillNew);
    connect();
    // Dash navigates with pushState, which says nothing to anybody: look at the address on each tick.
    setInterval(() => {
      moved();
      if (state.viaSocket && clock() - state.heardAt > SILENCE_MS) {
        const half = state.socket;  // half-open: nobody tells, so it is given up by the clock
        half.close();
        retry(half);
      }
      polling();
      show();
    }, TICK_MS);
    document.addEventListener("click", (event) => {
      if (event.target.closest("#pause-switch")) pause(!state.pausedAt);
    });
    window.addEventListener("popstate", moved);
    window.addEventListener("online", connect);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      for (const drawer of [window.hudTables, window.hudDiagrams]) drawer.redraw();
      if (state.viaSocket && state.socket && state.socket.readyState === WebSocket.OPEN) {
        state.socket.send('{"refresh":1}');
      } else { state.retries = 0; connect(); }
    });
    window.addEventListener("beforeunload", drop);
  }

  whenReady(begin);
})();
