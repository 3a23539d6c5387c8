"""Statement → its parts: SELECT, INSERT, UPDATE, DELETE and EXISTS. Pure and kept: the same text is parsed once."""

from __future__ import annotations

from functools import lru_cache

from ..expressions import conditions, updates
from ..expressions.conditions import Condition
from ..expressions.syntax import Action, Function, Operand, Path, Placeholder, Sum, Tree
from .clauses import Clauses
from .lexer import malformed, tokens
from .syntax import Delete, Exists, Insert, Parsed, Select, Statement, Update

_RETURNED = {("ALL", "OLD"): "ALL_OLD", ("MODIFIED", "OLD"): "UPDATED_OLD", ("ALL", "NEW"): "ALL_NEW",
             ("MODIFIED", "NEW"): "UPDATED_NEW"}
_MOST_SIGNS = 100                            # so that no text can exhaust the stack
_IN_SET = frozenset({"list_append", "set_add", "set_delete"})
_OF_SETS = {"set_add": "ADD", "set_delete": "DELETE"}


@lru_cache(512)
def parsed(text: str) -> Parsed:
    """The statement of a text."""
    c = Clauses(tokens(text))
    statement = _statement(c)
    c.skip(";")
    if c.token.kind != "end":
        raise malformed("Unexpected token after expression")
    return Parsed(statement, tuple(c.templates.items()), c.parameters)


def _statement(c: Clauses) -> Statement:
    if c.word("SELECT"):
        return _select(c)
    if c.word("INSERT"):
        c.must("INTO")
        table = _table(c)
        c.must("VALUE")
        return Insert(table, c.template())
    if c.word("UPDATE"):
        return _update(c)
    if c.word("DELETE"):
        c.must("FROM")
        table = _table(c)
        return Delete(table, _condition(c), _returning(c, ("ALL_OLD",)))
    if c.word("EXISTS"):
        return _exists(c)
    raise malformed("Expected data manipulation")


def _exists(c: Clauses) -> Exists:
    c.expect("(")
    c.must("SELECT")
    inner = _select(c)
    c.expect(")")
    if inner.where is None or inner.index_name or inner.order:
        raise malformed("EXISTS must select one item of a table by a WHERE clause")
    return Exists(inner.table, inner.where)


def _select(c: Clauses) -> Select:
    shown: list[Path] = []
    if not c.skip("*"):
        shown.append(_column(c))
        while c.skip(","):
            shown.append(_column(c))
    if not c.word("FROM"):
        raise malformed("Expected FROM after SELECT list")
    table, index = c.identifier(), ""
    if c.skip("."):
        index = c.identifier()
    _no_alias(c)
    where = _where(c, "FilterExpression")
    order = _order(c) if c.word("ORDER") else ()
    return Select(table, index, tuple(shown), where, order)


def _column(c: Clauses) -> Path:
    found = c.operand(0)
    if not isinstance(found, Path):
        raise malformed("Only attributes and document paths can be selected")
    _no_alias(c)
    return found


def _no_alias(c: Clauses) -> None:
    if c.token.kind in ("word", "quoted") or c.is_word("AS"):
        raise malformed("Aliasing is not supported")


def _order(c: Clauses) -> tuple[tuple[str, bool], ...]:
    c.must("BY")
    found = [_ordered(c)]
    while c.skip(","):
        found.append(_ordered(c))
    return tuple(found)


def _ordered(c: Clauses) -> tuple[str, bool]:
    name, descends = c.identifier(), c.word("DESC")
    if not descends:
        c.word("ASC")
    return name, descends


def _where(c: Clauses, label: str) -> Condition | None:
    if not c.word("WHERE"):
        return None
    before = len(c.templates)
    root = c.predicate()
    used = frozenset(list(c.templates)[before:])
    return conditions.of_tree(label, Tree(root, frozenset(), used))


def _condition(c: Clauses) -> Condition:
    found = _where(c, "ConditionExpression")
    if found is None:
        raise malformed("Expected a WHERE clause")
    return found


def _table(c: Clauses) -> str:
    name = c.identifier()
    if c.token.text == ".":
        raise malformed("Only a table can be written to, not its indexes")
    return name


def _returning(c: Clauses, allowed: tuple[str, ...]) -> str:
    if not c.word("RETURNING"):
        return "NONE"
    first, second = c.advance().text.upper(), c.advance().text.upper()
    c.expect("*")
    found = _RETURNED.get((first, second))
    if found not in allowed:
        raise malformed(f"RETURNING {first} {second} * is not supported here")
    return str(found)


# --- updates ---

def _update(c: Clauses) -> Update:
    table = _table(c)
    before = len(c.templates)
    actions: list[Action] = []
    while True:
        if c.word("SET"):
            actions.append(_setting(c))
            while c.skip(","):
                actions.append(_setting(c))
        elif c.word("REMOVE"):
            actions.append(Action("REMOVE", c.path(), None))
            while c.skip(","):
                actions.append(Action("REMOVE", c.path(), None))
        else:
            break
    if not actions:
        raise malformed("Expected data manipulation")
    used = frozenset(list(c.templates)[before:])
    change = updates.of_tree(Tree(tuple(actions), frozenset(), used))
    return Update(table, change, _condition(c), _returning(c, tuple(_RETURNED.values())))


def _setting(c: Clauses) -> Action:
    path = c.path()
    c.expect("=")
    value = _sum(c)
    if isinstance(value, Function) and value.name in _OF_SETS:
        of, members = value.arguments
        if of != path or not isinstance(members, Placeholder):
            raise malformed(f"{value.name} takes the attribute that is set, and a set")
        return Action(_OF_SETS[value.name], path, members)
    return Action("SET", path, value)


def _sum(c: Clauses) -> Operand:
    left, signs = _side(c), 0
    while c.token.kind == "sign" and c.token.text in ("+", "-"):
        left = Sum(c.advance().text, left, _side(c))
        signs += 1
    if signs > _MOST_SIGNS:
        raise malformed(f"A sum has at most {_MOST_SIGNS} operators")
    return left


def _side(c: Clauses) -> Operand:
    if c.token.kind == "word" and c.next.text == "(":
        return c.function(_IN_SET, 0, lambda: _sum(c))
    return c.operand(0)
