"""pynamodb: models, indexes, conditions, batches, transactions."""

from datetime import UTC, datetime

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist, PutError, TransactWriteError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite


class ByViews(GlobalSecondaryIndex):
    class Meta:
        index_name = "views"
        read_capacity_units, write_capacity_units = 2, 2
        projection = AllProjection()
    forum = UnicodeAttribute(hash_key=True)
    views = NumberAttribute(range_key=True)


class Thread(Model):
    class Meta:
        table_name = "Thread"
        read_capacity_units, write_capacity_units = 5, 5
    forum = UnicodeAttribute(hash_key=True)
    subject = UnicodeAttribute(range_key=True)
    views = NumberAttribute(default=0)
    tags = UnicodeSetAttribute(null=True)
    at = UTCDateTimeAttribute(null=True)
    more = JSONAttribute(null=True)
    version = VersionAttribute()
    by_views = ByViews()


Thread.create_table(wait=True)
assert Thread.exists()
at = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
Thread("python", "first", views=3, tags={"a", "b"}, at=at, more={"x": [1, 2]}).save()
found = Thread.get("python", "first")
assert (found.tags, found.at, found.more, found.version) == ({"a", "b"}, at, {"x": [1, 2]}, 1)
stale = Thread.get("python", "first")
found.update(actions=[Thread.views.add(1), Thread.tags.delete({"a"})])
assert (found.views, found.tags) == (4, {"b"})
stale.views = 100
try:
    stale.save()
except PutError as problem:
    refused = problem.cause_response_code
else:
    refused = None
assert refused == "ConditionalCheckFailedException", refused

with Thread.batch_write() as batch:
    for i in range(80):
        batch.save(Thread("java", f"{i:03}", views=i))
assert [one.subject for one in Thread.query("java", Thread.subject.between("010", "012"))] == ["010", "011", "012"]
assert Thread.count("java", filter_condition=Thread.views >= 70) == 10
assert [one.views for one in Thread.by_views.query("java", ByViews.views > 76, scan_index_forward=False)] == [79, 78, 77]
assert len(list(Thread.scan(page_size=7))) == 81
assert len(list(Thread.batch_get([("java", f"{i:03}") for i in range(80)]))) == 80

connection = Connection()
with TransactWrite(connection=connection) as write:
    write.save(Thread("tx", "one"))
    write.update(found, actions=[Thread.views.set(9)])
try:
    with TransactWrite(connection=connection) as write:
        write.save(Thread("tx", "two"))
        write.condition_check(Thread, "tx", "none", condition=Thread.views.exists())
except TransactWriteError as problem:
    refused, reasons = problem.cause_response_code, [reason and reason.code for reason in problem.cancellation_reasons]
else:
    refused, reasons = None, []
assert (refused, reasons) == ("TransactionCanceledException", ["ConditionalCheckFailed", None]), (refused, reasons)
with TransactGet(connection=connection) as get:
    one = get.get(Thread, "tx", "one")
assert one.get().subject == "one"
try:
    Thread.get("tx", "two")
except DoesNotExist:
    pass
else:
    raise AssertionError("half a transaction was written")
Thread.delete_table()
print("pynamodb says yes")
