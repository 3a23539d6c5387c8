"""Typed pieces of DuckDB's SQL: what a field of a CSV or JSON record becomes where a number, a text or a time is wanted.

Kinds: num, str, bool, time, null; "any" is a field as the record has it: a VARCHAR of a CSV line, or a JSON value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# `pick`: a member by its exact name, else by its name in any case.
MACROS = (
    """CREATE MACRO pick(j, n) AS coalesce(json_extract(j, '$."' || n || '"'), json_extract(j, '$."' ||
       (list_filter(json_keys(j), lambda k: lower(k) = lower(n))[1]) || '"'))""",
    "CREATE MACRO json_text(j) AS CASE WHEN json_type(j) = 'VARCHAR' THEN j ->> '$' END",
    """CREATE MACRO json_number(j) AS CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT')
       THEN TRY_CAST(j ->> '$' AS DOUBLE) END""",
    "CREATE MACRO json_truth(j) AS CASE WHEN json_type(j) = 'BOOLEAN' THEN (j ->> '$') = 'true' END",
    """CREATE MACRO moment_text(x) AS CASE WHEN regexp_matches(x, '^\\d{4}T?$') THEN left(x, 4) || '-01-01'
       WHEN regexp_matches(x, '^\\d{4}-\\d{2}T?$') THEN left(x, 7) || '-01'
       WHEN regexp_matches(x, 'T\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)?$') THEN left(x, 16) || ':00' || substr(x, 17)
       ELSE rtrim(x, 'T') END""",
    "CREATE MACRO moment(x) AS CAST(moment_text(x) AS TIMESTAMP)",
    "CREATE MACRO try_moment(x) AS TRY_CAST(moment_text(x) AS TIMESTAMP)",
    "CREATE MACRO told_number(x) AS regexp_replace(CAST(to_json(x) AS VARCHAR), '\\.0$', '')",
    """CREATE MACRO told_moment(x) AS regexp_replace(strftime(x, '%Y-%m-%dT%H:%M:%S.%gZ'), '\\.000Z$', 'Z')""",
)


class Term(NamedTuple):
    """An expression of DuckDB's, and its kind."""

    sql: str
    kind: str


NULL = Term("NULL", "null")


def quoted(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


class Kinds:
    """How terms change their kinds; json: whether fields are JSON values."""

    def __init__(self, json: bool) -> None:
        self.json = json

    def number(self, term: Term) -> str:
        if term.kind in ("num", "null"):
            return term.sql
        if term.kind == "any" and self.json:
            return f"json_number({term.sql})"
        return f"TRY_CAST({term.sql} AS DOUBLE)"

    def text(self, term: Term) -> str:
        if term.kind in ("str", "null") or (term.kind == "any" and not self.json):
            return term.sql
        if term.kind == "any":
            return f"json_text({term.sql})"
        return self.plain(term)

    def plain(self, term: Term) -> str:
        """The text of anything, as CAST and || want it."""
        if term.kind == "any" and self.json:
            return f"({term.sql} ->> '$')"
        if term.kind == "num":
            return f"told_number({term.sql})"
        if term.kind == "time":
            return f"told_moment({term.sql})"
        return term.sql if term.kind in ("any", "str", "null") else f"CAST({term.sql} AS VARCHAR)"

    def truth(self, term: Term) -> str:
        if term.kind in ("bool", "null"):
            return term.sql
        if term.kind == "any" and self.json:
            return f"json_truth({term.sql})"
        return f"TRY_CAST({term.sql} AS BOOLEAN)"

    def time(self, term: Term) -> str:
        if term.kind in ("time", "null"):
            return term.sql
        return f"try_moment({self.text(term)})"

    def field(self, term: Term) -> str:
        """As a record would hold it."""
        if term.kind in ("any", "null"):
            return term.sql
        return f"to_json({term.sql})" if self.json else self.plain(term)

    def as_kind(self, term: Term, kind: str) -> str:
        return {"num": self.number, "str": self.text, "bool": self.truth, "time": self.time}.get(kind, self.field)(term)

    def alike(self, terms: Sequence[Term]) -> tuple[list[str], str]:
        """Several terms of which one will be the value: their SQL, and the kind of all."""
        kinds = {term.kind for term in terms} - {"null"}
        kind = kinds.pop() if len(kinds) == 1 else "any" if kinds else "null"
        return [self.as_kind(term, kind) for term in terms], kind

    def compared(self, sign: str, left: Term, right: Term) -> Term:
        """A comparison: what one side is, the other is taken for."""
        kinds = {left.kind, right.kind} - {"any"}
        if kinds:
            kind = min(kinds, key=("time", "num", "bool", "str", "null").index)
            return Term(f"({self.as_kind(left, kind)} {sign} {self.as_kind(right, kind)})", "bool")
        if not self.json:
            return Term(f"({left.sql} {sign} {right.sql})", "bool")
        numbers, texts = ([of(side) for side in (left, right)] for of in (self.number, self.plain))
        return Term(f"(CASE WHEN {numbers[0]} IS NOT NULL AND {numbers[1]} IS NOT NULL THEN {numbers[0]} {sign} {numbers[1]} "
                    f"ELSE {texts[0]} {sign} {texts[1]} END)", "bool")

    def told(self, term: Term) -> str:
        """The value as JSON text; NULL where it is missing."""
        if term.kind == "any":
            return f"CAST({term.sql} AS VARCHAR)" if self.json else f"CAST(to_json({term.sql}) AS VARCHAR)"
        if term.kind == "null":
            return "'null'"
        if term.kind == "num":
            return f"coalesce(told_number({term.sql}), 'null')"
        value = f"told_moment({term.sql})" if term.kind == "time" else term.sql
        return f"coalesce(CAST(to_json({value}) AS VARCHAR), 'null')"
