/* Links: those that Dash did not make are followed as its own are, and the rail marks the page that is shown. */
(() => {
  "use strict";

  let shown = "";

  const KEPT = ["proxy", "at"];

  function asked(name, address = location) {
    return new URLSearchParams(address.search).get(name) || "";
  }

  /* The page of ours to which a click goes by itself, or nothing. */
  function followed(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || link.origin !== location.origin) return null;
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey || link.download) return null;
    if (link.target && link.target !== "_self") return null;
    return (link.hash && link.pathname === location.pathname) || !window.hudLive.shows(link) ? null : link;
  }

  function follow(event, href) {
    event.preventDefault();
    go(href);
  }

  function go(href) {
    window.dash_clientside.set_props("address", { href: href });
    window.scrollTo(0, 0);
  }

  /* Dash's own have prevented the click by now; what stands in the address goes to the shell's dcc.Location. */
  document.addEventListener("click", (event) => {
    const link = followed(event);
    if (link) follow(event, link.href);
  });

  /* Which proxy the pages are about, and of which instant, is kept from page to page, also by Dash's own links, which must
   * not see the click. */
  document.addEventListener("click", (event) => {
    const link = KEPT.some((name) => asked(name)) && followed(event);
    if (!link || KEPT.every((name) => !asked(name) || asked(name, link))) return;
    event.stopPropagation();
    follow(event, kept(link));
  }, true);

  function kept(link) {
    let search = link.search;
    for (const name of KEPT) if (asked(name) && !asked(name, link)) search = window.hudAddress(name, asked(name), { search: search });
    return link.pathname + search + link.hash;
  }

  /* To a page of ours that no link leads to. */
  window.hudGo = (href) => { go(kept(new URL(href, location.href))); };

  /* The choice in the top bar follows the address, and only when that has changed: one that is on its way into it must not
   * be taken back. */
  function showProxy() {
    if (asked("proxy") === shown || !document.getElementById("top-proxies")) return;
    shown = asked("proxy");
    document.documentElement.toggleAttribute("data-proxy", Boolean(shown));
    window.dash_clientside.set_props("top-proxies", { value: shown || "all" });
  }

  function markRail() {
    for (const link of document.querySelectorAll(".rail-link")) {
      const below = link.pathname !== "/" && location.pathname.startsWith(`${link.pathname}/`);
      const here = link.pathname === location.pathname || below;
      if (here === (link.getAttribute("aria-current") === "page")) continue;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /* The search part of an address that says `value` for `name` ('' and all: nothing), and else what it said. */
  window.hudAddress = (name, value, address = location) => {
    const query = new URLSearchParams(address.search);
    if (value && value !== "all") query.set(name, value);
    else query.delete(name);
    return query.size ? `?${query}` : "";
  };

  /* The same for what is chosen on the page; nothing new where that stands there already, or is what the page takes by itself. */
  window.hudChosen = (name, value, usual) => {
    if ((asked(name) || usual) === value) return window.dash_clientside.no_update;
    return window.hudAddress(name, value);
  };

  function show() {
    markRail();
    showProxy();
  }

  window.hudBase.watch(show);
  window.addEventListener("popstate", show);
})();
