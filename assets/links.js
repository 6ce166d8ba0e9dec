/* Links: those that Dash did not make are followed as its own are, and the rail marks the page that is shown. */
(() => {
  "use strict";

  /* Dash's own have prevented the click by now; what stands in the address goes to the shell's dcc.Location. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || link.origin !== location.origin) return;
    if (event.metaKey || event.shiftKey || event.altKey || event.ctrlKey || link.download) return;
    if (link.target && link.target !== "_self") return;
    if ((link.hash && link.pathname === location.pathname) || !window.hudLive.shows(link)) return;
    event.preventDefault();
    window.dash_clientside.set_props("address", { href: link.href });
    window.scrollTo(0, 0);
  });

  function markRail() {
    for (const link of document.querySelectorAll(".rail-link")) {
      const below = link.pathname !== "/" && location.pathname.startsWith(`${link.pathname}/`);
      const here = link.pathname === location.pathname || below;
      if (here === (link.getAttribute("aria-current") === "page")) continue;
      if (here) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /* The search part of an address that says `value` for `name`, and else what it said. */
  window.hudAddress = (name, value) => {
    const query = new URLSearchParams(location.search);
    query.set(name, value);
    return `?${query}`;
  };

  window.hudBase.watch(markRail);
  window.addEventListener("popstate", markRail);
})();
