/* Faults of the simulated Prism: what can be injected, as a form; what is active, with buttons to clear it. */
(() => {
  "use strict";

  const LOOK_MS = 1000;
  const WRAPPED = "d-flex flex-wrap align-items-end gap-2";
  const { element, facts } = window.hudBase;
  const address = `${facts.prefix}simulated/faults`;
  let asking = false;

  const words = (name) => name.replace(/_/g, " ");

  async function ask(method, path, body) {
    const answer = await fetch(address + path, {
      method: method, headers: body ? { "Content-Type": "application/json" } : {}, body: body ? JSON.stringify(body) : undefined,
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.message || said.error || `refused with status ${answer.status}`);
    return said;
  }

  // ---- the form --------------------------------------------------------------------------------------------------

  function field(name, input) {
    const label = element("label", "fault-field hint");
    label.append(element("span", "", name), input);
    return label;
  }

  function options(names) {
    const select = element("select", "form-select form-select-sm");
    for (const name of names) {
      const option = element("option", "", name || "(everything)");
      option.value = name;
      select.appendChild(option);
    }
    return select;
  }

  function input(param) {
    if (param.one_of) { const made = options(param.one_of); made.value = param.default; return made; }
    const made = element("input", "form-control form-control-sm");
    if (param.list_of) { made.type = "text"; made.value = param.default.join(", "); return made; }
    made.type = "number";
    made.min = param.from;
    made.max = param.to;
    made.step = param.whole ? 1 : "any";
    made.value = param.default;
    made.required = true;
    return made;
  }

  function value(param, made) {
    if (param.list_of) return made.value.split(",").map((one) => one.trim()).filter(Boolean);
    return param.one_of ? made.value : Number(made.value);
  }

  function build(place, known) {
    const form = element("form", WRAPPED), kind = options(known.map((one) => one.fault));
    const does = element("p", "note"), more = element("div", WRAPPED), said = element("p", "note");
    for (const option of kind.options) option.textContent = words(option.value);
    said.setAttribute("role", "status");
    const submit = element("button", "btn btn-sm btn-outline-secondary", "Inject");
    submit.type = "submit";
    let fault = null, target = null, inputs = {};
    function chosen() {
      fault = known.find((one) => one.fault === kind.value);
      does.textContent = `What it does: ${fault.does.replace(/`/g, "")}.`;
      more.replaceChildren();
      inputs = {};
      target = options(fault.targets);
      if (fault.targets.length > 1) more.appendChild(field("Target", target));
      for (const [name, param] of Object.entries(fault.params)) {
        inputs[name] = input(param);
        more.appendChild(field(words(name), inputs[name]));
      }
    }
    kind.addEventListener("change", chosen);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const wish = { fault: fault.fault, target: target.value, params: {} };
      for (const [name, made] of Object.entries(inputs)) wish.params[name] = value(fault.params[name], made);
      try {
        await ask("POST", "", wish);
        said.textContent = `Injected: ${told(wish)}`;
      } catch (error) { said.textContent = `Not injected: ${error.message}`; }
      look();
    });
    chosen();
    form.append(field("Fault", kind), more, submit, does, said);
    place.replaceChildren(form);
  }

  // ---- what is active ----------------------------------------------------------------------------------------------

  function told(fault) {
    const params = Object.entries(fault.params || {}).map((one) => `${words(one[0])} ${one[1]}`);
    return [words(fault.fault) + (fault.target ? ` on ${fault.target}` : "")].concat(params).join(", ");
  }

  function list(place, active) {
    const text = JSON.stringify(active);
    if (place.dataset.shown === text) return;
    const focused = place.contains(document.activeElement);
    place.dataset.shown = text;
    if (!active.length) { place.replaceChildren(element("p", "note", "No fault is active.")); if (focused) refocus(); return; }
    const items = element("ul");
    for (const fault of active) {
      const item = element("li", "d-flex align-items-center gap-2 py-1 border-top"), since = element("time", "hint", `${new Date(1000 * fault.since).toISOString().slice(11, 19)} UTC`);
      since.setAttribute("datetime", new Date(1000 * fault.since).toISOString());
      item.append(element("span", "name flex-fill", told(fault)), since, clearing("Clear", ` ${told(fault)}`, `/${encodeURIComponent(fault.id)}`));
      items.appendChild(item);
    }
    place.replaceChildren(items, clearing("Clear all", "", ""));
    if (focused) place.querySelector("button").focus();
  }

  /* The button that had the focus is gone with its fault. */
  function refocus() {
    const select = document.querySelector(".fault-form select");
    if (select) select.focus();
  }

  function clearing(name, heard, path) {
    const button = element("button", "btn btn-sm btn-outline-secondary", name);
    button.type = "button";
    if (heard) button.appendChild(element("span", "visually-hidden", heard));
    button.addEventListener("click", async () => {
      try { await ask("DELETE", path); } catch (_) { /* it is gone already: the list will say so */ }
      look();
    });
    return button;
  }

  // ---- now and then ------------------------------------------------------------------------------------------------

  async function look() {
    const form = document.querySelector(".fault-form"), active = document.querySelector(".fault-active");
    if (!form || !active || asking || document.hidden || form.closest("[hidden]")) return;
    asking = true;
    try {
      const said = await ask("GET", "");
      if (!form.querySelector("form")) build(form, said.faults);
      list(active, said.active);
    } catch (error) {
      delete active.dataset.shown;
      active.replaceChildren(element("p", "note", `The faults cannot be read: ${error.message}.`));
    }
    asking = false;
  }

  setInterval(look, LOOK_MS);
})();
