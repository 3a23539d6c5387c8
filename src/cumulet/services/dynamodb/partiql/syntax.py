"""What statements are made of. Their literals and parameters are placeholders; templates make values of them at each run."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..expressions.conditions import Condition
from ..expressions.syntax import Path
from ..expressions.updates import Update as Change


class Parameter(NamedTuple):
    """A `?`, by its place among them."""

    at: int


class ListOf(NamedTuple):
    members: tuple[Template, ...]


class MapOf(NamedTuple):
    members: tuple[tuple[str, Template], ...]


class SetOf(NamedTuple):
    members: tuple[Template, ...]


Template = dict[str, Any] | Parameter | ListOf | MapOf | SetOf      # the dict is a value that is known already


class Select(NamedTuple):
    """shown: paths to answer, empty for `*`.  order: attributes, and whether each descends."""

    table: str
    index_name: str
    shown: tuple[Path, ...]
    where: Condition | None
    order: tuple[tuple[str, bool], ...]


class Insert(NamedTuple):
    table: str
    item: Template


class Update(NamedTuple):
    """returning: as UpdateItem calls it (ALL_OLD, UPDATED_NEW, …)."""

    table: str
    change: Change
    where: Condition
    returning: str


class Delete(NamedTuple):
    table: str
    where: Condition
    returning: str


class Exists(NamedTuple):
    """A condition on one item, in a transaction."""

    table: str
    where: Condition


Writing = Insert | Update | Delete | Exists
Statement = Select | Writing


class Parsed(NamedTuple):
    """A statement. templates: of each placeholder.  parameters: how many it takes."""

    statement: Statement
    templates: tuple[tuple[str, Template], ...]
    parameters: int
