"""The Iceberg REST catalog of a table bucket: paths, bodies and errors as Iceberg's specification has them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Catalog, make

FIELDS = [{"id": 5, "name": "id", "type": "long", "required": True},
          {"id": 8, "name": "lines", "required": False, "type": {
              "type": "map", "key-id": 11, "key": "string", "value-id": 12, "value": "int", "value-required": False}}]
NEW = {"name": "orders", "schema": {"type": "struct", "schema-id": 0, "fields": FIELDS}}
ORDERS = "/namespaces/shop/tables/orders"


@pytest.fixture
def table(catalog: Catalog) -> dict[str, Any]:
    """The metadata of the table `orders`."""
    return dict(catalog.ask("POST", "/namespaces/shop/tables", NEW).body["metadata"])


def snapshot(number: int, sequence: int, parent: int | None = None, at: int = 1_700_000_000_000) -> dict[str, Any]:
    return {"action": "add-snapshot", "snapshot": {
        "snapshot-id": number, "sequence-number": sequence, "timestamp-ms": at, "manifest-list": f"s3://x/{number}.avro",
        "summary": {"operation": "append"}, "schema-id": 0, **({"parent-snapshot-id": parent} if parent is not None else {})}}


def ref(number: int, name: str = "main", kind: str = "branch") -> dict[str, Any]:
    return {"action": "set-snapshot-ref", "ref-name": name, "type": kind, "snapshot-id": number}


def test_the_configuration_names_the_prefix_and_where_files_are(cloud: Cloud, catalog: Catalog, bucket: str) -> None:
    told = catalog.plain("GET", f"/config?warehouse={quote(bucket, safe='')}")
    assert told.body["overrides"] == {"prefix": quote(bucket, safe="")}
    assert told.body["defaults"]["s3.endpoint"].endswith(cloud.endpoint.rpartition(":")[2])
    assert "POST /v1/{prefix}/tables/rename" in told.body["endpoints"]
    assert catalog.plain("GET", f"/config?warehouse={quote(bucket + 'x', safe='')}").status == 404
    assert catalog.plain("GET", "/config").status == 400


def test_namespaces_are_made_listed_and_dropped(catalog: Catalog, tables: Any, bucket: str) -> None:
    for name in ("a", "b"):
        assert catalog.ask("POST", "/namespaces", {"namespace": [name], "properties": {}}).body["namespace"] == [name]
    assert tables.get_namespace(tableBucketARN=bucket, namespace="a")["namespace"] == ["a"]
    page = catalog.ask("GET", "/namespaces?pageSize=2").body
    assert page["namespaces"] == [["a"], ["b"]]
    rest = catalog.ask("GET", f"/namespaces?pageSize=2&pageToken={page['next-page-token']}").body
    assert (rest["namespaces"], rest["next-page-token"]) == ([["shop"]], None)
    assert catalog.ask("GET", "/namespaces?parent=shop").body["namespaces"] == []
    assert catalog.ask("GET", "/namespaces/a").body == {"namespace": ["a"], "properties": {}}
    assert catalog.ask("HEAD", "/namespaces/a").status == 204
    assert catalog.ask("DELETE", "/namespaces/a").status == 204
    assert catalog.ask("HEAD", "/namespaces/a").status == 404
    gone = catalog.ask("GET", "/namespaces/a")
    assert gone.status == gone.body["error"]["code"] == 404
    assert gone.body["error"]["message"] == "The specified namespace does not exist."


@pytest.mark.parametrize(("body", "status"), [
    ({"namespace": ["a", "b"]}, 400), ({"namespace": ["a"], "properties": {"x": "y"}}, 400), ({}, 400), ([], 400),
    ({"namespace": ["shop"]}, 409), ({"namespace": ["Shop"]}, 400)])
def test_namespaces_that_cannot_be(catalog: Catalog, body: Any, status: int) -> None:
    assert catalog.ask("POST", "/namespaces", body).status == status


def test_a_table_is_made_with_ids_of_its_own(catalog: Catalog, tables: Any, bucket: str) -> None:
    made = catalog.ask("POST", "/namespaces/shop/tables", NEW | {
        "partition-spec": {"fields": [{"source-id": 5, "transform": "bucket[4]", "name": "part"}]},
        "write-order": {"order-id": 1, "fields": [
            {"source-id": 5, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}]},
        "properties": {"owner": "data", "format-version": "3"}}).body
    table = made["metadata"]
    fields = table["schemas"][0]["fields"]
    assert [fields[0]["id"], fields[1]["id"], fields[1]["type"]["key-id"], fields[1]["type"]["value-id"]] == [1, 2, 3, 4]
    assert (table["last-column-id"], table["partition-specs"][0]["fields"][0]["source-id"]) == (4, 1)
    assert (table["format-version"], table["next-row-id"], table["properties"]) == (3, 0, {"owner": "data"})
    told = tables.get_table(tableBucketARN=bucket, namespace="shop", name="orders")
    assert (told["metadataLocation"], told["warehouseLocation"]) == (made["metadata-location"], table["location"])
    assert catalog.ask("POST", "/namespaces/shop/tables", NEW).status == 409
    assert catalog.ask("POST", "/namespaces/none/tables", NEW).status == 404


@pytest.mark.parametrize("more", [{"stage-create": True}, {"location": "s3://elsewhere/x"}, {"name": "Bad Name"},
                                  {"schema": {"type": "struct", "fields": [{"name": "x"}]}}, {"schema": None},
                                  {"properties": {"format-version": "9"}}])
def test_tables_that_cannot_be_made(catalog: Catalog, tables: Any, bucket: str, more: dict[str, Any]) -> None:
    assert catalog.ask("POST", "/namespaces/shop/tables", NEW | more).status == 400
    assert tables.list_tables(tableBucketARN=bucket)["tables"] == []


def test_tables_are_listed_loaded_renamed_and_dropped(
        cloud: Cloud, catalog: Catalog, table: dict[str, Any], tables: Any, bucket: str) -> None:
    catalog.ask("POST", "/namespaces/shop/tables", NEW | {"name": "other"})
    page = catalog.ask("GET", "/namespaces/shop/tables?pageSize=1").body
    assert page["identifiers"] == [{"namespace": ["shop"], "name": "orders"}]
    rest = catalog.ask("GET", f"/namespaces/shop/tables?pageToken={page['next-page-token']}").body
    assert [one["name"] for one in rest["identifiers"]] == ["other"]
    assert catalog.ask("GET", ORDERS).body["metadata"] == table
    assert catalog.ask("HEAD", ORDERS).status == 204
    names = {"source": {"namespace": ["shop"], "name": "orders"}, "destination": {"namespace": ["shop"], "name": "other"}}
    assert catalog.ask("POST", "/tables/rename", names).status == 409
    names["destination"]["name"] = "sales"
    assert catalog.ask("POST", "/tables/rename", names).status == 204
    assert (catalog.ask("HEAD", ORDERS).status, catalog.ask("POST", "/tables/rename", names).status) == (404, 404)
    sales = "/namespaces/shop/tables/sales"
    refusal = catalog.ask("DELETE", sales)
    assert refusal.status == 400
    assert "purge" in refusal.body["error"]["message"]
    assert catalog.ask("DELETE", sales + "?purgeRequested=true").status == 204
    with refused("NotFoundException"):
        tables.get_table(tableBucketARN=bucket, namespace="shop", name="sales")
    cloud.clock.idle()


def test_a_commit_moves_the_table(catalog: Catalog, table: dict[str, Any], tables: Any, bucket: str) -> None:
    first = catalog.ask("GET", ORDERS).body["metadata-location"]
    done = catalog.commit(
        snapshot(1, 1), ref(1), snapshot(2, 2, 1), ref(2), ref(1, "before", "tag"),
        {"action": "set-properties", "updates": {"a": "1", "b": "2"}}, {"action": "remove-properties", "removals": ["a"]},
        requirements=[{"type": "assert-table-uuid", "uuid": table["table-uuid"]},
                      {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}])
    assert done.status == 200, done
    now = catalog.ask("GET", ORDERS).body
    assert now["metadata"] == done.body["metadata"]
    assert now["metadata-location"] == done.body["metadata-location"] != first
    assert now["metadata"]["metadata-log"][0]["metadata-file"] == first
    assert (now["metadata"]["current-snapshot-id"], now["metadata"]["last-sequence-number"]) == (2, 2)
    assert [one["snapshot-id"] for one in now["metadata"]["snapshot-log"]] == [1, 2]
    assert now["metadata"]["properties"] == {"b": "2"}
    assert tables.get_table_metadata_location(
        tableBucketARN=bucket, namespace="shop", name="orders")["metadataLocation"] == now["metadata-location"]
    catalog.commit({"action": "remove-snapshot-ref", "ref-name": "before"})
    assert [one["snapshot-id"] for one in catalog.ask("GET", ORDERS + "?snapshots=refs").body["metadata"]["snapshots"]] == [2]
    catalog.commit({"action": "remove-snapshots", "snapshot-ids": [1]})
    assert [one["snapshot-id"] for one in catalog.ask("GET", ORDERS).body["metadata"]["snapshots"]] == [2]


def test_schemas_specs_and_orders_are_added_and_chosen(catalog: Catalog, table: dict[str, Any]) -> None:
    schema = table["schemas"][0]
    wider = {"type": "struct", "fields": [*schema["fields"], {"id": 9, "name": "note", "type": "string", "required": False}]}
    done = catalog.commit(
        {"action": "add-schema", "schema": wider}, {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": {"fields": [
            {"source-id": 9, "field-id": 1000, "transform": "identity", "name": "note"}]}},
        {"action": "set-default-spec", "spec-id": -1},
        {"action": "add-sort-order", "sort-order": {"order-id": -1, "fields": [
            {"source-id": 1, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}]}},
        {"action": "set-default-sort-order", "sort-order-id": -1}, {"action": "upgrade-format-version", "format-version": 3},
        requirements=[{"type": "assert-current-schema-id", "current-schema-id": 0},
                      {"type": "assert-last-assigned-field-id", "last-assigned-field-id": table["last-column-id"]},
                      {"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 999},
                      {"type": "assert-default-spec-id", "default-spec-id": 0},
                      {"type": "assert-default-sort-order-id", "default-sort-order-id": 0}]).body["metadata"]
    assert (done["current-schema-id"], done["last-column-id"], done["last-partition-id"]) == (1, 9, 1000)
    assert (done["default-spec-id"], done["default-sort-order-id"], done["format-version"]) == (1, 1, 3)
    again = catalog.commit({"action": "add-schema", "schema": schema | {"schema-id": 7}},
                           {"action": "set-current-schema", "schema-id": -1}).body["metadata"]
    assert (again["current-schema-id"], len(again["schemas"])) == (0, 2)
    less = catalog.commit(
        {"action": "remove-schemas", "schema-ids": [1]}, {"action": "remove-partition-specs", "spec-ids": [0]})
    assert [len(less.body["metadata"][name]) for name in ("schemas", "partition-specs")] == [1, 1]


@pytest.mark.parametrize("requirement", [
    {"type": "assert-create"}, {"type": "assert-table-uuid", "uuid": "other"},
    {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 1},
    {"type": "assert-current-schema-id", "current-schema-id": 3},
    {"type": "assert-default-spec-id", "default-spec-id": 4}])
def test_a_commit_to_another_state_fails_and_changes_nothing(
        catalog: Catalog, table: dict[str, Any], requirement: dict[str, Any]) -> None:
    told = catalog.commit({"action": "set-properties", "updates": {"a": "1"}}, requirements=[requirement])
    assert (told.status, told.body["error"]["type"]) == (409, "CommitFailedException")
    assert catalog.ask("GET", ORDERS).body["metadata"] == table


@pytest.mark.parametrize("update", [
    {"action": "nonsense"}, {}, {"action": "set-location", "location": "s3://elsewhere"},
    {"action": "assign-uuid", "uuid": "other"},
    {"action": "upgrade-format-version", "format-version": 1}, {"action": "set-current-schema", "schema-id": 7},
    {"action": "set-current-schema", "schema-id": -1}, {"action": "add-schema"}, ref(77), {"action": "set-snapshot-ref"},
    {"action": "remove-schemas", "schema-ids": [0]}, {"action": "set-properties", "updates": {"a": 1}},
    {"action": "add-spec", "spec": {"fields": [{"source-id": 77, "transform": "identity", "name": "x"}]}}])
def test_updates_that_make_no_table_are_refused(catalog: Catalog, table: dict[str, Any], update: dict[str, Any]) -> None:
    assert catalog.commit({"action": "set-properties", "updates": {"a": "1"}}, update).status == 400
    assert catalog.ask("GET", ORDERS).body["metadata"] == table


def test_snapshots_come_in_order(catalog: Catalog, table: dict[str, Any]) -> None:
    catalog.commit(snapshot(1, 1), ref(1))
    assert catalog.commit(snapshot(1, 2, 1)).status == 400
    assert catalog.commit(snapshot(2, 1, 1)).status == 400
    statistics = {"snapshot-id": 1, "statistics-path": "s3://x/s", "file-size-in-bytes": 1, "file-footer-size-in-bytes": 1,
                  "blob-metadata": []}
    told = catalog.commit({"action": "set-statistics", "statistics": statistics}).body["metadata"]
    assert told["statistics"] == [statistics]
    assert catalog.commit({"action": "remove-statistics", "snapshot-id": 1}).body["metadata"]["statistics"] == []


def test_a_table_without_metadata_is_none_to_iceberg(catalog: Catalog, tables: Any, bucket: str) -> None:
    tables.create_table(tableBucketARN=bucket, namespace="shop", name="orders", format="ICEBERG")
    assert (catalog.ask("GET", ORDERS).status, catalog.commit().status) == (404, 404)
    make(tables, bucket, "full")
    assert catalog.ask("GET", "/namespaces/shop/tables/full").body["metadata"]["last-column-id"] == 3


def test_what_is_not_there_is_told_so(catalog: Catalog) -> None:
    views = catalog.ask("GET", "/namespaces/shop/views")
    assert (views.status, "IcebergListViews" in views.body["error"]["message"]) == (501, True)
    assert catalog.ask("POST", "/transactions/commit", {"table-changes": []}).status == 501
    assert catalog.plain("GET", "/nonsense/namespaces").status == 400


def test_of_commits_at_once_one_succeeds(catalog: Catalog, table: dict[str, Any]) -> None:
    def commit(number: int) -> int:
        return catalog.commit(snapshot(number, 1), ref(number), requirements=[
            {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None}]).status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(commit, range(1, 5))) == [200, 409, 409, 409]
    assert len(catalog.ask("GET", ORDERS).body["metadata"]["snapshots"]) == 1


@pytest.mark.parametrize(("old", "new"), [
    ("bucket/lake", "lake"), ("arn:aws:", "arn:aws-x:"), ("bucket/lake", "bucket/bucket/lake"), ("us-east-1", "eu-west-1")])
def test_no_other_spelling_names_a_bucket(cloud: Cloud, tables: Any, bucket: str, old: str, new: str) -> None:
    asked = Catalog(cloud, bucket.replace(old, new)).ask("GET", "/namespaces")
    assert (asked.status, asked.body["error"]["type"]) == (404, "NotFoundException")
    if new.startswith("arn:"):
        with refused("NotFoundException"):
            tables.get_table_bucket(tableBucketARN=bucket.replace(old, new))
        with refused("NotFoundException"):
            tables.get_table(tableArn=make(tables, bucket)["tableARN"].replace(old, new))
