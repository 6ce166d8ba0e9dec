/* What a viewer can ask for by a key: the table is components/commands.py's, and here is what each command does. The finder
 * (assets/later/finder.js), which lists them and everything with a name, is fetched when it is first asked for.
 *
 * Keys of one character rest while something is written, while a dialog is open, and where Settings switch them off.
 */
(() => {
  "use strict";

  const { facts, library } = window.hudBase;
  const commands = facts.commands || [];
  const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);
  const WRITES = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="textbox"], [role="combobox"]';
  const SWITCHES = { theme: "#theme-switch", zone: "#zone-switch", pause: "#pause-switch" };
  let single = kept();

  function kept() {
    try { return localStorage.getItem("hud-keys") || ""; } catch (_) { return ""; }
  }

  window.hudChoices.keys = {
    now: () => single,
    choose: (value) => {
      single = value;
      try { localStorage.setItem("hud-keys", value); } catch (_) { /* refused: kept until the page is left */ }
    },
  };

  /* What each does; a text that it gives is said to the viewer. */
  const does = {
    find: () => finder("find"),
    help: () => finder("help"),
    wall: wall,
    view: (key) => { document.querySelectorAll(".rail-link")[(Number(key) + 9) % 10]?.click(); },
    filter: () => {
      const box = Array.from(document.querySelectorAll(".grid-filter")).find((one) => one.offsetParent);
      if (box) box.focus();
      return box ? "" : "There is no table on this page.";
    },
  };
  for (const [name, button] of Object.entries(SWITCHES)) does[name] = () => { document.querySelector(button).click(); };

  async function finder(what) {
    await library("finder");
    window.hudFinder.open(what);
  }

  async function wall() {
    await library("kiosk");
    window.hudKiosk.start();
  }

  /* The name of a key as the table has it: a letter with Ctrl (⌘ on a Mac), or a single character. */
  function keyOf(event) {
    const mod = APPLE ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
    if (mod && !event.altKey && !event.shiftKey) return `Mod+${event.key.toUpperCase()}`;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return "";
    const off = single === "off" && event.key.length === 1;
    if (off || event.target.closest?.(WRITES) || document.querySelector("dialog[open]")) return "";
    return event.key;
  }

  document.addEventListener("keydown", (event) => {
    const key = event.defaultPrevented || event.isComposing ? "" : keyOf(event);
    const command = key && commands.find((one) => one.keys.includes(key) && one.name in does);
    if (!command) return;
    event.preventDefault();
    does[command.name](key);
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#find-switch")) does.find();
  });

  if (new URLSearchParams(location.search).get("kiosk") === "1") wall();

  window.hudCommands = {
    all: commands,
    run: (name) => does[name](),
    add: (name, work) => { does[name] = work; },  // of another script; its words and keys stand in the table
    drop: (name) => { delete does[name]; },
    knows: (name) => name in does,
    keys: (one) => one.keys.map((key) => key.replace("Mod+", APPLE ? "⌘" : "Ctrl ")),
  };
})();
