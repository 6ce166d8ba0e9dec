/* Puts what a frame changed straight into the page's elements, where they are plain HTML.
 *
 * Dash would tell each of a page's components of each change: with hundreds of rows that is seconds of work a frame.
 * Its first rendering stays as it is, but for what changes; it takes away a page as a whole, so nothing is left of it.
 */
(function () {
  "use strict";

  const NAMES = {
    className: "class", colSpan: "colspan", rowSpan: "rowspan", dateTime: "datetime", htmlFor: "for",
    tabIndex: "tabindex", hidden: "hidden", title: "title", href: "href", dir: "dir", lang: "lang", role: "role",
    scope: "scope", style: "style", id: "id", target: "target", disabled: "disabled",
  };
  const OURS = ["class", "title", "hidden", "style", "href", "dir", "datetime", "colspan", "role"];  // taken away again
  const SILENT = ["key", "children"];
  const LEFT_TO_DASH = /^(Input|Select|Textarea|Form|Details|Iframe|Script|ObjectEl|Embed)$/;
  const SAFE = /^(?:[/?#.]|https?:)/;
  const known = new Map();    // "namespace.type" -> the name of its element, or null
  const links = new WeakSet();

  function tagOf(spec) {
    const name = spec.namespace + "." + spec.type;
    if (!known.has(name)) {
      const html = spec.namespace === "dash_html_components" && !LEFT_TO_DASH.test(spec.type);
      known.set(name, html ? spec.type.toLowerCase() : name === "dash_core_components.Link" ? "a" : null);
    }
    return known.get(name);
  }

  function attribute(name) {
    return NAMES[name] || (/^(?:aria|data)-/.test(name) ? name : null);
  }

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
      const wanted = Object.entries(value).map(([key, one]) => [key.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase()), String(one)]);
      for (const key of Array.from(element.style)) if (!wanted.some((pair) => pair[0] === key)) element.style.removeProperty(key);
      for (const [key, one] of wanted) if (element.style.getPropertyValue(key) !== one) element.style.setProperty(key, one);
      return;
    }
    const gone = value === null || value === undefined || value === false || (own === "href" && !SAFE.test(value));
    if (gone) element.removeAttribute(own);
    else {
      const text = value === true ? "" : String(value);
      if (element.getAttribute(own) !== text) element.setAttribute(own, text);
    }
  }

  function dress(element, props) {
    const given = Object.keys(props).filter((name) => !SILENT.includes(name));
    const wanted = given.map(attribute);
    for (const name of OURS) if (!wanted.includes(name) && element.hasAttribute(name)) element.removeAttribute(name);
    for (const name of given) set(element, name, props[name]);
  }

  /* A link that Dash made leads where it did when it was made. */
  function usable(node, tag) {
    return node !== null && node.nodeType === 1 && node.localName === tag && (tag !== "a" || links.has(node));
  }

  function made(tag) {
    const element = document.createElement(tag);
    if (tag === "a") links.add(element);
    return element;
  }

  function fill(parent, children) {
    const wanted = [children].flat(Infinity).filter((one) => one !== null && one !== undefined && one !== "");
    let at = parent.firstChild;
    for (const one of wanted) {
      if (typeof one !== "object") {
        const text = String(one);
        if (at !== null && at.nodeType === 3) { if (at.data !== text) at.data = text; at = at.nextSibling; }
        else parent.insertBefore(document.createTextNode(text), at);
        continue;
      }
      const tag = tagOf(one);
      let element = at;
      if (usable(at, tag)) at = at.nextSibling;
      else {
        element = parent.insertBefore(made(tag), at);
        if (at !== null && at.nodeType === 1 && at.localName === tag) { const old = at; at = at.nextSibling; old.remove(); }
      }
      dress(element, one.props);
      fill(element, one.props.children);
    }
    while (at !== null) { const next = at.nextSibling; at.remove(); at = next; }
  }

  /* True when the properties are set; false when Dash has to. */
  window.hudPaint = function (element, props) {
    if (!worded(props) || (element.localName === "a" && "href" in props)) return false;
    for (const name of Object.keys(props)) if (!SILENT.includes(name)) set(element, name, props[name]);
    if ("children" in props) fill(element, props.children);
    return true;
  };

  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a");
    if (!link || !links.has(link) || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey || (link.target && link.target !== "_self")) return;
    if (link.origin !== location.origin) return;
    event.preventDefault();
    history.pushState({}, "", link.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });
})();
