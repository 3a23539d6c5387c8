"""One of every resource that any service declares: saved, changed, loaded; exported, imported; brought to a newer format."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

from conftest import Cloud, Start
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.declare import stored_kinds, stored_of
from cumulet.kernel.resources import lifecycle
from cumulet.kernel.store.copies import Copy
from cumulet.kernel.store.schema import MIGRATIONS, SchemaProblem
from cumulet.kernel.store.snapshot import STATE
from cumulet.kernel.store.sqlite import SqliteStore
from derived.test_resources import MADE, Here

from . import generated
from .filled import fill

# Timers of what was waited for go on; what a start begins anew is begun anew.
_MOVING = {"kernel_job", "kernel_scopes"}
Rows = dict[str, list[tuple[Any, ...]]]


class Full(NamedTuple):
    """A cloud with one of everything, kept as the snapshot `full`."""

    thread: CloudThread
    http: httpx.Client
    rows: Rows


def rows_of(path: Path) -> Rows:
    """All rows of a snapshot, their scopes as accounts and regions."""
    copy = Copy(str(path / STATE))
    try:
        return {table: sorted(((copy.scopes.get(row[0]), *row[1:]) for row in copy.rows(table)), key=repr)
                for table in copy.tables if table not in _MOVING}
    finally:
        copy.close()


def save(thread: CloudThread, name: str) -> Rows:
    """Keep the state once nothing more is due, and read it."""
    cloud = thread.cloud
    thread.call(cloud.jobs.idle())
    thread.call(cloud.shelf.save(name))
    return rows_of(Path(cloud.shelf.path(name)))


@pytest.fixture(scope="module")
def full(start_cloud: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    thread = start_cloud(data=tmp_path_factory.mktemp("full") / "state")
    for type_name in MADE:
        Here(thread).make(type_name)
    fill(Cloud(thread, "123123123123"), "everything")
    thread.call(thread.cloud.move_clock(thread.cloud.clock.now() + 60))
    http = httpx.Client(base_url=thread.cloud.endpoint, timeout=60)
    rows = save(thread, "full")
    yield Full(thread, http, rows)
    http.close()
    thread.stop()


def test_every_declared_resource_is_in_it(full: Full) -> None:
    inside = full.http.get("/_cumulet/snapshots/show", params={"name": "full"}).json()["accounts"]
    types = {t for regions in inside.values() for services in regions.values() for told in services.values()
             for t in told["resources"]}
    assert set(MADE) <= types


def test_save_change_load_is_equal(full: Full) -> None:
    cloud = Cloud(full.thread, "123123123123")
    for type_name in MADE[::3]:
        Here(full.thread).make(type_name)
    cloud.client("s3").delete_object(Bucket="everything", Key="big")
    cloud.client("dynamodb").delete_table(TableName="items")
    assert save(full.thread, "changed") != full.rows
    full.thread.call(full.thread.cloud.shelf.load("full"))
    assert save(full.thread, "again") == full.rows
    difference = full.http.get("/_cumulet/snapshots/diff", params={"name": "full", "other": "again"}).json()
    assert difference == {"resources": [], "rows": []}


def test_export_import_is_equal_and_works(full: Full, start_cloud: Start, tmp_path: Path) -> None:
    packed = full.http.get("/_cumulet/snapshots/export", params={"name": "full"}).content
    other = start_cloud(data=tmp_path / "state")
    httpx.post(f"{other.cloud.endpoint}/_cumulet/snapshots/import", params={"name": "taken"}, content=packed,
               timeout=60).raise_for_status()
    other.call(other.cloud.shelf.load("taken"))
    assert save(other, "loaded") == full.rows
    there = Here(other)
    for type_name in ("AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::KMS::Key"):
        key = there.make(type_name)
        assert key in there.do(lambda call, t=type_name: lifecycle.every(call, t))
    other.stop()


def in_store(folder: Path, migrations: Any, work: Any) -> Any:
    """Something with a store of another version."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def opened() -> SqliteStore:
        return SqliteStore(str(folder), loop, migrations=migrations)

    store = asyncio.run_coroutine_threadsafe(opened(), loop).result(20)
    try:
        return work(store)
    finally:
        asyncio.run_coroutine_threadsafe(store.close(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def test_a_newer_version_migrates_what_it_loads_and_an_older_one_refuses_it(full: Full, tmp_path: Path) -> None:
    snapshot = full.thread.cloud.shelf.path("full")

    def rename(execute: Any) -> None:
        execute('UPDATE "sqs_queue" SET "VisibilityTimeout" = "VisibilityTimeout" + ?', (1000,))

    def load(store: Any) -> None:
        store.restore(snapshot)
        store.snapshot(str(tmp_path / "newer"))

    in_store(tmp_path / "state", (*MIGRATIONS, rename), load)
    copy = Copy(str(tmp_path / "newer" / STATE))
    assert copy.format == 2 + len(MIGRATIONS)
    at = list(copy.tables["sqs_queue"].columns).index("VisibilityTimeout")
    copy.close()
    migrated = rows_of(tmp_path / "newer")
    expected = dict(full.rows)
    expected["sqs_queue"] = sorted(((*row[:at + 1], row[at + 1] + 1000, *row[at + 2:]) for row in expected["sqs_queue"]),
                                   key=repr)
    assert migrated == expected

    def refused(store: Any) -> None:
        store.restore(snapshot)
        with pytest.raises(SchemaProblem, match="newer version"):
            store.restore(str(tmp_path / "newer"))
        store.snapshot(str(tmp_path / "kept"))

    in_store(tmp_path / "older", MIGRATIONS, refused)
    assert rows_of(tmp_path / "kept") == full.rows


def test_rows_of_every_table_are_exported_imported_migrated_and_forgotten(start_cloud: Start, tmp_path: Path) -> None:
    """Whatever a service keeps: all tables have rows, with values of all types that their fields allow."""
    thread, other = start_cloud(data=tmp_path / "state"), start_cloud(data=tmp_path / "other")
    cloud, rows = thread.cloud, generated.Rows(1)
    tables = generated.kinds(cloud.catalog)
    thread.call(cloud.store.run(lambda tx: [rows.put(tx, kind, 3) for kind in tables]))
    kept = save(thread, "all")
    assert {stored_of(kind).table for kind in tables} <= {table for table, found in kept.items() if len(found) >= 9}
    other.call(other.cloud.shelf.take("taken", thread.call(cloud.shelf.export("all"))))
    assert rows_of(Path(other.cloud.shelf.path("taken"))) == kept
    path = cloud.shelf.path("all")

    def marked(execute: Any) -> None:
        for kind in tables:
            execute(f'ALTER TABLE "{stored_of(kind).table}" ADD COLUMN "added by the test" INTEGER')
            execute(f'UPDATE "{stored_of(kind).table}" SET "added by the test" = 1')

    def migrate(store: Any) -> None:
        store.restore(path)
        store.snapshot(str(tmp_path / "newer"))

    in_store(tmp_path / "migrated", (*MIGRATIONS, marked), migrate)
    assert rows_of(tmp_path / "newer") == kept
    copy = Copy(str(tmp_path / "newer" / STATE))
    for kind in tables:
        table = stored_of(kind).table
        counted = copy.connection.execute(f'SELECT count(*), sum("added by the test") FROM "{table}"').fetchone()
        assert counted[0] == counted[1] == len(kept[table])
    copy.close()
    first = generated.SCOPES[0][0]
    thread.call(cloud.reset(first))
    left = save(thread, "left")
    for kind in (kind for kind in tables if stored_of(kind).scope != "global"):
        table = stored_of(kind).table
        assert left[table] == [row for row in kept[table] if row[0][0] != first] != [], table
    for one in (thread, other):
        one.stop()


# The partition's own: nobody's account has them.
NOBODYS = {"kernel_blob", "kernel_changed_modes", "kernel_machine_key", "kernel_relayed", "kernel_setting", "sns_signing_key",
           "sso_admin_client"}


def test_every_table_says_whose_its_rows_are(full: Full) -> None:
    """What a service keeps in the partition's scope is missing in an account's snapshot unless it names the account, or
    `belongs` says with whose rows it goes."""
    catalog = full.thread.cloud.catalog
    for service in catalog.declared.values():
        catalog.load(service.api)
    kinds = [*stored_kinds("cumulet.kernel"), *stored_kinds("cumulet.services")]
    tables = {stored_of(kind).table: {f.name for f in msgspec.structs.fields(kind)} for kind in kinds}
    for kind in kinds:
        said = stored_of(kind)
        if said.scope == "global" and said.table not in NOBODYS:
            assert said.belongs or "account" in tables[said.table], f"{said.table}: declare belongs={{…}}"
        places = [place for several in said.belongs.values() for place in several]
        for table, _, field in (place.partition(".") for place in places):
            assert field in tables[table], f"{said.table} belongs to {table}.{field}, which is not there"
        assert set(said.refers.values()) <= tables.keys(), said.table
        assert set(said.refers) | set(said.belongs) <= tables[said.table], said.table
