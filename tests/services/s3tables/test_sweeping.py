"""Files that nothing leads to: marked, and deleted, after the days that the bucket says."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.s3tables.iceberg import Invalid
from cumulet.services.s3tables.iceberg.avro import records
from services.sqs.queues import refused

from .conftest import Catalog, make
from .containers import container, manifest, manifest_list
from .test_catalog import ref
from .test_tables import place

_DAY, _KIND = 86_400, "icebergUnreferencedFileRemoval"
NAME = {"namespace": "shop", "name": "orders"}


def filled(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str, codec: str = "deflate") -> str:
    """A table with a snapshot that leads to two data files, and two files that nothing leads to; its warehouse."""
    root = str(make(tables, bucket)["warehouseLocation"])
    for path, data in (("data/a", b"a"), ("data/b", b"b"), ("data/gone", b"c"), ("data/loose", b"d"),
                       ("metadata/m", manifest((0, root + "/data/a"), (1, root.replace("s3:", "s3a:") + "/data/b"),
                                               (2, root + "/data/gone"))),
                       ("metadata/l", manifest_list(root + "/metadata/m", codec=codec))):
        s3.put_object(**place(f"{root}/{path}"), Body=data)
    assert catalog.commit({"action": "add-snapshot", "snapshot": {
        "snapshot-id": 1, "sequence-number": 1, "timestamp-ms": int(cloud.clock.now() * 1000), "schema-id": 0,
        "manifest-list": root + "/metadata/l", "summary": {"operation": "append"}}}, ref(1)).status == 200
    return root


def there(s3: Any, root: str, *paths: str) -> list[str]:
    found = []
    for path in paths:
        try:
            s3.head_object(**place(f"{root}/{path}"))
            found.append(path)
        except s3.exceptions.ClientError:
            continue
    return found


ALL = ("data/a", "data/b", "data/gone", "data/loose", "metadata/m", "metadata/l")


def test_what_nothing_leads_to_goes_after_its_days(
        cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    before = tables.get_table_bucket_maintenance_configuration(tableBucketARN=bucket)["configuration"]
    assert before == {_KIND: {"status": "enabled", "settings": {_KIND: {"unreferencedDays": 3, "nonCurrentDays": 10}}}}
    tables.put_table_bucket_maintenance_configuration(
        tableBucketARN=bucket, type=_KIND, value={"settings": {_KIND: {"unreferencedDays": 1, "nonCurrentDays": 2}}})
    root = filled(cloud, catalog, s3, tables, bucket)
    status = tables.get_table_maintenance_job_status(tableBucketARN=bucket, **NAME)["status"]
    assert status[_KIND] == {"status": "Not_Yet_Run"}
    for _ in range(3):                           # found on the first day, marked on the second
        cloud.clock.advance(_DAY)
    assert there(s3, root, *ALL) == list(ALL)
    cloud.clock.advance(_DAY)
    assert there(s3, root, *ALL) == ["data/a", "data/b", "metadata/m", "metadata/l"]
    status = tables.get_table_maintenance_job_status(tableBucketARN=bucket, **NAME)["status"]
    assert status[_KIND]["status"] == "Successful"
    assert catalog.ask("GET", "/namespaces/shop/tables/orders").status == 200


def test_what_is_led_to_again_stays(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    root = filled(cloud, catalog, s3, tables, bucket)
    cloud.clock.advance(5 * _DAY)
    statistics = {"snapshot-id": 1, "statistics-path": root + "/data/loose", "file-size-in-bytes": 1,
                  "file-footer-size-in-bytes": 1, "blob-metadata": []}
    assert catalog.commit({"action": "set-statistics", "statistics": statistics}).status == 200
    cloud.clock.advance(20 * _DAY)
    assert there(s3, root, "data/loose", "data/gone") == ["data/loose"]


def test_what_cannot_be_read_deletes_nothing(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    root = filled(cloud, catalog, s3, tables, bucket, codec="zstandard")
    cloud.clock.advance(20 * _DAY)
    assert there(s3, root, *ALL) == list(ALL)
    told = tables.get_table_maintenance_job_status(tableBucketARN=bucket, **NAME)["status"][_KIND]
    assert (told["status"], "zstandard" in told["failureMessage"]) == ("Failed", True)


def test_it_can_be_disabled(cloud: Cloud, catalog: Catalog, s3: Any, tables: Any, bucket: str) -> None:
    tables.put_table_bucket_maintenance_configuration(tableBucketARN=bucket, type=_KIND, value={"status": "disabled"})
    root = filled(cloud, catalog, s3, tables, bucket)
    cloud.clock.advance(20 * _DAY)
    assert there(s3, root, *ALL) == list(ALL)
    told = tables.get_table_maintenance_job_status(tableBucketARN=bucket, **NAME)["status"]
    assert told[_KIND] == {"status": "Disabled"}
    with refused("BadRequestException"):
        tables.put_table_bucket_maintenance_configuration(tableBucketARN=bucket, type=_KIND, value={"status": "odd"})


@pytest.mark.parametrize("data", [
    b"", b"Obj", b"Obj\x01\x00" + bytes(16), container({"type": "record", "name": "r", "fields": []}, codec="snappy") + b"x",
    manifest_list("a")[:-3], container({"type": "odd"}, b"x"), container(["null", "int"], b"\x09"),
    container("string", b"\xff" * 12, codec="null")])
def test_damaged_containers_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        list(records(data))
