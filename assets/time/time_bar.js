/* The time bar: which instant the pages show, as their address says it (?at=). Dragged, clicked, stepped by keys or played;
 * live.js asks for what is chosen. What happened in the last 24 hours is marked on it, from /api/changes.
 */
(() => {
  "use strict";

  const DAY = 86400, MARKS_MS = 60000, FIRST_MS = 1500, PLAY_MS = 250, MOST_MARKS = 240;
  const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -600, PageUp: 600 };
  const GRAVE = { critical: 2, warning: 1 };
  const { facts, element, whenReady } = window.hudBase;
  const byId = (id) => document.getElementById(id);
  const now = () => Math.floor(window.hudLive.real());
  let marks = [], playing = 0, playedAt = 0, dragging = false, preview = null;

  // ---- the instant and the address ---------------------------------------------------------------------------------

  const shown = () => preview ?? window.hudLive.past()?.wanted ?? null;

  /* To an instant in seconds since 1970, or to now (null). */
  function go(at) {
    const last = now() - 2, wanted = at === null || at > last ? null : Math.round(Math.max(at, now() - DAY + 60));
    const before = window.hudLive.past(), said = wanted === null ? "" : `${new Date(wanted * 1000).toISOString().slice(0, 19)}Z`;
    if (wanted === null) play(false);
    const address = location.pathname + window.hudAddress("at", said) + location.hash;
    if (Boolean(before) === (wanted !== null)) history.replaceState(history.state, "", address);
    else history.pushState(history.state, "", address);
    window.hudLive.moved();
    show();
  }

  function step(seconds) {
    go((shown() ?? now() - 2) + seconds);
  }

  // ---- playing -----------------------------------------------------------------------------------------------------

  function play(on) {
    clearInterval(playing);
    playing = 0;
    if (on && shown() === null) go(now() - 300);
    playedAt = performance.now();
    if (on) playing = setInterval(onward, PLAY_MS);
    byId("time-play").setAttribute("aria-pressed", String(Boolean(playing)));
    byId("time-play").title = playing ? "Stop" : "Play";
  }

  /* On by the time that has passed, in whole seconds, as soon as the instant before is on the screen. */
  function onward() {
    const past = window.hudLive.past(), seconds = (performance.now() - playedAt) / 1000 * Number(byId("time-speed").value);
    if (!past || document.hidden) { play(false); return; }
    if (past.at !== past.wanted || seconds < 1) return;
    playedAt = performance.now();
    go(past.wanted + Math.floor(seconds));
  }

  // ---- what it says -------------------------------------------------------------------------------------------------

  function span(seconds) {
    if (seconds < 60) return `${Math.floor(seconds)} s`;
    const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
    return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
  }

  const utc = (at) => new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ");

  function keptWords(past) {
    if (past.at !== past.wanted) return " · asking …";
    if (past.kept === "nothing") return " · nothing is kept of that time";
    return past.kept === "every read" ? "" : ` · kept by the minute: as of ${utc(past.shown).slice(11)}`;
  }

  function say(id, words) {
    const place = byId(id);
    if (place && place.textContent !== words) place.textContent = words;
  }

  function set(place, name, value) {
    if (place.getAttribute(name) !== value) place.setAttribute(name, value);
  }

  function show() {
    const past = window.hudLive.past(), slider = byId("time-slider"), at = shown(), present = now();
    if (!slider) return;
    byId("past").hidden = !past;
    if (past) {
      set(byId("past-time"), "datetime", new Date(past.wanted * 1000).toISOString());
      say("past-time", `${utc(past.wanted)} UTC`);
      say("past-age", ` (${span(present - past.wanted)} ago)`);
      say("past-kept", keptWords(past));
    }
    const value = at ?? present, words = at === null ? "Live" : `${utc(at)} UTC, ${span(present - at)} ago`;
    for (const [name, said] of [["valuemin", present - DAY], ["valuemax", present], ["valuenow", value], ["valuetext", words]])
      set(slider, `aria-${name}`, String(said));
    byId("time-knob").style.left = `${place(value, present)}%`;
    say("time-said", at === null ? "Live" : utc(at).slice(11));
    byId("time-play").parentElement.classList.toggle("is-past", at !== null);
  }

  const place = (at, present) => Math.min(100, Math.max(0, 100 - (present - at) / DAY * 100));

  // ---- what happened -----------------------------------------------------------------------------------------------

  /* Alerts that began, restarts, sources lost and times at which nobody watched; of one minute the gravest. */
  function worth(changes) {
    const minutes = new Map();
    for (const one of changes) {
      const grave = one.kind === "alert" ? GRAVE[one.severity] || 0 : ["restart", "source"].includes(one.kind) ? 0.5 : 0;
      const minute = Math.floor(one.time_timestamp_seconds / 60), known = minutes.get(minute);
      if (grave && (!known || known.grave < grave)) minutes.set(minute, { ...one, grave: grave });
    }
    return Array.from(minutes.values()).sort((a, b) => b.grave - a.grave).slice(0, MOST_MARKS);
  }

  async function learn() {
    if (document.hidden || !byId("time-bar")?.offsetParent) return;
    try {
      const answer = await fetch(`${facts.prefix}api/changes?range=24h`);
      if (answer.ok) { marks = worth((await answer.json()).changes); drawMarks(); }
    } catch (_) { /* asked again in a minute */ }
  }

  function drawMarks() {
    byId("time-marks").replaceChildren(...marks.map((one) => {
      const mark = element("i", `time-mark is-${one.kind} is-${one.severity}`);
      mark.style.left = `${place(one.time_timestamp_seconds, now())}%`;
      mark.title = `${utc(one.time_timestamp_seconds).slice(11)} ${one.words}`;
      return mark;
    }));
  }

  // ---- hands -------------------------------------------------------------------------------------------------------

  function pointed(event) {
    const box = byId("time-slider").getBoundingClientRect();
    return now() - DAY * (1 - Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)));
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in STEPS) step(STEPS[event.key] * (event.shiftKey && Math.abs(STEPS[event.key]) === 1 ? 60 : 1));
    else if (event.key === "Home") go(now() - DAY);
    else if (event.key === "End") go(null);
    else return;
    event.preventDefault();
  }

  function drag(event) {
    const slider = byId("time-slider");
    slider.setPointerCapture(event.pointerId);
    slider.focus();
    dragging = true;
    preview = pointed(event);
    go(preview);
  }

  function open(on) {
    byId("time-fold").setAttribute("aria-expanded", String(on));
    byId("time-bar").parentElement.classList.toggle("is-open", on);
    if (on) learn();
  }

  function begin() {
    const slider = byId("time-slider");
    slider.addEventListener("keydown", key);
    slider.addEventListener("pointerdown", drag);
    slider.addEventListener("pointermove", (event) => { if (dragging) { preview = pointed(event); go(preview); } });
    for (const end of ["pointerup", "pointercancel"])
      slider.addEventListener(end, () => { dragging = false; preview = null; show(); });
    byId("time-play").addEventListener("click", () => { play(!playing); });
    byId("time-live").addEventListener("click", () => { go(null); });
    byId("time-fold").addEventListener("click", () => { open(byId("time-fold").getAttribute("aria-expanded") !== "true"); });
    window.hudCommands.add("live", () => { go(null); });
    window.hudCommands.add("past", () => { open(true); slider.focus(); });
    open(false);
    play(false);
    setInterval(show, 500);
    setTimeout(learn, FIRST_MS);
    setInterval(learn, MARKS_MS);
    show();
  }

  window.hudTime = { go: go };
  whenReady(() => {
    const is = () => byId("time-slider") && window.hudLive;
    if (is()) { begin(); return; }
    const waiting = new MutationObserver(() => { if (is()) { waiting.disconnect(); begin(); } });
    waiting.observe(document.body, { subtree: true, childList: true });
  });
})();
