/* A link to exactly what is shown, and what is shown as a file (components/save.py). What writes files is fetched when the
 * first one is asked for (assets/later/files.js).
 */
(() => {
  "use strict";

  const { facts, library } = window.hudBase;
  const SAID_MS = 2500;
  let ended = 0;

  /* The address with the second that is shown, where pages can show one. */
  function link() {
    const address = new URL(location.href);
    const shows = (facts.views || []).some((one) => one.takes?.includes("at"));
    if (shows && !address.searchParams.has("at")) {
      address.searchParams.set("at", `${new Date().toISOString().slice(0, 19)}Z`);
    }
    return address.href;
  }

  async function copy() {
    try { await navigator.clipboard.writeText(link()); }
    catch (_) { return "This browser does not let the page copy; the link is in the address bar."; }
    return "The link is copied.";
  }

  /* What the element says that a button names. */
  async function copyText(name) {
    try { await navigator.clipboard.writeText(document.getElementById(name).textContent); }
    catch (_) { return "This browser does not let the page copy."; }
    return "Copied.";
  }

  window.hudCommands.add("copy", copy);

  /* What came of it, on the button and for screen readers. */
  async function copied(button) {
    const words = await (button.dataset.copy ? copyText(button.dataset.copy) : copy()), place = button.querySelector("[role=status]");
    if (!place) return;
    place.textContent = words;
    button.dataset.said = "true";
    clearTimeout(ended);
    ended = setTimeout(() => { place.textContent = ""; delete button.dataset.said; }, SAID_MS);
  }

  document.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-save]"), button = event.target.closest("#link-switch, [data-copy]");
    const menu = event.target.closest(".save");
    for (const one of document.querySelectorAll(".save[open]")) if (one !== menu || wanted) one.open = false;
    if (button) copied(button);
    if (wanted) library("files").then(() => { window.hudFiles.save(wanted, wanted.dataset.save); });
  });

  /* A report is of the instant and of the proxy that are shown. */
  for (const kind of ["click", "auxclick"]) {
    document.addEventListener(kind, (event) => {
      const report = event.target.closest?.('a[href*="/report?"]');
      if (!report) return;
      const address = new URL(report.href), shown = new URLSearchParams(location.search);
      for (const name of ["at", "proxy"]) {
        if (shown.get(name)) address.searchParams.set(name, shown.get(name));
        else address.searchParams.delete(name);
      }
      report.href = address.href;
    }, true);
  }

  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest(".save[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
