"""An S3 Select query in DuckDB's words: over the lines of a CSV file, or over JSON values (Parquet's records come as such)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .faults import refused
from .functions import Functions
from .nodes import AGGREGATES, Node, Query
from .terms import NULL, Kinds, Term, quoted

_ARITHMETIC = frozenset({"+", "-", "*", "/", "%"})
_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})


class Plan(NamedTuple):
    """sql: a row of JSON texts a record.  names: of its columns; None where a row is a whole record as JSON."""

    sql: str
    names: list[str] | None


class Records(NamedTuple):
    """scan: what DuckDB reads, with columns c1, c2, … (CSV) or one column `record` (JSON).

    width: how many columns; 0 for JSON.  headers: their names, where the first line has them.
    """

    scan: str
    width: int = 0
    headers: tuple[str, ...] = ()


def plan(query: Query, records: Records, now: float) -> Plan:
    """The query over these records."""
    return _Planner(query, records, now).plan()


class _Planner:
    def __init__(self, query: Query, records: Records, now: float) -> None:
        self.query = query
        self.records = records
        self.json = not records.width
        self.kinds = Kinds(self.json)
        self.functions = Functions(self.kinds, self.term, now)

    def plan(self) -> Plan:
        query = self.query
        _check_aggregates(query)
        tail = f" WHERE {self.kinds.truth(self.term(query.where))}" if query.where is not None else ""
        if query.limit is not None:
            tail += f" LIMIT {query.limit}"
        names, columns = self.columns()
        return Plan(f"SELECT {', '.join(columns)} FROM {self.source()}{tail}", names)

    def columns(self) -> tuple[list[str] | None, list[str]]:
        items = self.query.items
        if items is not None:
            names = [item.name or _name(item.node) or f"_{number}" for number, item in enumerate(items, 1)]
            return names, [self.kinds.told(self.term(item.node)) for item in items]
        if self.json:
            return None, ["CAST(json(record) AS VARCHAR)"]
        every, headers = range(1, self.records.width + 1), self.records.headers
        return ([*headers, *(f"_{number}" for number in every if number > len(headers))],
                [self.kinds.told(Term(f"c{number}", "any")) for number in every])

    def source(self) -> str:
        """The records, or what the steps behind S3Object lead to in each of them."""
        steps = list(self.query.source)
        if steps and steps[0].op == "all":
            steps.pop(0)
        found = self.records.scan
        if not steps:
            return found
        if not self.json:
            raise refused("ParseInvalidPathComponent")
        for number, step in enumerate(steps):
            here = f"s{number}"
            if step.op == "all":
                each = (f"unnest(CASE WHEN json_type({here}.record) = 'ARRAY' THEN json_extract({here}.record, '$[*]') "
                        f"ELSE [{here}.record] END)")
            else:
                each = self.step(Term(f"{here}.record", "any"), step).sql
            found = f"(SELECT {each} AS record FROM {found} {here})"
        return found

    # --- expressions ---

    def term(self, node: Node) -> Term:
        if node.op in _ARITHMETIC:
            left, right = (self.kinds.number(self.term(part)) for part in node.parts)
            return Term(f"({left} {node.op} {right})", "num")
        if node.op in _COMPARISONS:
            return self.kinds.compared(node.op, *map(self.term, node.parts))
        if node.op == "||":
            left, right = (self.kinds.plain(self.term(part)) for part in node.parts)
            return Term(f"({left} || {right})", "str")
        if node.op in ("and", "or"):
            left, right = (self.kinds.truth(self.term(part)) for part in node.parts)
            return Term(f"({left} {node.op.upper()} {right})", "bool")
        made = getattr(self, f"_{node.op}", None)
        if made is None:
            raise refused("UnsupportedSqlOperation")
        return made(node)                                       # type: ignore[no-any-return]

    def _number(self, node: Node) -> Term:
        return Term(node.text, "num")

    def _text(self, node: Node) -> Term:
        return Term(quoted(node.text), "str")

    def _time(self, node: Node) -> Term:
        return Term(f"moment({quoted(node.text)})", "time")

    def _true(self, node: Node) -> Term:
        return Term(node.op.upper(), "bool")

    _false = _true

    def _null(self, node: Node) -> Term:
        return NULL

    _missing = _null

    def _negative(self, node: Node) -> Term:
        return Term(f"(-{self.kinds.number(self.term(node.parts[0]))})", "num")

    def _not(self, node: Node) -> Term:
        return Term(f"(NOT {self.kinds.truth(self.term(node.parts[0]))})", "bool")

    def _between(self, node: Node) -> Term:
        value, low, high = map(self.term, node.parts)
        return Term(f"({self.kinds.compared('>=', value, low).sql} AND {self.kinds.compared('<=', value, high).sql})", "bool")

    def _in(self, node: Node) -> Term:
        value, *others = map(self.term, node.parts)
        found = " OR ".join(self.kinds.compared("=", value, other).sql for other in others)
        return Term(f"({found or 'FALSE'})", "bool")

    def _like(self, node: Node) -> Term:
        value, pattern, *escape = (self.kinds.text(self.term(part)) for part in node.parts)
        return Term(f"({value} LIKE {pattern}{f' ESCAPE {escape[0]}' if escape else ''})", "bool")

    def _is(self, node: Node) -> Term:
        value = self.term(node.parts[0])
        if node.text == "NULL" and value.kind == "any" and self.json:
            return Term(f"({value.sql} IS NULL OR json_type({value.sql}) = 'NULL')", "bool")
        return Term(f"({value.sql} IS NULL)", "bool")

    def _case(self, node: Node) -> Term:
        whens = [part for part in node.parts if part.op == "when"]
        values = [self.term(part.parts[-1]) for part in node.parts]
        if len(values) == len(whens):
            values.append(NULL)
        found, kind = self.kinds.alike(values)
        tests = [self.kinds.truth(self.term(part.parts[0])) for part in whens]
        pairs = " ".join(f"WHEN {test} THEN {value}" for test, value in zip(tests, found, strict=False))
        return Term(f"(CASE {pairs} ELSE {found[-1]} END)", kind)

    def _cast(self, node: Node) -> Term:
        return self.functions.cast(node.text, node.parts)

    def _call(self, node: Node) -> Term:
        return self.functions.call(node.text, node.parts)

    # --- fields ---

    def _path(self, node: Node) -> Term:
        first, *steps = node.parts
        if self.is_record(first):
            if not steps and not self.json:
                raise refused("ParseInvalidPathComponent")
        else:
            steps = [first, *steps]
        if any(step.op == "all" for step in steps):
            raise refused("ParseInvalidPathComponent")
        if not self.json:
            return self.column(steps)
        found = Term("record", "any")
        for step in steps:
            found = self.step(found, step)
        return found

    def is_record(self, step: Node) -> bool:
        """Is this the name of the record itself?"""
        if step.op == "exact":
            return step.text == self.query.alias
        return step.text.lower() in {self.query.alias.lower() or "s3object", "s3object"}

    @staticmethod
    def step(found: Term, step: Node) -> Term:
        """A member or an element of a JSON value."""
        if step.op == "index":
            return Term(f"json_extract({found.sql}, '$[{int(step.text)}]')", "any")
        if '"' in step.text or "\\" in step.text:
            raise refused("ParseInvalidPathComponent")
        if step.op == "field":
            return Term(f"pick({found.sql}, {quoted(step.text)})", "any")
        path = f'$."{step.text}"'
        return Term(f"json_extract({found.sql}, {quoted(path)})", "any")

    def column(self, steps: Sequence[Node]) -> Term:
        """A column of a CSV file, by its name or its number."""
        step = steps[0]
        if len(steps) > 1 or step.op == "index":
            raise refused("ParseInvalidPathComponent")
        headers = self.records.headers
        wanted = step.text if step.op == "exact" else step.text.lower()
        for number, header in enumerate(headers, 1):
            if wanted == (header if step.op == "exact" else header.lower()):
                return Term(f"c{number}", "any")
        if step.text[:1] == "_" and step.text[1:].isdigit():
            if not 1 <= int(step.text[1:]) <= self.records.width:
                raise refused("InvalidColumnIndex")
            return Term(f"c{int(step.text[1:])}", "any")
        raise refused("MissingHeaders" if headers else "InvalidColumnIndex")


def _name(node: Node) -> str:
    """What an expression without an alias is called."""
    return node.parts[-1].text if node.op == "path" and node.parts[-1].op in ("field", "exact") else ""


def _check_aggregates(query: Query) -> None:
    """Aggregates are of all records: nothing of a single one stands beside them, and conditions have none."""
    if query.where is not None and any(_is_aggregate(node) for node in _walk(query.where)):
        raise refused("UnsupportedSqlStructure")
    items = query.items or ()
    if not any(_is_aggregate(node) for item in items for node in _walk(item.node)):
        return
    if any(_of_a_record(item.node) for item in items):
        raise refused("UnsupportedSqlStructure")


def _of_a_record(node: Node) -> bool:
    if _is_aggregate(node):
        return any(_is_aggregate(inner) for part in node.parts for inner in _walk(part))
    return node.op == "path" or any(map(_of_a_record, node.parts))


def _is_aggregate(node: Node) -> bool:
    return node.op == "call" and node.text in AGGREGATES


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in node.parts:
        yield from _walk(part)
