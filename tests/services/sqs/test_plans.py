"""How SQLite finds messages: never by walking what grows with the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cumulet.services.sqs import messages, tenants
from cumulet.services.sqs.resources import Message

BY_KEY = "SEARCH sqs_message USING INTEGER PRIMARY KEY"
BY_DUE = "USING COVERING INDEX sqs_message__due (scope=? AND box=? AND due>?"
BY_TENANT = "USING COVERING INDEX sqs_message__tenant (scope=? AND line=?"
STATEMENTS = {
    "receive": (messages._TAKE[10], [BY_KEY]), "delete": (messages._DELETE[10], [BY_KEY]),
    "facts": (messages._FACTS[10], [BY_KEY]), "hide": (messages._DUE[10], [BY_KEY]),
    "held": (messages._HOLD, [BY_KEY]),
    "look": (messages._LOOK, ["sqs_message__due (scope=? AND box=? AND due>? AND due<?)"]),
    "next": (messages._NEXT, [BY_DUE]), "visible": (messages._VISIBLE_COUNT, [BY_DUE]),
    "hidden": (messages._HIDDEN_COUNT, [BY_DUE]),
    "sweep": (messages._SWEEP, [BY_KEY, "sqs_message__due (scope=? AND box=? AND due<?)"]),
    "first of a tenant": (tenants._FIRST, [BY_TENANT]), "flying": (tenants._FLYING, [BY_TENANT + " AND due>?"]),
    "of a tenant": (tenants._VISIBLE, ["sqs_message__tenant (scope=? AND line=? AND due<?)"]),
    "empty": (messages._EMPTY, [BY_KEY, "sqs_message__due (scope=? AND box=?)"]),
}


@pytest.fixture(scope="module")
def explain(start_cloud: Callable[..., Any]) -> Callable[[str], list[str]]:
    thread = start_cloud(store="", ephemeral=True)
    store = thread.cloud.store

    async def plan(text: str) -> list[str]:
        store.register([Message])
        ready = text.replace("{table}", "sqs_message").replace("{scope}", "1").replace("{columns}", "*")
        return [row[3] for row in store.writer.connection.execute(f"EXPLAIN QUERY PLAN {ready}", [0] * ready.count("?"))]

    return lambda text: list(thread.call(plan(text)))


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_goes_by_the_key_or_the_index(name: str, explain: Callable[[str], list[str]]) -> None:
    text, wanted = STATEMENTS[name]
    steps = explain(text)
    for part in wanted:
        assert any(part in step for step in steps), steps
    walks = [step for step in steps if "SCAN" in step or "TEMP B-TREE" in step]
    assert walks in ([], ["SCAN flying"]), steps         # of what a LIMIT left
