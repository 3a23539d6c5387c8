"""The maintenance of tables: old snapshots go, once a day; compaction is refused."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Catalog, make
from .test_catalog import ref, snapshot

_DAY, _KIND = 86_400, "icebergSnapshotManagement"
ORDERS = "/namespaces/shop/tables/orders"


@pytest.fixture
def name(tables: Any, bucket: str) -> dict[str, str]:
    make(tables, bucket)
    return {"tableBucketARN": bucket, "namespace": "shop", "name": "orders"}


def kept(catalog: Catalog) -> list[int]:
    return [one["snapshot-id"] for one in catalog.ask("GET", ORDERS).body["metadata"]["snapshots"]]


def filled(cloud: Cloud, catalog: Catalog, *more: dict[str, Any]) -> None:
    """Three snapshots of now, one after the other."""
    now = int(cloud.clock.now() * 1000)
    changes = [snapshot(1, 1, None, now), snapshot(2, 2, 1, now), snapshot(3, 3, 2, now), ref(3), *more]
    assert catalog.commit(*changes).status == 200


def test_old_snapshots_go_but_the_newest_and_those_with_a_name(
        cloud: Cloud, catalog: Catalog, tables: Any, name: dict[str, str]) -> None:
    filled(cloud, catalog, ref(1, "first", "tag"))
    status = tables.get_table_maintenance_job_status(**name)["status"]
    assert {kind: one["status"] for kind, one in status.items()} == {
        "icebergCompaction": "Disabled", _KIND: "Not_Yet_Run", "icebergUnreferencedFileRemoval": "Not_Yet_Run"}
    token = tables.get_table(**name)["versionToken"]
    cloud.clock.advance(_DAY + 1)
    assert kept(catalog) == [1, 2, 3]
    assert tables.get_table(**name)["versionToken"] == token
    assert tables.get_table_maintenance_job_status(**name)["status"][_KIND]["status"] == "Successful"
    cloud.clock.advance(5 * _DAY)
    assert kept(catalog) == [1, 3]
    assert tables.get_table(**name)["versionToken"] != token


def test_settings_say_how_many_and_how_old(cloud: Cloud, catalog: Catalog, tables: Any, name: dict[str, str]) -> None:
    tables.put_table_maintenance_configuration(**name, type=_KIND, value={"settings": {_KIND: {"maxSnapshotAgeHours": 12}}})
    tables.put_table_maintenance_configuration(**name, type=_KIND, value={"settings": {_KIND: {"minSnapshotsToKeep": 2}}})
    assert tables.get_table_maintenance_configuration(**name)["configuration"][_KIND] == {
        "status": "enabled", "settings": {_KIND: {"minSnapshotsToKeep": 2, "maxSnapshotAgeHours": 12}}}
    filled(cloud, catalog)
    cloud.clock.advance(_DAY + 1)
    assert kept(catalog) == [2, 3]


def test_what_is_disabled_does_not_run(cloud: Cloud, catalog: Catalog, tables: Any, name: dict[str, str]) -> None:
    tables.put_table_maintenance_configuration(**name, type=_KIND, value={"status": "disabled"})
    filled(cloud, catalog)
    cloud.clock.advance(7 * _DAY)
    assert kept(catalog) == [1, 2, 3]
    assert tables.get_table_maintenance_job_status(**name)["status"][_KIND] == {"status": "Disabled"}


@pytest.mark.parametrize(("own", "left"), [
    ({"action": "set-properties", "updates": {"history.expire.max-snapshot-age-ms": str(8 * _DAY * 1000)}}, [1, 2, 3]),
    ({"action": "set-properties", "updates": {"history.expire.min-snapshots-to-keep": "3"}}, [1, 2, 3]),
    ({"action": "set-properties", "updates": {"history.expire.max-snapshot-age-ms": "1000"}}, [3]),
    (ref(1, "first", "tag") | {"max-ref-age-ms": 1000}, [1, 2, 3])])
def test_a_retention_of_the_tables_own_comes_first(
        cloud: Cloud, catalog: Catalog, tables: Any, name: dict[str, str], own: dict[str, Any], left: list[int]) -> None:
    filled(cloud, catalog, own)
    cloud.clock.advance(7 * _DAY)
    assert kept(catalog) == left
    told = tables.get_table_maintenance_job_status(**name)["status"][_KIND]
    assert (told["status"], "retention" in told.get("failureMessage", "")) == (
        ("Successful", False) if left == [3] else ("Failed", True))


def test_compaction_is_told_to_be_absent(tables: Any, name: dict[str, str]) -> None:
    assert tables.get_table_maintenance_configuration(**name)["configuration"]["icebergCompaction"]["status"] == "disabled"
    with refused("NotImplemented"):
        tables.put_table_maintenance_configuration(**name, type="icebergCompaction", value={"status": "enabled"})
    tables.put_table_maintenance_configuration(**name, type="icebergCompaction", value={"status": "disabled"})
