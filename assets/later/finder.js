/* The command finder: a dialog in which a few letters find a page, a command, or anything that /api/places names. Its
 * letters are matched by fuzzysort. The list follows the combobox pattern of the ARIA practices: the focus stays in the
 * field, the arrows choose.
 */
(() => {
  "use strict";

  const { facts, element } = window.hudBase;
  const { all, keys, knows, run } = window.hudCommands;
  const MOST_SHOWN = 50;
  const LEAST_SCORE = 0.2;      // of fuzzysort's 0 to 1: letters scattered over a name are 0.3
  const MARKS = { HEALTHY: "healthy", DEGRADED: "degraded", UNHEALTHY: "unhealthy", UNKNOWN: "unknown" };
  const one = { dialog: null, field: null, list: null, says: null, help: null, found: [], at: 0, entries: [], index: null, asked: 0 };
  let matching = null;          // the promise of fuzzysort

  // ---- what can be found -----------------------------------------------------------------------------------------

  function views() {
    return Array.from(document.querySelectorAll(".rail-link"), (link, at) => {
      const stands = link.querySelector(".rail-mark"), says = stands.textContent;
      return {
        kind: "view", name: link.querySelector(".rail-name").textContent, href: link.href, says: says,
        status: stands.childElementCount ? says || "HEALTHY" : null, keys: at < 10 ? [String((at + 1) % 10)] : [],
      };
    });
  }

  function commands() {
    return all.filter((each) => each.listed && knows(each.name)).map((each) => (
      { kind: "command", name: each.does, says: "", keys: keys(each), run: () => run(each.name) }
    ));
  }

  async function load() {
    const asked = ++one.asked;
    const around = [...views(), ...commands()];
    take([...around, ...one.entries.filter((each) => each.isPlace)]);
    let told = "";
    try {
      const proxy = new URLSearchParams(location.search).get("proxy") || "";
      const answer = await fetch(`${facts.prefix}api/places${window.hudAddress("proxy", proxy, { search: "" })}`);
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.message || `status ${answer.status}`);
      if (asked !== one.asked) return;
      take([...around, ...body.places.map((place) => ({ ...place, isPlace: true, keys: [], href: facts.prefix + place.href.slice(1) }))]);
      if (body.left_out) told = `${body.left_out.toLocaleString("en")} more names are left out: there are too many.`;
    } catch (error) {
      told = `Only pages and commands: the names could not be read (${error.message}).`;
    }
    if (asked === one.asked) { one.told = told; show(); }
  }

  function take(entries) {
    one.entries = entries;
    one.index = null;
    matching.then((fuzzy) => {
      if (one.entries === entries) { one.index = fuzzy.snapshot(entries, { keys: ["name", "kind"] }); search(); }
    });
  }

  // ---- what is found ---------------------------------------------------------------------------------------------

  async function search() {
    const words = one.field.value.trim(), { go } = await matching;
    if (words !== one.field.value.trim() || !one.index) return;
    if (words) {
      const results = go(words, one.index, { limit: MOST_SHOWN, threshold: LEAST_SCORE, scoreFn: weighed });
      one.found = results.map((result) => ({ entry: result.obj, letters: new Set(result[0].score > 0 ? result[0].indexes : []) }));
      one.total = results.total;
    } else {
      const rank = (entry) => ["view", "incident", "command"].indexOf(entry.kind);
      const first = one.entries.filter((entry) => rank(entry) >= 0 && (entry.kind !== "incident" || entry.status)).sort((a, b) => rank(a) - rank(b));
      one.found = first.slice(0, MOST_SHOWN).map((entry) => ({ entry: entry, letters: new Set() }));
      one.total = one.found.length;
    }
    one.at = 0;
    show();
  }

  /* How the dashboard is set is looked for less often than what it watches: that comes first, whatever it is called. */
  function weighed(result) {
    const last = ["setting", "detection"].includes(result.obj.kind);
    return result.score < LEAST_SCORE || last ? result.score : 1 + result.score;
  }

  function show() {
    one.list.replaceChildren(...one.found.map((found, at) => option(found, at)));
    choose(Math.min(one.at, Math.max(0, one.found.length - 1)));
    const words = one.field.value.trim(), more = one.total - one.found.length;
    const count = one.found.length ? (more > 0 ? `The best ${one.found.length} of ${one.total.toLocaleString("en")}.` : "") : `Nothing is called “${words}”.`;
    say([one.said, count, one.told].filter(Boolean).join(" "));
  }

  function say(words) {
    if (one.says.textContent !== words) one.says.textContent = words;
  }

  function option({ entry, letters }, at) {
    const row = element("li", "finder-row");
    row.id = `finder-${at}`;
    row.setAttribute("role", "option");
    const name = element("span", "finder-name");
    name.dir = "auto";
    name.title = entry.name;
    for (let from = 0; from < entry.name.length;) {
      let to = from + 1;
      while (to < entry.name.length && letters.has(to) === letters.has(from)) to += 1;
      name.append(letters.has(from) ? element("mark", "", entry.name.slice(from, to)) : entry.name.slice(from, to));
      from = to;
    }
    row.append(element("span", `mark mark-${MARKS[entry.status] || "none"}`), name, element("span", "finder-says", entry.says || ""));
    for (const key of entry.keys) row.append(element("kbd", "", key));
    row.append(element("span", "finder-kind", entry.kind));
    return row;
  }

  function choose(at) {
    const rows = one.list.children;
    rows[one.at]?.removeAttribute("aria-selected");
    one.at = at;
    const row = rows[at];
    if (row) {
      row.setAttribute("aria-selected", "true");
      row.scrollIntoView({ block: "nearest" });
      one.field.setAttribute("aria-activedescendant", row.id);
    } else one.field.removeAttribute("aria-activedescendant");
  }

  // ---- what is done with it ----------------------------------------------------------------------------------------

  async function follow(at, apart) {
    const entry = one.found[at]?.entry;
    if (!entry) return;
    if (entry.run) {
      one.dialog.close();
      const said = await entry.run();
      if (said) open("find", said);
    } else if (apart) window.open(entry.href, "_blank", "noopener");
    else {
      one.dialog.close();
      window.hudGo(entry.href);
    }
  }

  function key(event) {
    const last = one.found.length - 1, page = 8;
    const steps = {
      ArrowDown: () => choose(one.at < last ? one.at + 1 : 0), ArrowUp: () => choose(one.at > 0 ? one.at - 1 : last),
      PageDown: () => choose(Math.min(last, one.at + page)), PageUp: () => choose(Math.max(0, one.at - page)),
      Enter: () => follow(one.at, event.ctrlKey || event.metaKey),
    };
    if (!steps[event.key] || event.isComposing) return;
    event.preventDefault();
    steps[event.key]();
  }

  // ---- the dialog --------------------------------------------------------------------------------------------------

  function build() {
    const dialog = element("dialog", "finder"), field = element("input", "form-control finder-field"), list = element("ul", "finder-list");
    const says = element("p", "finder-told"), help = element("table", "finder-help"), shut = element("button", "btn finder-shut", "Close");
    Object.assign(field, { type: "text", autocomplete: "off", spellcheck: false, placeholder: "Page, pattern, namespace, topic, alert, setting or command", maxLength: 200 });
    const attributes = { role: "combobox", "aria-expanded": "true", "aria-controls": "finder-list", "aria-autocomplete": "list", "aria-label": "Find", enterkeyhint: "go", autocapitalize: "off" };
    for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
    list.id = "finder-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "What is found");
    says.setAttribute("role", "status");
    shut.type = "button";
    const foot = element("div", "finder-foot");
    foot.append(says, shut);
    dialog.append(field, list, help, foot);
    document.body.append(dialog);
    Object.assign(one, { dialog: dialog, field: field, list: list, says: says, help: help });
    field.addEventListener("input", () => { one.said = ""; search(); });
    field.addEventListener("keydown", key);
    shut.addEventListener("click", () => { dialog.close(); });
    list.addEventListener("mousedown", (event) => { event.preventDefault(); });  // the focus stays in the field
    list.addEventListener("click", (event) => {
      const row = event.target.closest(".finder-row");
      if (row) follow(Array.from(list.children).indexOf(row), event.ctrlKey || event.metaKey);
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }

  /* Every command with a key, from the one table. */
  function explain() {
    const rows = all.filter((each) => each.keys.length).map((each) => {
      const row = element("tr"), held = element("th");
      held.scope = "row";
      const named = keys(each);
      held.append(element("kbd", "", named[0]));
      if (named.length > 1) held.append(" … ", element("kbd", "", named.at(-1)));
      row.append(held, element("td", "", each.does));
      return row;
    });
    one.help.replaceChildren(element("caption", "", "Keys"), ...rows);
    say(window.hudChoices.keys.now() === "off" ? "Keys of one character are switched off in Settings." : "Settings can switch the keys of one character off.");
  }

  /* `said` is what a command has to say of what it did. */
  function open(what, said = "") {
    if (!one.dialog) build();
    matching ||= import(facts.matching);
    const finds = what === "find";
    one.dialog.setAttribute("aria-label", finds ? "Find" : "Keys");
    for (const part of [one.field, one.list]) part.hidden = !finds;
    one.help.hidden = finds;
    if (!one.dialog.open) one.dialog.showModal();
    if (!finds) { explain(); return; }
    one.field.value = "";
    one.told = "";
    one.said = said;
    one.field.focus();
    load();
  }

  window.hudFinder = { open: open, search: search, size: () => one.entries.length };
})();
