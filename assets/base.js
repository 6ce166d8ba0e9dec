/* What the other scripts share; its name makes it the first that Dash loads. What the document tells them, how an element
 * is made, how a library is fetched once it is needed, and how a change of the page is noticed.
 */
(() => {
  "use strict";

  const RETRY_MS = 2000;
  const facts = JSON.parse(document.getElementById("live-facts")?.textContent || "{}");
  const libraries = new Map(); // name -> the promise of it

  function element(name, look, text) {
    const made = document.createElement(name);
    if (look) made.className = look;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Adds what `make` makes to the head, again and again until it is loaded. */
  function loaded(make) {
    return new Promise((resolve) => {
      const attempt = () => {
        const one = make();
        one.onload = resolve;
        one.onerror = () => { one.remove(); setTimeout(attempt, RETRY_MS); };
      };
      attempt();
    });
  }

  function script(address) {
    const one = Object.assign(element("script"), { async: true, src: address });
    return document.head.appendChild(one);
  }

  /* Before all others, so that ours stand above it. */
  function sheet(address) {
    const one = Object.assign(element("link"), { rel: "stylesheet", href: address });
    document.head.prepend(one);
    return one;
  }

  /* The promise of a library and its style sheet; the document says where they are. */
  function library(name) {
    if (!libraries.has(name)) {
      const style = facts[`${name}Style`], parts = [loaded(() => script(facts[name]))];
      if (style) parts.push(loaded(() => sheet(style)));
      libraries.set(name, Promise.all(parts));
    }
    return libraries.get(name);
  }

  function whenReady(work) {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work);
    else work();
  }

  /* Calls `work` now and whenever the page has changed, once a frame at the most; gives what asks for another call. A page
   * that nobody looks at draws no frames. */
  function watch(work, options) {
    let waiting = false;
    const soon = () => {
      if (waiting) return;
      waiting = true;
      const done = () => { waiting = false; work(); };
      if (document.hidden) setTimeout(done, 0);
      else requestAnimationFrame(done);
    };
    whenReady(() => {
      new MutationObserver(soon).observe(document.body, { subtree: true, childList: true, ...options });
      work();
    });
    return soon;
  }

  window.hudBase = { facts, element, library, whenReady, watch };
})();
