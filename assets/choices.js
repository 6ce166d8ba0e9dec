/* What a viewer chooses for their own browser: the theme, the zone of times, and whether the page is live. The switches in
 * the top bar and the radio buttons of Settings (components/choices.py) choose the same, so each follows the other.
 *
 * A choice stands in data-theme and data-zone, in localStorage, and in the address of every page, so that it survives being
 * shared; so does data-embed, which only the address can say. data-bs-theme is the theme that is shown: the chosen one, else
 * the system's. The document's own script sets all four before the first paint.
 */
(() => {
  "use strict";

  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const KEPT = ["theme", "zone", "embed"];

  function choose(name, value) {
    if ((root.dataset[name] || "") === value) return;
    if (value) root.dataset[name] = value;
    else delete root.dataset[name];
    try {
      if (value) localStorage.setItem(`hud-${name}`, value);
      else localStorage.removeItem(`hud-${name}`);
    } catch (_) { /* refused: kept until the page is left */ }
    dress();
    share();
  }

  function dress() {
    root.dataset.bsTheme = root.dataset.theme || (dark.matches ? "dark" : "light");
  }

  function share() {
    const query = new URLSearchParams(location.search), before = query.toString();
    for (const name of KEPT) {
      if (root.dataset[name]) query.set(name, root.dataset[name]);
      else query.delete(name);
    }
    const text = query.toString();
    if (text !== before) history.replaceState(history.state, "", location.pathname + (text ? `?${text}` : "") + location.hash);
  }

  const choices = {
    theme: { now: () => root.dataset.theme || "", choose: (value) => choose("theme", value) },
    zone: { now: () => root.dataset.zone || "utc", choose: (value) => choose("zone", value) },
    updates: {
      now: () => (window.hudLive.paused() ? "paused" : "live"),
      choose: (value) => window.hudLive.pause(value === "paused"),
    },
  };

  window.hudChoices = choices;  // notices.js adds its own

  /* What is chosen, on the radio buttons that are there. */
  function show() {
    share();
    for (const box of document.querySelectorAll("[data-choice]")) {
      const now = choices[box.dataset.choice].now(), buttons = box.querySelector("[id]");
      const found = Array.from(box.querySelectorAll("input:checked"), (one) => one.value);
      const several = Array.isArray(now);
      if (several ? found.join() !== now.join() : found[0] !== now) window.dash_clientside.set_props(buttons.id, { value: now });
    }
  }

  document.addEventListener("change", (event) => {
    const box = event.target.closest("[data-choice]");
    if (!box) return;
    const several = event.target.type === "checkbox";
    const chosen = Array.from(box.querySelectorAll("input:checked"), (one) => one.value);
    Promise.resolve(choices[box.dataset.choice].choose(several ? chosen : event.target.value)).then(show);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#theme-switch")) choose("theme", root.dataset.bsTheme === "dark" ? "light" : "dark");
    else if (event.target.closest("#zone-switch")) choose("zone", choices.zone.now() === "utc" ? "local" : "utc");
  });
  dark.addEventListener("change", dress);
  const soon = window.hudBase.watch(show);
  new MutationObserver(soon).observe(root, { attributes: true, attributeFilter: ["data-theme", "data-zone", "data-live"] });
})();
