"""Tables made, renamed and removed: what both APIs do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cumulet.kernel import Call

from . import managed, replication, settings, warehouse
from .background import empty, maintain, watch
from .changing import check_token, new_token
from .faults import bad_request, conflict
from .finding import namespace_of, table_of
from .iceberg import Invalid
from .iceberg.metadata import Metadata
from .naming import check_table
from .resources import Copied, Loose, Table
from .tagging import tagged

Build = Callable[[str, str], Metadata]         # from the table's UUID and location
_TAKEN = "A table with an identical name already exists in the namespace."


def make(call: Call, arn: str, namespace: str, name: str, build: Build | None = None, encryption: dict[str, str] | None = None,
         storage_class: dict[str, str] | None = None, tags: Mapping[str, str] | None = None,
         source: str = "") -> tuple[Call, Table]:
    """A new table and its storage, with first metadata if there is something to be told. source: which table it copies."""
    check_table(name)
    there, bucket, _ = namespace_of(call, arn, namespace)
    managed.check(call, bucket.TableBucketName)
    if there.table(Table).get(arn, namespace, name) is not None:
        raise conflict(_TAKEN)
    uuid = call.uuid()
    row = Table(
        TableBucketARN=arn, Namespace=namespace, TableName=name, bucket=bucket.TableBucketName, id=uuid,
        storage=warehouse.new_name(call, uuid), token=new_token(call), by=call.account, modified=call.now,
        modified_by=call.account, created=call.now, tags=tagged({}, tags), source=source,
        **settings.of_new_table(bucket, encryption, storage_class))
    warehouse.make(there, row)
    if build is not None:
        try:
            said = build(uuid, row.warehouse)
        except Invalid as problem:
            raise bad_request(str(problem)) from None
        row.location = warehouse.write(there, row, said)
    there.put(row)
    watch(there, row)
    replication.changed(there, row)
    return there, row


def rename(call: Call, arn: str, old: tuple[str, str], new: tuple[str, str], token: str | None = None) -> None:
    """Another name, in this namespace or another one of the bucket."""
    there, row = table_of(call, arn, *old)
    managed.check(call, row.bucket)
    replication.check(row)
    check_token(row, token)
    check_table(new[1])
    namespace_of(call, arn, new[0])
    if there.table(Table).get(arn, *new) is not None:
        raise conflict(_TAKEN)
    there.table(Table).delete(arn, *old)
    row.Namespace, row.TableName = new
    row.token, row.modified, row.modified_by = new_token(call), call.now, call.account
    there.put(row)


def remove(there: Call, row: Table, token: str | None = None) -> None:
    """The table goes at once, its files soon after."""
    check_token(row, token)
    there.table(Table).delete(row.TableBucketARN, row.Namespace, row.TableName)
    there.table(Loose).delete_all(row.id)
    there.table(Copied).delete_all(row.id)
    there.cancel(maintain, row.id)
    there.task(empty, storage=row.storage)
