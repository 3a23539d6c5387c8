"""What decisions remember of organizations is right whatever becomes of the rows: undone, reset, changed by another node."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from cumulet.kernel.access import organization as org

ROOT, UNIT, MANAGER, MEMBER = "r-abcd", "ou-abcd-11111111", "111111111111", "222222222222"
DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
_versions = itertools.count()


def found(tx: Any) -> None:
    """An organization of a manager, and a member in a unit with a policy of its own."""
    tx.table(org.Organization, "", "").put(org.Organization(id="o-aaaaaaaaaa", account=MANAGER, root=ROOT, features="ALL",
                                                            created=1.0, version="0", enabled=[org.SCP]))
    tx.table(org.Unit, "", "").put(org.Unit(Id=UNIT, account=MANAGER, organization="o-aaaaaaaaaa", ParentId=ROOT, Name="u",
                                            path=f"o-aaaaaaaaaa/{ROOT}/{UNIT}/"))
    for account, parent in ((MANAGER, ROOT), (MEMBER, UNIT)):
        tx.table(org.Account, "", "").put(org.Account(account=account, name="a", email=f"{account}@example.com", created=1.0,
                                                      organization="o-aaaaaaaaaa", parent=parent))
    for target in (ROOT, UNIT, MEMBER):
        attach(tx, target, org.FULL[org.SCP])


def attach(tx: Any, target: str, policy: str) -> None:
    tx.table(org.PolicyAttachment, "", "").put(org.PolicyAttachment(
        target=target, type=org.SCP, policy=policy, organization="o-aaaaaaaaaa", account=MANAGER, created=1.0))
    org.changed(tx, "o-aaaaaaaaaa", str(next(_versions)))


def deny(tx: Any) -> None:
    tx.table(org.OrganizationPolicy, "", "").put(org.OrganizationPolicy(
        Id="p-denydenyde", account=MANAGER, organization="o-aaaaaaaaaa", Type=org.SCP, Name="deny", kind="scp",
        Content=DENY, updated=1.0))
    attach(tx, UNIT, "p-denydenyde")


def levels(store: Any, account: str = MEMBER) -> list[list[str]]:
    told: org.Levels = store.run_now(lambda tx: org.control_policies(tx, account, org.SCP))
    return [[origin.split()[3] for origin, _ in level] for level in told]


FULL = ["p-FullAWSAccess"]
BOTH = [FULL, ["p-FullAWSAccess", "p-denydenyde"], FULL]


def test_each_level_tells_its_policies_and_the_manager_has_none(opened: Any) -> None:
    store = opened.store
    assert levels(store) == []
    store.run_now(found)
    assert levels(store) == [FULL, FULL, FULL]
    assert levels(store, MANAGER) == []
    assert store.run_now(lambda tx: org.control_policies(tx, MEMBER, org.RCP)) == ()
    store.run_now(deny)
    assert levels(store) == BOTH
    assert store.run_now(lambda tx: org.control_policies(tx, MEMBER, org.SCP))[1][1][1] == DENY


def test_where_an_account_stands(opened: Any) -> None:
    store = opened.store
    assert store.run_now(lambda tx: org.org_id(tx, MEMBER)) is None
    store.run_now(found)
    assert store.run_now(lambda tx: org.org_id(tx, MEMBER)) == "o-aaaaaaaaaa"
    assert store.run_now(lambda tx: org.org_paths(tx, MEMBER)) == [f"o-aaaaaaaaaa/{ROOT}/{UNIT}/"]
    assert store.run_now(lambda tx: org.org_paths(tx, MANAGER)) == [f"o-aaaaaaaaaa/{ROOT}/"]
    assert store.run_now(lambda tx: org.org_paths(tx, "333333333333")) is None


def test_what_was_undone_is_not_remembered(opened: Any) -> None:
    store = opened.store
    store.run_now(found)
    assert levels(store) == [FULL, FULL, FULL]

    def fails(tx: Any) -> None:
        deny(tx)
        assert len(org.control_policies(tx, MEMBER, org.SCP)[1]) == 2
        raise ValueError("no")

    def half(tx: Any) -> None:
        with pytest.raises(ValueError), tx.savepoint():
            fails(tx)
        assert len(org.control_policies(tx, MEMBER, org.SCP)[1]) == 1

    with pytest.raises(ValueError):
        store.run_now(fails)
    assert levels(store) == [FULL, FULL, FULL]
    store.run_now(half)
    assert levels(store) == [FULL, FULL, FULL]


def test_what_was_seen_half_done_is_not_remembered(opened: Any) -> None:
    store = opened.store
    store.run_now(found)

    def write(tx: Any) -> None:
        org.changed(tx, "o-aaaaaaaaaa", "half")
        assert len(org.control_policies(tx, MEMBER, org.SCP)[1]) == 1
        tx.table(org.OrganizationPolicy, "", "").put(org.OrganizationPolicy(
            Id="p-denydenyde", account=MANAGER, organization="o-aaaaaaaaaa", Type=org.SCP, Name="deny", kind="scp",
            Content=DENY, updated=1.0))
        tx.table(org.PolicyAttachment, "", "").put(org.PolicyAttachment(
            target=UNIT, type=org.SCP, policy="p-denydenyde", organization="o-aaaaaaaaaa", account=MANAGER, created=1.0))

    store.run_now(write)
    assert levels(store) == BOTH


def test_a_reset_forgets(opened: Any) -> None:
    store = opened.store
    store.run_now(found)
    assert levels(store) == [FULL, FULL, FULL]
    store.reset(MEMBER)
    assert levels(store) == []
    store.run_now(found)
    assert levels(store) == [FULL, FULL, FULL]
    store.reset()
    assert levels(store) == []


@pytest.mark.parametrize("kind", ["postgres"], indirect=True)
def test_what_another_node_writes_is_seen(opened: Any, second: Any) -> None:
    opened.store.run_now(found)
    assert levels(second.store) == [FULL, FULL, FULL]
    opened.store.run_now(deny)
    assert levels(second.store) == BOTH


def test_a_closed_account_is_known(opened: Any) -> None:
    store = opened.store
    assert not store.run_now(lambda tx: org.is_closed(tx, MEMBER))
    store.run_now(found)

    def close(tx: Any) -> None:
        tx.table(org.Account, "", "").change(MEMBER, state="SUSPENDED")
        org.changed(tx, "o-aaaaaaaaaa", str(next(_versions)))

    store.run_now(close)
    assert store.run_now(lambda tx: org.is_closed(tx, MEMBER))
    assert not store.run_now(lambda tx: org.is_closed(tx, MANAGER))
