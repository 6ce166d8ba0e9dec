/* Puts what a frame changed straight into elements of plain HTML. On System Health of a large site a push takes the main
 * thread 65 ms so, 87 with morphdom, 7.7 s with Dash's set_props (docs/how-it-works.md). What React made in an element is
 * laid aside, whole, and put back when Dash is to go on (`release`), or when React changes it, as a late answer makes it. */
(() => {
  "use strict";

  const NAMES = {
    className: "class", colSpan: "colspan", rowSpan: "rowspan", dateTime: "datetime", htmlFor: "for",
    tabIndex: "tabindex", hidden: "hidden", title: "title", href: "href", dir: "dir", lang: "lang", role: "role",
    scope: "scope", style: "style", id: "id", target: "target", disabled: "disabled",
  };
  const OURS = ["class", "title", "hidden", "style", "href", "dir", "datetime", "colspan", "role"];  // taken away again
  const SILENT = ["key", "children"], SAFE = /^(?:[/?#.]|https?:)/;
  const LEFT_TO_DASH = /^(Input|Select|Textarea|Form|Iframe|Script|ObjectEl|Embed)$/;
  const known = new Map();    // "namespace.type" -> the name of its element, or null
  const aside = new Map();    // a painted element -> what puts each part of it back as React left it
  const CHANGES = ["appendChild", "insertBefore", "removeChild"];  // by which, and by textContent, React changes an element

  function tagOf(spec) {
    const name = `${spec.namespace}.${spec.type}`;
    if (!known.has(name)) {
      const html = spec.namespace === "dash_html_components" && !LEFT_TO_DASH.test(spec.type);
      known.set(name, html ? spec.type.toLowerCase() : name === "dash_core_components.Link" ? "a" : null);
    }
    return known.get(name);
  }

  const attribute = (name) => NAMES[name] || (/^(?:aria|data)-/.test(name) ? name : null);
  function paintable(what) {
    if (what === null || what === undefined || typeof what !== "object") return typeof what !== "boolean";
    if (Array.isArray(what)) return what.every(paintable);
    return Boolean(what.type && tagOf(what)) && worded(what.props);
  }

  function worded(props) {
    return Object.keys(props).every((name) => SILENT.includes(name) || attribute(name) !== null) && paintable(props.children);
  }

  function set(element, name, value) {
    const own = attribute(name);
    if (own === "style" && value) {
      const wanted = Object.entries(value).map(([key, one]) => [key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), String(one)]);
      for (const key of Array.from(element.style)) if (!wanted.some((pair) => pair[0] === key)) element.style.removeProperty(key);
      for (const [key, one] of wanted) if (element.style.getPropertyValue(key) !== one) element.style.setProperty(key, one);
      return;
    }
    const gone = value === null || value === undefined || value === false || (own === "href" && !SAFE.test(value));
    const text = value === true ? "" : String(value);
    if (gone) element.removeAttribute(own);
    else if (element.getAttribute(own) !== text) element.setAttribute(own, text);
  }

  function dress(element, props) {
    const given = Object.keys(props).filter((name) => !SILENT.includes(name));
    const wanted = given.map(attribute);
    for (const name of OURS) if (!wanted.includes(name) && element.hasAttribute(name)) element.removeAttribute(name);
    for (const name of given) set(element, name, props[name]);
  }

  function fill(parent, children) {
    const wanted = [children].flat(Infinity).filter((one) => one !== null && one !== undefined && one !== "");
    let at = parent.firstChild;
    for (const one of wanted) {
      if (typeof one !== "object") {
        const text = String(one);
        if (at !== null && at.nodeType === 3) { if (at.data !== text) at.data = text; at = at.nextSibling; }
        else Node.prototype.insertBefore.call(parent, document.createTextNode(text), at);
        continue;
      }
      const tag = tagOf(one), same = at !== null && at.localName === tag;
      const element = same ? at : Node.prototype.insertBefore.call(parent, document.createElement(tag), at);
      if (same) at = at.nextSibling;
      dress(element, one.props);
      fill(element, one.props.children);
    }
    while (at !== null && at.nodeType !== 8) { const next = at.nextSibling; at.remove(); at = next; }
  }

  /* Lays aside what React made in an element. The comment keeps React from changing a lone text node of ours. */
  function take(element, undo) {
    const nodes = Array.from(element.childNodes);
    element.replaceChildren(document.createComment(""));
    for (const name of CHANGES) element[name] = (...which) => { giveBack(element); return element[name](...which); };
    const own = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
    Object.defineProperty(element, "textContent", { ...own, set: (text) => { giveBack(element); element.textContent = text; } });
    undo.set("children", () => { for (const name of [...CHANGES, "textContent"]) delete element[name]; element.replaceChildren(...nodes); });
  }

  function giveBack(element) {
    window.hudSteady.note(element);
    const undo = aside.get(element);
    aside.delete(element);
    undo.forEach((back) => { back(); });
  }

  /* True when the properties are set; false when Dash has to. */
  window.hudPaint = (element, props) => {
    if (!worded(props) || (element.localName === "a" && "href" in props)) return false;
    const undo = aside.get(element) || new Map();
    aside.set(element, undo);
    for (const name of Object.keys(props).filter((one) => !SILENT.includes(one))) {
      const own = attribute(name), old = element.getAttribute(own);
      if (!undo.has(own)) undo.set(own, () => (old === null ? element.removeAttribute(own) : element.setAttribute(own, old)));
      set(element, name, props[name]);
    }
    if ("children" in props) {
      if (!undo.has("children")) take(element, undo);
      fill(element, props.children);
    }
    return true;
  };

  /* Gives the painted elements for which `mine` is true back to React; their ids. Those of a page that is gone are forgotten. */
  window.hudPaint.release = (mine) => {
    for (const element of aside.keys()) if (!element.isConnected) aside.delete(element);
    const released = Array.from(aside.keys()).filter(mine);
    released.forEach(giveBack);
    return released.map((element) => element.id);
  };
})();
