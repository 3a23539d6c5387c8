"""Tables of what AWS's pages say: rows that are asked over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

Members = dict[str, Any]
Step = tuple[str, Members]


class Refused(NamedTuple):
    """A call that AWS refuses. message: a part of what it says.  before: calls that come first."""

    page: str
    what: str
    operation: str
    members: Members
    code: str
    status: int
    message: str
    before: tuple[Step, ...] = ()


class Answered(NamedTuple):
    """A call that AWS answers. holds: of the answer.  before: calls that come first."""

    page: str
    what: str
    operation: str
    members: Members
    holds: Callable[[Any], bool]
    before: tuple[Step, ...] = ()


def filled(value: Any, names: dict[str, str]) -> Any:
    """With the names of a world: {q} becomes its queue."""
    if isinstance(value, str):
        for name, real in names.items():
            value = value.replace("{" + name + "}", real)
        return value
    if isinstance(value, dict):
        return {filled(key, names): filled(inner, names) for key, inner in value.items()}
    return [filled(inner, names) for inner in value] if isinstance(value, list) else value


def ask(client: Any, names: dict[str, str], step: Step) -> Any:
    operation, members = step
    return getattr(client, operation)(**filled(members, names))


def check(row: Refused | Answered, client: Any, names: dict[str, str]) -> None:
    """That it is so."""
    for step in row.before:
        ask(client, names, step)
    if isinstance(row, Answered):
        answer = ask(client, names, (row.operation, row.members))
        assert row.holds(answer), (row.page, answer)
        return
    with pytest.raises(ClientError) as caught:
        ask(client, names, (row.operation, row.members))
    told, status = caught.value.response["Error"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (told["Code"], status) == (row.code, row.status), (row.page, told)
    assert row.message in told["Message"], (row.page, told)


def ids(rows: list[Any]) -> list[str]:
    return [f"{row.operation}: {row.what}" for row in rows]
