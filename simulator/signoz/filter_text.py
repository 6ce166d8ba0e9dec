"""The simple forms of SigNoz v5's filter text: comparisons joined by AND."""

from __future__ import annotations

import re

from simulator.signoz.spans import KEYS, Clause, QueryError, canonical

_WORD = r"[A-Za-z_][\w.\-/]*"
_VALUE = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[\w.\-+]+"
_CLAUSE = re.compile(
    rf"\s*(?P<key>{_WORD})\s*(?:"
    rf"(?P<exists>(?:NOT\s+)?EXISTS)\b|"
    rf"(?P<in>(?:NOT\s+)?IN)\s*[\(\[](?P<list>\s*(?:{_VALUE})(?:\s*,\s*(?:{_VALUE}))*\s*)[\)\]]|"
    rf"(?P<op>!=|<>|<=|>=|=|<|>|CONTAINS|REGEXP|(?:NOT\s+)?ILIKE)\s*(?P<value>{_VALUE}))\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"AND\b", re.IGNORECASE)


def parse_filter(text: str) -> list[Clause]:
    """The clauses of `text`; none when it is blank. Raises QueryError, worded as SigNoz does for an unknown key."""
    clauses, position = [], 0
    bare = text.strip()
    if bare.startswith("(") and bare.endswith(")") and "(" not in bare[1:]:
        bare = bare[1:-1].strip()
    while position < len(bare):
        match = _CLAUSE.match(bare, position)
        if match is None:
            raise QueryError(f"syntax error in filter near: {bare[position : position + 40]}")
        clauses.append(_clause(match))
        position = match.end()
        if position < len(bare):
            joint = _AND.match(bare, position)
            if joint is None:
                raise QueryError(f"only AND is understood between comparisons, not: {bare[position : position + 20]}")
            position = joint.end()
            if not bare[position:].strip():
                raise QueryError("syntax error in filter: nothing after AND")
    return clauses


def _clause(match: re.Match[str]) -> Clause:
    key = canonical(match["key"])
    if key not in KEYS:
        raise QueryError(f"key `{match['key']}` not found")
    if match["exists"]:
        return Clause(key, "nexists" if match["exists"].upper().startswith("NOT") else "exists", True)
    if match["in"]:
        values = [_literal(one) for one in re.findall(_VALUE, match["list"])]
        return Clause(key, "nin" if match["in"].upper().startswith("NOT") else "in", values)
    word = " ".join(match["op"].upper().split())
    op = {"<>": "!=", "REGEXP": "regex", "NOT ILIKE": "nilike"}.get(word, word.lower())
    return Clause(key, op, _literal(match["value"]))


def _literal(text: str) -> str:
    if text[:1] in "'\"":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
