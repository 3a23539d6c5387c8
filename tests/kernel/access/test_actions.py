"""Every operation has an action that AWS lists, or is told of in a table here, with the reason."""

from __future__ import annotations

import pytest

from access.documented_actions import UNLISTED
from cumulet.kernel.access import actions, catalogue, passing
from cumulet.kernel.catalog import Catalog
from cumulet.kernel.wire import model

CATALOG = Catalog(lambda kinds: None)


@pytest.mark.parametrize("api", sorted(CATALOG.apis))
def test_every_operation_has_an_action(api: str) -> None:
    found = [f"{api}:{name} → {actions.action_of(api, name)}" for name in CATALOG.load(api).operations[api]
             if catalogue.action(actions.action_of(api, name)) is None and (api, name) not in UNLISTED
             and not model(api).operations[name].unsigned]       # what browsers and portals ask needs no permission
    assert not found, "tell their actions in kernel/access/actions.py: " + ", ".join(found)


def test_the_table_names_real_actions() -> None:
    assert [a for a in actions.OTHERS.values() if catalogue.action(a) is None] == []
    known = {p.partition(":")[0] for p in passing.PASSES}
    assert [p for p in sorted(known) if not catalogue.actions(p)] == []
    assert [p for p in sorted(passing.PASSES) if catalogue.action(p) is None] == []
