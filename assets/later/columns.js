/* How wide the columns of a table are. What a column needs, so that nothing in it is cut, comes first; what is left over is
 * shared by flex. Where there is not room for all, the narrow ones keep what they need and the widest ones share the rest.
 * A column grows with what it says and never shrinks while the table stays: figures that change move nothing.
 */
(() => {
  "use strict";

  const LEAST = { text: 72, time: 120, number: 64, status: 118, bar: 112 };  // pixels that a column needs to say anything
  const PADDING = 16, ARROW = 16, MARK = 24, GAP = 4, SLACK = 2;
  const NAME = 200;           // the first column says which row it is: it is cut last, and only beyond this
  const STEP = 8;             // a figure that is a digit longer now and then is no reason to move
  const paper = window.hudBase.element("canvas").getContext("2d");

  const least = (column) => LEAST[column.kind] || LEAST.text;
  const named = (needed) => Math.min(needed, NAME);

  /* What a column that needs so much gets at the least, before one that matters less folds away: figures are whole. */
  function tight(column, needed, at) {
    if (at === 0) return named(needed);
    return column.kind === "text" ? least(column) : needed;
  }

  function looks(slot) {
    const style = getComputedStyle(slot), small = style.getPropertyValue("--small").trim() || "12px";
    return { plain: `400 ${style.fontSize} ${style.fontFamily}`, link: `600 ${style.fontSize} ${style.fontFamily}`, small: `400 ${small} ${style.fontFamily}` };
  }

  function long(text, font) {
    paper.font = font;
    return paper.measureText(text).width;
  }

  function cellNeeds(cell, fonts) {
    const unit = cell.u ? GAP + long(cell.u, fonts.small) : 0;
    return long(String(cell.n ?? ""), cell.h ? fonts.link : fonts.plain) + unit + (cell.k ? MARK : 0) + PADDING + SLACK;
  }

  /* By column, the pixels that its heading and its cells need, and no less than `before`. */
  function needs(slot, columns, rows, before) {
    const fonts = looks(slot);
    return new Map(columns.map((column) => {
      let widest = long(column.title, fonts.small) + PADDING + ARROW + SLACK;
      if (column.kind !== "bar") for (const row of rows) if (row[column.key]) widest = Math.max(widest, needOf(row[column.key], fonts));
      const wanted = Math.max(least(column), Math.ceil(widest / STEP) * STEP);
      return [column.key, Math.max(wanted, before?.get(column.key) || 0)];
    }));
  }

  const measured = new WeakMap(); // a cell -> what it needs: one that says the same is the same object

  function needOf(cell, fonts) {
    if (!measured.has(cell)) measured.set(cell, cellNeeds(cell, fonts));
    return measured.get(cell);
  }

  /* Whole pixels for each column, `room` together. What cannot be had is taken from words, by flex, each of
   * which keeps what it needs to say anything, and the name of the row what it needs; figures and times stay whole. */
  function widths(columns, needed, room) {
    const found = columns.map((column) => needed.get(column.key)), flex = columns.map((column) => column.flex);
    const over = sum(found) - room;
    if (over <= 0) return shared(found, flex, -over);
    const words = columns.map((column) => column.kind === "text");
    const given = sum(found.filter((_width, at) => words[at])) - over;  // what words may have together
    const kept = found.map((width, at) => Math.min(width, least(columns[at])));
    const spare = given - sum(kept.filter((_width, at) => words[at])), enough = spare >= 0;
    kept[0] += Math.max(0, Math.min(named(found[0]) - kept[0], spare));
    const cut = enough ? words : columns.map(() => true);
    const floors = kept.map((width, at) => (cut[at] && enough ? width : 0));
    const above = fitted(found.map((width, at) => width - floors[at]), flex, cut, (enough ? given : room) - sum(floors));
    return above.map((width, at) => width + floors[at]);
  }

  /* The columns that are `cut` get `room` together: each what it needs, but no more than its part of what the others leave. */
  function fitted(found, flex, cut, room) {
    const order = found.map((_width, at) => at).filter((at) => cut[at]).sort((a, b) => found[a] / flex[a] - found[b] / flex[b]);
    const widths = [...found], tight = found.map(() => 0);
    let left = room, parts = sum(order.map((at) => flex[at]));
    for (const at of order) {
      widths[at] = Math.min(found[at], Math.floor((left * flex[at]) / parts));
      if (widths[at] < found[at]) tight[at] = 1;
      left -= widths[at];
      parts -= flex[at];
    }
    return shared(widths, tight, left);
  }

  const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

  function shared(found, parts, spare) {
    const all = sum(parts);
    let given = 0, part = 0;
    return found.map((width, at) => {
      part += parts[at];
      const more = all ? Math.floor((spare * part) / all) - given : 0;
      given += more;
      return width + more;
    });
  }

  window.hudColumns = { needs: needs, tight: tight, widths: widths };
})();
