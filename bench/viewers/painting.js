/* Other ways to put what a frame changed into the page, each in the place of assets/paint.js: `window.benchWay` says which. */
(() => {
  "use strict";

  const NAMES = { className: "class", colSpan: "colspan", rowSpan: "rowspan", dateTime: "datetime", tabIndex: "tabindex" };
  const LEFT_TO_DASH = /^(Input|Select|Textarea|Form|Iframe|Script|ObjectEl|Embed)$/;
  const ours = new Set();      // whose children are no longer React's
  const isSpec = (one) => one !== null && typeof one === "object" && !Array.isArray(one);
  let own, way;

  // ---- elements made anew, for a morphing library --------------------------------------------------------------

  function make(spec) {
    const link = spec.namespace === "dash_core_components" && spec.type === "Link";
    if (!link && (spec.namespace !== "dash_html_components" || LEFT_TO_DASH.test(spec.type))) throw new TypeError(spec.type);
    const element = document.createElement(link ? "a" : spec.type);
    const { children, key, style, ...props } = spec.props;
    for (const [name, value] of Object.entries(props)) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(NAMES[name] || name, value === true ? "" : value);
    }
    Object.assign(element.style, style);
    element.append(...nodes(children));
    return element;
  }

  function nodes(children) {
    const wanted = [children].flat(Infinity).filter((one) => one !== null && one !== undefined && one !== "");
    return wanted.map((one) => (typeof one === "object" ? make(one) : document.createTextNode(String(one))));
  }

  const LIBRARIES = {
    morphdom: (element, wanted) => morphdom(element, wanted, { childrenOnly: true }),
    idiomorph: (element, wanted) => Idiomorph.morph(element, Array.from(wanted.childNodes), { morphStyle: "innerHTML" }),
  };

  function morph(element, { children, ...props }, given) {
    if (!("children" in given)) return own(element, given);
    const wanted = element.cloneNode(false);
    try { wanted.append(...nodes(children), document.createComment("")); } catch (_) { return false; }
    if (!own(element, ours.has(element) ? props : { ...props, children: null })) return false;
    for (const name of ["appendChild", "insertBefore", "removeChild", "textContent"]) delete element[name];  // the library's as well
    ours.add(element);
    LIBRARIES[window.benchWay](element, wanted);
    return true;
  }

  // ---- Dash's set_props, only where something changed ------------------------------------------------------------

  const shown = new Map();     // id -> its path in Dash's layout, and the properties that are there

  function pathOf(id, at = window.dash_component_api.getLayout([]), path = []) {
    if (Array.isArray(at)) {
      for (let i = 0; i < at.length; i += 1) { const found = pathOf(id, at[i], [...path, i]); if (found) return found; }
      return null;
    }
    if (!isSpec(at) || !at.props) return null;
    return at.props.id === id ? path : pathOf(id, at.props.children, [...path, "props", "children"]);
  }

  function same(one, two) { return one === two || JSON.stringify(one) === JSON.stringify(two); }

  function alike(one, two) {
    if (Array.isArray(one)) return Array.isArray(two) && one.length === two.length && one.every((part, i) => isSpec(part) && isSpec(two[i]) && alike(part, two[i]) || same(part, two[i]));
    return isSpec(one) && isSpec(two) && one.type === two.type && one.namespace === two.namespace;
  }

  /* Sets of a component whose properties were `before` those that differ, on the component deepest down that can be set. */
  function narrow(path, before, after) {
    const changed = {};
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      if (same(before[name], after[name])) continue;
      if (name === "children" && alike(before.children, after.children)) {
        const deeper = Array.isArray(after.children) ? after.children.map((one, i) => [[i], before.children[i], one]) : [[[], before.children, after.children]];
        for (const [at, one, two] of deeper) if (isSpec(two)) narrow([...path, "props", "children", ...at], one.props, two.props);
      } else changed[name] = after[name] ?? null;
    }
    if (Object.keys(changed).length > 0) window.dash_clientside.set_props(path, changed);
  }

  function deep(element, props) {
    const known = shown.get(element);
    const path = known?.path || pathOf(element.id);
    if (!path) return false;
    const next = { ...known?.props, ...props };
    if (known) narrow(path, Object.fromEntries(Object.keys(props).map((name) => [name, known.props[name]])), props);
    else window.dash_clientside.set_props(path, props);
    shown.set(element, { path, props: next });
    return true;
  }

  const WAYS = { nothing: (_, props) => !("figure" in props), set_props: () => false, deep_set_props: deep, morphdom: (element, props) => morph(element, props, props), idiomorph: (element, props) => morph(element, props, props) };

  function release(mine) {
    const released = own.release(mine);
    for (const element of ours) if (released.includes(element.id) || !element.isConnected) ours.delete(element);
    return released;
  }

  // ---- a socket that plays what was recorded -----------------------------------------------------------------------

  const dated = (text) => text.replaceAll('"@now"', Date.now() / 1000);
  const quiet = '{"mode": "diff", "now": "@now", "props": {}}';
  const frame = () => new Promise(requestAnimationFrame);
  const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
  let socket, at = 0;

  /* A page that was silent for too long connects anew, and begins again with the whole. */
  window.WebSocket = class {
    static OPEN = 1;

    constructor() {
      this.readyState = 1;
      setTimeout(() => { socket = this; at = 0; this.onopen?.(); this.hear(window.benchWhole); });
      this.beat = setInterval(() => { this.hear(quiet); }, 1000);
    }

    hear(text) { if (socket === this) this.onmessage?.({ data: dated(text) }); }
    send() {}
    close() { clearInterval(this.beat); }
  };

  window.benchLongest = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.benchLongest = Math.max(window.benchLongest, one.duration);
  }).observe({ type: "longtask" });

  /* So many frames, each after the seconds that it waited, or one a frame of the screen; how many changed something. */
  window.benchPlay = async (changes, times, paced) => {
    let due = performance.now(), pushes = 0;
    window.benchLongest = 0;
    for (let played = 0; played < times; played += 1) {
      due += 1000 * changes[at][0];
      if (paced) await pause(due - performance.now());
      const text = changes[at][1];  // not before: a new connection begins again
      pushes += !text.includes('"props": {}');
      at = (at + 1) % changes.length;
      socket.hear(text);
      if (!paced) await frame();
    }
    await frame();
    return pushes;
  };

  // ---- what a viewer is in the midst of ------------------------------------------------------------------------------

  const inside = () => Array.from(ours_places()).flatMap((place) => Array.from(place.querySelectorAll("*")));
  let holding;

  function ours_places() {
    return Object.keys(JSON.parse(window.benchWhole).props).map((id) => document.getElementById(id)).filter((one) => one?.closest("main"));
  }

  window.benchHold = () => {
    const elements = inside();
    const link = elements.find((one) => one.localName === "a"), text = elements.find((one) => one.childNodes.length === 1 && one.innerText?.length > 3);
    for (const one of document.querySelectorAll("main details")) one.open = true;
    const folds = Array.from(document.querySelectorAll("main details"));
    link?.focus({ preventScroll: true });
    if (text) getSelection().selectAllChildren(text);
    scrollTo(0, 150);
    holding = { elements: elements.map((one) => new WeakRef(one)), link, text: getSelection().toString(), folds: folds.length, y: scrollY };
  };

  window.benchLost = () => {
    const kept = holding.elements.filter((one) => one.deref()?.isConnected).length;
    return {
      kept_ratio: Math.round(1000 * kept / Math.max(1, holding.elements.length)) / 1000,
      lost_focus: Boolean(holding.link) && document.activeElement !== holding.link,
      lost_selection: Boolean(holding.text) && getSelection().toString() !== holding.text,
      lost_details: holding.folds - document.querySelectorAll("main details[open]").length,
      lost_scroll: Math.abs(scrollY - holding.y),
    };
  };

  if (window.benchWay === "paint") return;
  Object.defineProperty(window, "hudPaint", {
    get: () => way,
    set: (given) => { own = given; way = Object.assign((...asked) => WAYS[window.benchWay](...asked), { release }); },
  });
})();
