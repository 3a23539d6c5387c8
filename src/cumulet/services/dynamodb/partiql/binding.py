"""Templates and parameters → the values of one run."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import error

from .. import values as av
from ..values import Item, Value
from .lexer import malformed
from .syntax import ListOf, MapOf, Parameter, Parsed, SetOf, Template


class Bound:
    """A statement with its values, by placeholder."""

    __slots__ = ("parameters", "statement", "values")

    def __init__(self, parsed: Parsed, parameters: list[Value] | None) -> None:
        self.parameters = parameters or []
        if len(self.parameters) != parsed.parameters:
            raise error.ValidationException("Number of parameters in request and statement don't match.")
        self.statement = parsed.statement
        self.values = {name: self.value(template) for name, template in parsed.templates}

    def value(self, template: Template) -> Value:
        """A template with its parameters filled in, in the one form."""
        return av.take(_filled(template, self.parameters))[0]

    def item(self, template: Template) -> tuple[Item, int]:
        """An item to insert, and its size."""
        found = _filled(template, self.parameters)
        if "M" not in found:
            raise malformed("INSERT takes an item as VALUE")
        return av.take_item(found["M"])


def _filled(template: Template, parameters: list[Value]) -> Value:
    if isinstance(template, dict):
        return template
    if isinstance(template, Parameter):
        return parameters[template.at]
    if isinstance(template, MapOf):
        return {"M": {name: _filled(member, parameters) for name, member in template.members}}
    if isinstance(template, ListOf):
        return {"L": [_filled(member, parameters) for member in template.members]}
    assert isinstance(template, SetOf)
    return _set([_filled(member, parameters) for member in template.members])


def _set(members: list[Value]) -> Value:
    kinds = {av.kind_of(member) for member in members}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise malformed("The members of a set must be strings, numbers or binary values of one type")
    [kind] = kinds
    data: list[Any] = [member[kind] for member in members]
    return {f"{kind}S": data}
