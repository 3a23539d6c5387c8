"""pyiceberg: the journal and the live inventory of a bucket, read through the catalog of the managed table bucket."""

import os
import sys

from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import EqualTo

bucket, account, endpoint = sys.argv[1], os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_ENDPOINT_URL"]
catalog = load_catalog("metadata", **{
    "type": "rest", "warehouse": f"arn:aws:s3tables:us-east-1:{account}:bucket/aws-s3", "uri": f"{endpoint}/iceberg",
    "rest.sigv4-enabled": "true", "rest.signing-name": "s3tables", "rest.signing-region": "us-east-1"})
assert catalog.list_tables(f"b_{bucket}") == [(f"b_{bucket}", "inventory"), (f"b_{bucket}", "journal")]

journal = catalog.load_table((f"b_{bucket}", "journal"))
records = journal.scan().to_arrow().sort_by("sequence_number").to_pylist()
assert [(one["record_type"], one["key"]) for one in records] == [("CREATE", "a"), ("CREATE", "b"), ("DELETE", "b")], records
assert dict(records[0]["object_tags"]) == {"k": "v"}, records[0]
assert dict(records[0]["user_metadata"]) == {"color": "red"}, records[0]
assert records[2]["object_tags"] is None, records[2]
assert records[0]["last_modified_date"].tzinfo is None, records[0]
deleted = journal.scan(row_filter=EqualTo("record_type", "DELETE"), selected_fields=("key", "requester")).to_arrow()
assert deleted.to_pylist() == [{"key": "b", "requester": account}], deleted
assert len(journal.inspect.snapshots()) == 2, journal.inspect.snapshots()
assert journal.inspect.files()["record_count"].to_pylist() in ([1, 2], [2, 1]), journal.inspect.files()

inventory = catalog.load_table((f"b_{bucket}", "inventory")).scan().to_arrow()
assert [(one["key"], one["size"], one["is_delete_marker"]) for one in inventory.to_pylist()] == [("a", 3, False)], inventory

print("the tables say yes")
