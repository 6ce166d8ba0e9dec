/* The language of the filter boxes, the one parser of it: `namespace:payments errors>1% p99>5ms rps>=100 "free words"`.
 *
 * All parts must hold. `column:text` has the text in it, `column=text` is it, `!=` is not; figures compare by > >= < <= = !=
 * with their unit (% ms s m h kB MiB k M …); a word alone stands in any column. What is not known compares as nothing. A
 * part that is not understood filters nothing and is told: read(words, columns, rows) gives {test, wrong}. A column is
 * {key, name, kind}, a row {<key>: cell}, a cell as components/lists/grid.py has it.
 */
(() => {
  "use strict";

  const PART = /(?:([\p{L}_][\p{L}\p{N}_-]*)(:|!=|>=|<=|=|>|<))?("(?:[^"\\]|\\.)*"?|\S*)/uy;
  const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:e([+-]?\d{1,3}))?\s*(.*)$/;
  const MOST_PARTS = 20;
  const TIMES = { ns: 1e-9, us: 1e-6, "µs": 1e-6, ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86400 };
  const LARGE = { "": 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };
  const BYTES = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
  const UNITS = {
    seconds: { of: TIMES, needs: "a time: write 5ms, 2s or 10m" },
    ratio: { of: { "%": 0.01 }, needs: "a share: write 1%" },
    bytes: { of: BYTES, needs: "a size: write 64MiB or 10kB" },
  };
  const ANY = { of: { ...TIMES, ...BYTES, ...LARGE, "%": 0.01, "/s": 1 }, needs: "" };
  const PLAIN = { of: { ...LARGE, "/s": 1, "k/s": 1e3, "M/s": 1e6 }, needs: "" };
  const COMPARES = {
    ">": (a, b) => a > b, ">=": (a, b) => a >= b, "<": (a, b) => a < b, "<=": (a, b) => a <= b,
    "=": (a, b) => a === b, ":": (a, b) => a === b, "!=": (a, b) => a !== b,
  };
  const has = (table, name) => Object.hasOwn(table, name);
  const said = (cell) => [cell.x, typeof cell.v === "string" ? cell.v : "", cell.n].find((text) => text) || "";

  /* The parts as [column's name or "", comparison, text, whether it was quoted]. */
  function parts(words) {
    const found = [], text = words.trim();
    PART.lastIndex = 0;
    while (PART.lastIndex < text.length) {
      const [all, name, compares, value] = PART.exec(text);
      if (!all) { PART.lastIndex += 1; continue; }  // a space
      const quoted = value.startsWith('"');
      const plain = quoted ? value.slice(1).replace(/"$/, "").replace(/\\(.)/g, "$1") : value;
      found.push([name || "", compares || "", plain, quoted, all]);
    }
    return found;
  }

  /* The base unit of a column's figures; none while no row says it, and then any unit is taken. */
  function unitOf(column, rows) {
    return rows.find((row) => row[column.key]?.q)?.[column.key].q;
  }

  /* The figure that a text means for a unit; a sentence when it means none. */
  function figure(text, unit) {
    const found = NUMBER.exec(text), known = unit === undefined ? ANY : has(UNITS, unit) ? UNITS[unit] : PLAIN;
    if (!found) return `“${text}” is no number`;
    const value = Number(`${found[1]}e${found[2] || 0}`), suffix = found[3];
    if (suffix === "" && known.needs) return value === 0 ? 0 : `it is ${known.needs}`;
    if (!has(known.of, suffix)) return known.needs ? `it is ${known.needs}` : `“${suffix}” is no unit of it; k and M are`;
    return value * known.of[suffix];
  }

  function asFigure(column, compares, text, rows) {
    const wanted = figure(text, unitOf(column, rows));
    if (typeof wanted === "string") return wanted;
    const holds = COMPARES[compares], near = 1e-9 * Math.abs(wanted);  // 0.3 % is 0.003 but for the last bit
    return (row) => {
      const value = row[column.key]?.v;
      if (typeof value !== "number") return false;
      return holds(Math.abs(value - wanted) <= near ? wanted : value, wanted);
    };
  }

  function asText(column, compares, text) {
    const wanted = text.toLowerCase();
    return (row) => {
      const cell = row[column.key], own = cell ? said(cell).toLowerCase() : "";
      return compares === ":" ? own.includes(wanted) : (own === wanted) === (compares === "=");
    };
  }

  function anywhere(columns, text) {
    const wanted = text.toLowerCase();
    return (row) => columns.some((column) => {
      const it = row[column.key];
      return it && `${it.n} ${it.u || ""} ${it.x || ""}`.toLowerCase().includes(wanted);
    });
  }

  /* A test of one part, or the sentence why it is none. */
  function one([name, compares, text, _, all], columns, rows) {
    if (!name) return anywhere(columns, text);
    const column = columnOf(name, columns);
    if (!column) return `There is no column “${name}”; “${all}” in quotes is looked for as words`;
    if (text === "") return `What should ${column.name} be? “${all}” ends too early`;
    if (["number", "bar"].includes(column.kind)) {
      const made = asFigure(column, compares, text, rows);
      return typeof made === "string" ? `${column.name}: ${made}` : made;
    }
    return [":", "=", "!="].includes(compares) ? asText(column, compares, text) : `${column.name} is no figure; : = and != compare it`;
  }

  function columnOf(name, columns) {
    const wanted = name.toLowerCase();
    return columns.find((each) => each.name === wanted) || columns.find((each) => each.key === wanted);
  }

  function read(words, columns, rows) {
    const found = parts(words), made = found.slice(0, MOST_PARTS).map((part) => one(part, columns, rows));
    const tests = made.filter((each) => typeof each === "function"), wrong = made.filter((each) => typeof each === "string");
    if (found.length > MOST_PARTS) wrong.push(`Only the first ${MOST_PARTS} parts are read`);
    return { test: (row) => tests.every((test) => test(row)), wrong: wrong };
  }

  // ---- completion --------------------------------------------------------------------------------------------------

  const quote = (text) => (/[\s"\\]/.test(text) ? `"${text.replace(/["\\]/g, "\\$&")}"` : text);

  /* What the last part may become: a column with what compares it, or what stands in that column. Whole contents of the box,
   * as a datalist wants them. */
  function completions(words, columns, rows, most) {
    const [, before, last] = /^(.*?)(\S*)$/s.exec(words), asked = /^([^:=]+)(:|=|!=)(.*)$/.exec(last);
    const column = asked && columnOf(asked[1], columns);
    if (column && !["number", "bar"].includes(column.kind)) {
      const begun = asked[3].replace(/^"/, "").toLowerCase();
      const values = new Set(rows.map((row) => (row[column.key] ? said(row[column.key]) : "")).filter((text) => text && text !== "–" && text.toLowerCase().includes(begun)));
      return Array.from(values).slice(0, most).map((text) => `${before}${asked[1]}${asked[2]}${quote(text)}`);
    }
    const begun = last.toLowerCase();
    return columns.filter((each) => each.name.startsWith(begun)).slice(0, most)
      .map((each) => `${before}${each.name}${["number", "bar"].includes(each.kind) ? ">" : ":"}`);
  }

  window.hudFilter = { read: read, completions: completions };
})();
