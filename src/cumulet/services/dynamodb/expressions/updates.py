"""Update expressions → a plan that changes an item: all operands are read from the item as it was, then all is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

from .. import numbers
from .. import values as av
from ..values import Item, Value
from . import parser, paths
from .conditions import Check, missing, wrong_type
from .operands import Read, Values, follow, reader
from .syntax import Action, Function, Operand, Path, Placeholder, Sum, Tree

LABEL = "UpdateExpression"
_ADDED = ("N", "SS", "NS", "BS")
_REMOVED = ("SS", "NS", "BS")
Step = tuple[str, tuple["str | int", ...], "Read | None"]


class Update(NamedTuple):
    """A compiled update. `check(values)` first, then `apply(item, values)`."""

    tree: Tree
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    roots: frozenset[str]                    # the attributes that it may change
    branches: dict[str | int, Any]           # the paths that it names, as a tree: for UPDATED_OLD and UPDATED_NEW

    def check(self, values: Values) -> None:
        missing(LABEL, self.tree, values)
        for each in self.checks:
            each(values)

    def apply(self, item: Item, values: Values) -> None:
        """Change the item in place."""
        write(item, [(verb, parts, read(item, values) if read else None) for verb, parts, read in self.steps])


@lru_cache(512)
def compiled(text: str, names: parser.Names) -> Update:
    """The update of a text."""
    return of_tree(parser.update(LABEL, text, names))


def of_tree(tree: Tree) -> Update:
    """The update of a tree (PartiQL makes its own)."""
    actions: tuple[Action, ...] = tree.root                                     # type: ignore[assignment]
    targets = tuple(action.path for action in actions)
    paths.distinct(LABEL, targets)
    checks: list[Check] = []
    steps = tuple(_step(action, checks) for action in actions)
    return Update(tree, steps, tuple(checks), frozenset(str(path.parts[0]) for path in targets), paths.branches_of(targets))


def write(item: Item, changes: list[tuple[str, tuple[str | int, ...], Value | None]]) -> None:
    """Do what has been read: first the values, then the removals, from the back of each list."""
    removed: list[tuple[list[Value], int]] = []
    appended: list[tuple[int, list[Value], Value]] = []
    for verb, parts, value in changes:
        last = parts[-1]
        if verb == "REMOVE":
            _remove(item, parts, removed)
            continue
        assert value is not None
        if verb == "ADD":
            value = _added(follow(item, parts), value)
        elif verb == "DELETE":
            left = _without(follow(item, parts), value)
            if left is None:
                continue
            value = left
            if not next(iter(left.values())):
                _remove(item, parts, removed)
                continue
        within = _parent(item, parts)
        if isinstance(last, int):
            if last < len(within):
                within[last] = value
            else:
                appended.append((last, within, value))
        else:
            within[last] = value
    for _, within, value in sorted(appended, key=lambda entry: entry[0]):
        within.append(value)
    for members, index in sorted(removed, key=lambda entry: -entry[1]):
        del members[index]


def _parent(item: Item, parts: tuple[str | int, ...]) -> Any:
    """The map or list that holds the last part of a path."""
    if len(parts) == 1:
        return item
    value = follow(item, parts[:-1])
    within = None if value is None else value.get("L" if isinstance(parts[-1], int) else "M")
    if within is None:
        raise error.ValidationException("The document path provided in the update expression is invalid for update")
    return within


def _remove(item: Item, parts: tuple[str | int, ...], removed: list[tuple[list[Value], int]]) -> None:
    within, last = _parent(item, parts), parts[-1]
    if isinstance(last, int):
        if last < len(within):
            removed.append((within, last))
    else:
        within.pop(last, None)


def _added(old: Value | None, value: Value) -> Value:
    if old is None:
        return value
    [(kind, data)] = value.items()
    if kind not in old:
        raise _wrong_data()
    if kind == "N":
        return {"N": numbers.add(old["N"], data)}
    if kind == "L":                                      # only AttributeUpdates can ask for it
        return {"L": old["L"] + data}
    return {kind: av.sets_of(kind, old[kind], data, True)}


def _without(old: Value | None, value: Value) -> Value | None:
    if old is None:
        return None
    [(kind, data)] = value.items()
    if kind not in old:
        raise _wrong_data()
    return {kind: av.sets_of(kind, old[kind], data, False)}


def _wrong_data() -> AwsError:
    return error.ValidationException("An operand in the update expression has an incorrect data type")


def _step(action: Action, checks: list[Check]) -> Step:
    verb, path, operand = action
    if operand is None:
        return verb, path.parts, None
    if verb in ("ADD", "DELETE"):
        assert isinstance(operand, Placeholder)
        checks.append(_check_verb(verb, operand.name))
        return verb, path.parts, reader(operand)
    return verb, path.parts, _required(_setting(operand, checks))


def _check_verb(verb: str, name: str) -> Check:
    kinds = _ADDED if verb == "ADD" else _REMOVED

    def check(values: Values) -> None:
        kind = av.kind_of(values[name])
        if kind not in kinds:
            raise error.ValidationException(
                f"Invalid {LABEL}: Incorrect operand type for operator or function; operator: {verb}, operand type: "
                f"{av.LONG_NAMES[kind]}, typeSet: ALLOWED_FOR_{verb}_OPERAND")

    return check


def _check_kind(operator: str, operand: Operand, kind: str, checks: list[Check]) -> None:
    if not isinstance(operand, Placeholder):
        return
    name = operand.name

    def check(values: Values) -> None:
        found = av.kind_of(values[name])
        if found != kind:
            raise wrong_type(LABEL, operator, found)

    checks.append(check)


def _required(read: Read) -> Read:
    def required(item: Item, values: Values) -> Value:
        value = read(item, values)
        if value is None:
            raise error.ValidationException("The provided expression refers to an attribute that does not exist in the item")
        return value

    return required


def _setting(operand: Operand, checks: list[Check]) -> Read:
    """What SET writes: never the same object as anything in the item, since both may be changed."""
    if isinstance(operand, Path):
        read = reader(operand)
        return lambda item, values: None if (found := read(item, values)) is None else av.copy(found)
    if isinstance(operand, Placeholder):
        name = operand.name
        return lambda item, values: av.copy(values[name])
    if isinstance(operand, Sum):
        return _sum(operand, checks)
    if operand.name == "if_not_exists":
        target, instead = operand.arguments
        if not isinstance(target, Path):
            raise error.ValidationException(
                f"Invalid {LABEL}: Operator or function requires a document path; operator or function: if_not_exists")
        first, second = _setting(target, checks), _setting(instead, checks)
        return lambda item, values: found if (found := first(item, values)) is not None else second(item, values)
    return _appending(operand, checks)


def _sum(operand: Sum, checks: list[Check]) -> Read:
    for side in (operand.left, operand.right):
        _check_kind(operand.sign, side, "N", checks)
    first, second = _required(_setting(operand.left, checks)), _required(_setting(operand.right, checks))
    work: Callable[[str, str], str] = numbers.add if operand.sign == "+" else numbers.subtract

    def calculate(item: Item, values: Values) -> Value:
        left, right = first(item, values), second(item, values)
        if left is None or right is None or "N" not in left or "N" not in right:
            raise _wrong_data()
        return {"N": work(left["N"], right["N"])}

    return calculate


def _appending(operand: Function, checks: list[Check]) -> Read:
    for side in operand.arguments:
        _check_kind("list_append", side, "L", checks)
    one, two = (_required(_setting(side, checks)) for side in operand.arguments)

    def append(item: Item, values: Values) -> Value:
        left, right = one(item, values), two(item, values)
        if left is None or right is None or "L" not in left or "L" not in right:
            raise _wrong_data()
        return {"L": left["L"] + right["L"]}

    return append
