"""pyiceberg: a table of S3 Tables by the Iceberg REST catalog of its bucket: made, filled, evolved and read, by pyarrow."""

import os

import boto3
import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import CommitFailedException, NamespaceAlreadyExistsError, NoSuchTableError, TableAlreadyExistsError
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import ListType, LongType, NestedField, StringType

endpoint = os.environ["AWS_ENDPOINT_URL"]
tables = boto3.client("s3tables")
bucket = tables.create_table_bucket(name="lake")["arn"]
# As AWS's page writes it, but for the host.
catalog = load_catalog("lake", **{
    "type": "rest", "warehouse": bucket, "uri": f"{endpoint}/iceberg", "rest.sigv4-enabled": "true",
    "rest.signing-name": "s3tables", "rest.signing-region": "us-east-1"})

catalog.create_namespace("shop")
try:
    catalog.create_namespace("shop")
    raise AssertionError("twice")
except NamespaceAlreadyExistsError:
    pass
assert catalog.list_namespaces() == [("shop",)], catalog.list_namespaces()

schema = Schema(NestedField(1, "id", LongType(), required=False), NestedField(2, "place", StringType(), required=False),
                NestedField(3, "tags", ListType(9, StringType(), element_required=False), required=False))
spec = PartitionSpec(PartitionField(source_id=2, field_id=1000, transform=IdentityTransform(), name="place"))
orders = catalog.create_table("shop.orders", schema, partition_spec=spec, properties={"owner": "data"})
assert orders.properties == {"owner": "data"}
try:
    catalog.create_table("shop.orders", schema)
    raise AssertionError("twice")
except TableAlreadyExistsError:
    pass
assert catalog.table_exists("shop.orders")
assert not catalog.table_exists("shop.none")

rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "place": ["Bern", "Bonn", "Bern"], "tags": [["a"], [], ["b", "c"]]})
orders.append(rows)
stale = catalog.load_table("shop.orders")
orders.append(pa.table({"id": pa.array([4], pa.int64()), "place": ["Bonn"], "tags": [["d"]]}))
found = catalog.load_table("shop.orders").scan().to_arrow()
assert sorted(found["id"].to_pylist()) == [1, 2, 3, 4]
assert catalog.load_table("shop.orders").scan(row_filter=EqualTo("place", "Bern")).to_arrow().num_rows == 2
before = orders.snapshots()[0].snapshot_id
assert orders.scan(snapshot_id=before).to_arrow().num_rows == 3

with orders.update_schema() as change:
    change.add_column("note", StringType())
orders.delete("id = 1")
assert sorted(catalog.load_table("shop.orders").scan(selected_fields=("id", "note")).to_arrow()["id"].to_pylist()) == [2, 3, 4]
orders.manage_snapshots().create_tag(before, "first").commit()
try:
    with stale.transaction() as late:
        late.set_properties(owner="late")
        late.update_schema().add_column("note", LongType()).commit()
    raise AssertionError("a commit to a schema that is no longer there")
except CommitFailedException:
    pass

told = tables.get_table(tableBucketARN=bucket, namespace="shop", name="orders")
assert told["metadataLocation"] == catalog.load_table("shop.orders").metadata_location
catalog.rename_table("shop.orders", "shop.sales")
assert catalog.list_tables("shop") == [("shop", "sales")]
catalog.purge_table("shop.sales")
try:
    catalog.load_table("shop.sales")
    raise AssertionError("still there")
except NoSuchTableError:
    pass
catalog.drop_namespace("shop")
print("pyiceberg says yes")
