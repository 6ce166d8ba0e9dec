/* Radio buttons for what a viewer chooses (components/choices.py): theme, zone of times, and whether the page is live.
 * The switches in the top bar choose the same, so each follows the other.
 */
(function () {
  "use strict";

  const root = document.documentElement;
  const now = {
    theme: () => root.dataset.theme || "",
    zone: () => root.dataset.zone || "utc",
    updates: () => (window.hudLive && window.hudLive.paused() ? "paused" : "live"),
  };
  const choose = {
    theme: (value) => window.hudLook.choose("theme", value),
    zone: (value) => window.hudLook.choose("zone", value),
    updates: (value) => window.hudLive.pause(value === "paused"),
  };

  function fill(box) {
    const name = box.dataset.choice, place = box.querySelector(".choice-options");
    for (const [value, words] of JSON.parse(box.dataset.options)) {
      const label = document.createElement("label"), radio = document.createElement("input");
      radio.type = "radio";
      radio.name = "choice-" + name;
      radio.value = value;
      radio.addEventListener("change", function () { choose[name](value); });
      label.append(radio, " " + words);
      place.appendChild(label);
    }
  }

  function show() {
    for (const box of document.querySelectorAll(".choice")) {
      if (!box.querySelector("input")) fill(box);
      const value = now[box.dataset.choice]();
      for (const radio of box.querySelectorAll("input")) if (radio.checked !== (radio.value === value)) radio.checked = radio.value === value;
    }
  }

  function begin() {
    let looking = false;
    const look = function () {
      if (looking) return;
      looking = true;
      requestAnimationFrame(function () { looking = false; show(); });
    };
    new MutationObserver(look).observe(root, { attributes: true, attributeFilter: ["data-theme", "data-zone", "data-live"] });
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    show();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
