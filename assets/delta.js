/* Applies what changed to what was known; the other half of web/hub_delta.py, where its form is told.
 * What did not change stays the very same object, so that whoever compares by identity has nothing to do. */
(() => {
  "use strict";

  function members(before, change) {
    const made = Object.assign({}, before);
    for (const [name, one] of Object.entries(change)) {
      if (Array.isArray(one) && one.length === 0) delete made[name];
      else made[name] = apply(made[name], one);
    }
    return made;
  }

  function apply(before, change) {
    if (!Array.isArray(change)) return members(before, change);
    if (change.length === 1) return change[0];
    const [drop, keep, tail, inner, head] = change;
    const kept = before.slice(drop, drop + keep);
    for (const [at, one] of Object.entries(inner || {})) kept[at] = apply(kept[at], one);
    return (head || []).concat(kept, tail);
  }

  window.hudDelta = apply;
})();
