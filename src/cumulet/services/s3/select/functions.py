"""The functions and casts of S3 Select in DuckDB's words.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from .faults import refused
from .nodes import AGGREGATES, Node
from .terms import Kinds, Term, quoted

_CASTS = {"BOOL": ("BOOLEAN", "bool"), "BOOLEAN": ("BOOLEAN", "bool"), "INT": ("BIGINT", "num"), "INTEGER": ("BIGINT", "num"),
          "STRING": ("VARCHAR", "str"), "VARCHAR": ("VARCHAR", "str"), "CHAR": ("VARCHAR", "str"), "FLOAT": ("DOUBLE", "num"),
          "DECIMAL": ("DECIMAL(38,9)", "num"), "NUMERIC": ("DECIMAL(38,9)", "num"), "TIMESTAMP": ("TIMESTAMP", "time")}
_PATTERN = re.compile(r"y{1,4}|M{1,4}|d{1,2}|a|h{1,2}|H{1,2}|m{1,2}|s{1,2}|S{1,9}|X{1,5}|x{1,5}|'[^']*'|[^A-Za-z']+")
_FORMATS = {"yyyy": "%Y", "yy": "%y", "y": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d",
            "a": "%p", "hh": "%I", "h": "%-I", "HH": "%H", "H": "%-H", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S"}
_ADDED = {"YEAR": "to_years", "MONTH": "to_months", "DAY": "to_days", "HOUR": "to_hours", "MINUTE": "to_minutes",
          "SECOND": "to_seconds"}


class Functions:
    """Calls. term(node): what an argument comes to.  now: UTCNOW()."""

    def __init__(self, kinds: Kinds, term: Callable[[Node], Term], now: float) -> None:
        self.kinds = kinds
        self.term = term
        self.now = now

    def call(self, name: str, nodes: Sequence[Node]) -> Term:
        """A function's call."""
        if name in AGGREGATES:
            return self.aggregate(name, nodes)
        made = getattr(self, f"_{name.lower()}", None)
        if made is None:
            raise refused("UnsupportedFunction")
        return made(nodes)                                      # type: ignore[no-any-return]

    def _arguments(self, nodes: Sequence[Node], least: int, most: int = 0) -> list[Term]:
        if not least <= len(nodes) <= (most or least):
            raise refused("EvaluatorInvalidArguments")
        return [self.term(node) for node in nodes]

    def aggregate(self, name: str, nodes: Sequence[Node]) -> Term:
        """One value of all records."""
        if nodes and nodes[0].op == "star":
            return Term("count(*)", "num")
        argument, = self._arguments(nodes, 1)
        if name == "COUNT":
            return Term(f"count({argument.sql})", "num")
        if name in ("MAX", "MIN") and argument.kind == "time":
            return Term(f"{name.lower()}({argument.sql})", "time")
        return Term(f"{name.lower()}({self.kinds.number(argument)})", "num")

    def cast(self, kind: str, nodes: Sequence[Node]) -> Term:
        """CAST(… AS kind); what cannot be cast fails the query."""
        into, made = _CASTS[kind]
        value, sizes = self.term(nodes[0]), [node.text for node in nodes[1:]]
        if sizes:
            if into.startswith("DECIMAL") and all(size.isdigit() for size in sizes) and len(sizes) <= 2:
                into = f"DECIMAL({', '.join(sizes)})"
            elif into != "VARCHAR":
                raise refused("ParseUnexpectedToken")
        if value.kind == "null":
            return Term(f"CAST(NULL AS {into})", made)
        if made == "time":
            return value if value.kind == "time" else Term(f"moment({self.kinds.plain(value)})", made)
        text = self.kinds.plain(value)
        if into == "BIGINT":                                     # as a number of any form, cut to a whole one
            return Term(f"CAST(trunc(CAST({text} AS DECIMAL(38,9))) AS BIGINT)", made)
        return Term(f"CAST({text} AS {into})", made)

    # --- conditionals ---

    def _coalesce(self, nodes: Sequence[Node]) -> Term:
        terms = self._arguments(nodes, 1, 100)
        if self.kinds.json:                                      # a null of JSON is none
            terms = [Term(f"nullif({term.sql}, 'null'::JSON)", "any") if term.kind == "any" else term for term in terms]
        found, kind = self.kinds.alike(terms)
        return Term(f"coalesce({', '.join(found)})", kind)

    def _nullif(self, nodes: Sequence[Node]) -> Term:
        left, right = self._arguments(nodes, 2)
        return Term(f"(CASE WHEN {self.kinds.compared('=', left, right).sql} THEN NULL ELSE {left.sql} END)", left.kind)

    # --- texts ---

    def _char_length(self, nodes: Sequence[Node]) -> Term:
        value, = self._arguments(nodes, 1)
        return Term(f"length({self.kinds.text(value)})", "num")

    _character_length = _char_length

    def _lower(self, nodes: Sequence[Node]) -> Term:
        value, = self._arguments(nodes, 1)
        return Term(f"lower({self.kinds.text(value)})", "str")

    def _upper(self, nodes: Sequence[Node]) -> Term:
        value, = self._arguments(nodes, 1)
        return Term(f"upper({self.kinds.text(value)})", "str")

    def _substring(self, nodes: Sequence[Node]) -> Term:
        value, *sizes = self._arguments(nodes, 2, 3)
        start, *length = [f"CAST({self.kinds.number(size)} AS BIGINT)" for size in sizes]
        first = f"greatest({start}, 1)"
        rest = f", greatest({length[0]} - ({first} - {start}), 0)" if length else ""
        return Term(f"substring({self.kinds.text(value)}, {first}{rest})", "str")

    def _trim(self, nodes: Sequence[Node]) -> Term:
        name = {"LEADING": "ltrim", "TRAILING": "rtrim", "BOTH": "trim"}[nodes[0].text]
        what, value = (self.kinds.text(self.term(node)) for node in nodes[1:])
        return Term(f"{name}({value}, {what})", "str")

    # --- times ---

    def _utcnow(self, nodes: Sequence[Node]) -> Term:
        self._arguments(nodes, 0)
        return Term(f"TIMESTAMP '{datetime.fromtimestamp(self.now, UTC):%Y-%m-%d %H:%M:%S.%f}'", "time")

    def _to_timestamp(self, nodes: Sequence[Node]) -> Term:
        value, = self._arguments(nodes, 1)
        return Term(f"moment({self.kinds.text(value)})", "time")

    def _to_string(self, nodes: Sequence[Node]) -> Term:
        if len(nodes) != 2 or nodes[1].op != "text":
            raise refused("EvaluatorInvalidArguments")
        pattern, made, at = nodes[1].text, "", 0
        while at < len(pattern):
            match = _PATTERN.match(pattern, at)
            if match is None:
                raise refused("InvalidRequestParameter")
            at, piece = match.end(), match.group()
            made += _FORMATS.get(piece) or self._piece(piece)
        return Term(f"strftime({self.kinds.time(self.term(nodes[0]))}, {quoted(made)})", "str")

    @staticmethod
    def _piece(piece: str) -> str:
        if piece[0] == "S":
            return "%g" if len(piece) <= 3 else "%f" if len(piece) <= 6 else "%n"
        if piece[0] in "Xx":                                     # all times are UTC
            return "Z" if piece[0] == "X" else "+0000"
        return piece.strip("'").replace("%", "%%")

    def _extract(self, nodes: Sequence[Node]) -> Term:
        part, value = nodes
        if part.text.startswith("TIMEZONE"):
            return Term("0", "num")
        return Term(f"extract({part.text} FROM {self.kinds.time(self.term(value))})", "num")

    def _date_add(self, nodes: Sequence[Node]) -> Term:
        part, (count, moment) = nodes[0].text, self._arguments(nodes[1:], 2)
        if part not in _ADDED:
            raise refused("ParseExpectedDatePart")
        return Term(f"({self.kinds.time(moment)} + {_ADDED[part]}(CAST({self.kinds.number(count)} AS INTEGER)))", "time")

    def _date_diff(self, nodes: Sequence[Node]) -> Term:
        part, (start, end) = nodes[0].text, self._arguments(nodes[1:], 2)
        if part not in _ADDED:
            raise refused("ParseExpectedDatePart")
        return Term(f"date_sub('{part.lower()}', {self.kinds.time(start)}, {self.kinds.time(end)})", "num")
