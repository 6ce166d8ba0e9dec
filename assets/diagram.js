/* Flow diagrams in the slots that a page keeps for them, drawn by Mermaid once it is there and the slot is on screen.
 *
 * A value is {wide: {text, lines, links}, narrow: {…}}, or {empty: words}; see components/charts/mermaid_text.py. A diagram
 * is laid out anew only when its text changes, beside the page, and takes the place of the old one whole; what its boxes
 * say is set as text, whatever it holds. Colours are the page's own: Mermaid's style sheet is thrown away.
 */
(() => {
  "use strict";

  const NARROW = 560;         // below this many pixels, or as many as the slot's data-narrow says, the narrow one is drawn
  const FAILED = "The diagram cannot be drawn here; the words below tell the same.";
  const FONT_PIXELS = 12;
  const LOOSE = { nodeSpacing: 7, rankSpacing: 36, padding: 4, minNodeWidth: 112 };
  const TIGHT = { nodeSpacing: 7, rankSpacing: 12, padding: 4, minNodeWidth: 56 };
  const { element, facts, library } = window.hudBase;
  const BELOW = (facts.prefix || "/").replace(/\/$/, "");  // the path below which the dashboard is seen
  const wanted = new Map();
  const visible = new WeakSet();
  let serial = 0;

  const onScreen = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) { visible.add(entry.target); draw(entry.target.id); }
      else visible.delete(entry.target);
    }
  }, { rootMargin: "100px" });
  const sizes = new ResizeObserver((entries) => {
    for (const entry of entries) draw(entry.target.id);
  });

  /* A narrow one is drawn tighter, so that it need not be made small. */
  function prepare(narrow) {
    window.mermaid.initialize({
      startOnLoad: false, securityLevel: "strict", suppressErrorRendering: true, look: "classic", layout: "dagre", theme: "null",
      fontFamily: getComputedStyle(document.body).fontFamily, htmlLabels: false,
      themeVariables: { fontSize: `${FONT_PIXELS}px` },
      flowchart: Object.assign({ htmlLabels: false, wrappingWidth: 1000, curve: "basis" }, narrow ? TIGHT : LOOSE),
    });
  }

  function want(id, slot, value) {
    let one = wanted.get(id);
    if (one && one.slot !== slot) { release(one); one = null; }
    if (!one) {
      one = { id: id, slot: slot, value: null, text: null, busy: false };
      wanted.set(id, one);
      onScreen.observe(slot);
      sizes.observe(slot);
    }
    one.value = value;
    draw(id);
  }

  function release(one) {
    onScreen.unobserve(one.slot);
    sizes.unobserve(one.slot);
    wanted.delete(one.id);
  }

  function draw(id) {
    const one = wanted.get(id);
    if (!one || !one.value || !visible.has(one.slot) || document.hidden) return;
    if (!one.slot.isConnected) { release(one); return; }
    if (one.value.empty) { words(one, one.value.empty); return; }
    if (!window.mermaid) { library("diagrams").then(() => { draw(id); }); return; }
    if (one.busy) return;
    const narrow = one.slot.clientWidth < (Number(one.slot.dataset.narrow) || NARROW);
    const wish = narrow ? one.value.narrow : one.value.wide;
    if (one.text === wish.text) { say(one.slot, wish.lines); link(one.slot, wish.links); }
    else { prepare(narrow); lay(one, wish); }
  }

  /* One at a time; what came meanwhile is drawn after it. */
  async function lay(one, wish) {
    one.busy = true;
    serial += 1;
    const name = `${one.id}-drawing-${serial}`;
    const bench = document.body.appendChild(element("div", "diagram-bench"));
    try {
      const made = await window.mermaid.render(name, wish.text, bench);
      show(one, wish, made.svg);
    } catch (error) {
      words(one, FAILED);
      one.text = wish.text;
      console.warn(`diagram: ${error}`);
    }
    bench.remove();
    one.busy = false;
    draw(one.id);
  }

  function show(one, wish, markup) {
    const holder = element("template");
    holder.innerHTML = markup;
    const drawing = holder.content.querySelector("svg");
    for (const style of drawing.querySelectorAll("style")) style.remove();
    const size = drawing.viewBox.baseVal;
    drawing.removeAttribute("style");
    drawing.removeAttribute("role");
    drawing.removeAttribute("aria-roledescription");
    if (wish.links) drawing.setAttribute("role", "presentation");
    else drawing.setAttribute("aria-hidden", "true");
    drawing.setAttribute("height", "100%");
    drawing.style.maxWidth = `${Math.ceil(size.width)}px`;
    drawing.style.maxHeight = `${Math.ceil(size.height)}px`;
    drawing.style.setProperty("--width", `${Math.ceil(size.width)}px`);
    say(holder.content, wish.lines);
    link(holder.content, wish.links);
    const focused = one.slot.contains(document.activeElement) && document.activeElement.getAttribute("href");
    one.slot.replaceChildren(drawing);
    if (focused) one.slot.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    one.slot.dataset.drawn = "true";
    one.text = wish.text;
  }

  function say(root, lines) {
    for (const box of root.querySelectorAll("g.node")) {
      const told = lines[(/flowchart-(n\d+)-/.exec(box.id) || [])[1]] || [];
      const rows = box.querySelectorAll("tspan.row");
      for (let i = 0; i < rows.length; i += 1) {
        const last = i === rows.length - 1;
        const text = (last ? told.slice(i).join(" ") : told[i]) || "";
        if (rows[i].textContent !== text) rows[i].textContent = text;
      }
    }
  }

  /* Boxes that lead somewhere: real links, for the keyboard and the middle button too. */
  function link(root, links) {
    for (const box of links ? root.querySelectorAll("g.node") : []) {
      const [path, label] = links[(/flowchart-(n\d+)-/.exec(box.id) || [])[1]] || [];
      if (!path) continue;
      const href = BELOW + path;
      let around = box.parentElement;
      if (around.localName !== "a") {
        around = document.createElementNS("http://www.w3.org/2000/svg", "a");
        box.replaceWith(around);
        around.append(box);
      }
      if (around.getAttribute("href") !== href) around.setAttribute("href", href);
      if (around.getAttribute("aria-label") !== label) around.setAttribute("aria-label", label);
    }
  }

  function words(one, text) {
    one.text = null;
    const known = one.slot.querySelector(":scope > .diagram-words");
    if (known && known.textContent === text) return;
    one.slot.replaceChildren(element("p", "diagram-words", text));
    one.slot.dataset.drawn = "true";
  }

  function redraw() {
    for (const id of Array.from(wanted.keys())) draw(id);
  }

  window.hudDiagrams = { want: want, redraw: redraw };
})();
