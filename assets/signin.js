/* Who is signed in, with the way out; and a page whose session ended while it could not hear of it. Where nobody signs in
 * the document names nobody, and nothing of this happens. */
(() => {
  "use strict";

  const LOOK_MS = 5000;
  const root = document.documentElement;
  const name = root.dataset.signedIn;
  if (!name) return;
  const { element, facts, watch } = window.hudBase;

  async function leave() {
    try { await fetch(`${facts.prefix}signout`, { method: "POST", redirect: "manual" }); }
    finally { location.assign(`${facts.prefix}signed-out`); }
  }

  function place() {
    const top = document.querySelector(".top");
    if (!top || top.querySelector(".sign-out")) return;
    const button = element("button", "btn btn-sm btn-outline-secondary sign-out", "Sign out");
    button.type = "button";
    button.title = `Signed in as ${name}`;
    button.addEventListener("click", leave);
    top.appendChild(button);
  }

  /* A live connection is closed with its session; without one the server is asked. */
  async function look() {
    if (document.hidden || root.dataset.live === "live") return;
    const answer = await fetch(`${facts.prefix}signin/session`).catch(() => null);
    if (answer && answer.status === 401) location.reload();
  }

  watch(place);
  place();
  setInterval(look, LOOK_MS);
})();
