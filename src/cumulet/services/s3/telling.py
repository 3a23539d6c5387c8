"""Telling queues, topics and the event bus what happened in a bucket: after the commit, at least once."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, parse_arn, task

from . import notices, replicating, versions
from .metadata import journal
from .notices import Happened
from .resources import Bucket, Version


def created(call: Call, bucket: Bucket, how: str, row: Version, version: str | None) -> None:
    """An object was put, copied or completed: its replicas follow, and whom it concerns is told."""
    replicating.begin(call, bucket, row)
    if bucket.metadata is not None:
        journal.created(call, bucket, row)
    if bucket.notifications is not None:
        happened(call, bucket, Happened("ObjectCreated:" + how, row.key.decode(), row.order, row.size, row.etag, version))


def deleted(call: Call, bucket: Bucket, key: str, done: versions.Deleted, by: str = "ObjectRemoved") -> None:
    """An object was deleted, or hidden: markers are replicated, and whom it concerns is told."""
    if bucket.replication is not None and done.marker is not None and done.version is None:
        marker = versions.exact(call, bucket, key.encode(), done.marker)
        if marker is not None:
            replicating.begin(call, bucket, marker)
    if bucket.metadata is not None:
        journal.deleted(call, bucket, key, done)
    if bucket.notifications is not None:
        hidden = done.marker is not None and done.version is None
        happened(call, bucket, Happened(f"{by}:{'DeleteMarkerCreated' if hidden else 'Delete'}", key, int(call.now * 1_000_000),
                                        version=done.marker or done.version))


def changed(call: Call, bucket: Bucket, name: str, row: Version, **more: Any) -> None:
    """Something of an object was changed."""
    if bucket.metadata is not None and name.startswith(journal.TOLD):
        journal.updated(call, bucket, row)
    if bucket.notifications is not None:
        version = versions.public(row) if bucket.versioning else None
        happened(call, bucket, Happened(name, row.key.decode(), row.order, row.size, row.etag, version, more))


def happened(call: Call, bucket: Bucket, what: Happened) -> None:
    """Tell all whom it may concern."""
    said = bucket.notifications
    if said is None:
        return
    trace = call.request.headers.get("x-amzn-trace-id", "") if call.request is not None else call.trace
    for kind, entry in notices.listeners(said, what):
        body = {"Records": [notices.record(call, bucket, what, entry["Id"])]}
        call.task(deliver, bucket=bucket.BucketName, kind=kind, arn=entry[notices.KINDS[kind][0]], body=body,
                  trace=trace)
    if "EventBridgeConfiguration" in said:
        name, detail = notices.on_the_bus(call, bucket, what)
        call.elsewhere(bucket.account, bucket.region).emit(name, detail, [call.arn(bucket)])


@task(retries=5)
def deliver(call: Call, bucket: str, kind: str, arn: str, body: dict[str, Any], trace: str = "") -> None:
    """One message to one destination. (A bucket that is gone tells nobody any more.) trace: of what happened."""
    call.trace = trace
    found = call.table(Bucket).get(bucket)
    if found is not None:
        send(call, found, kind, arn, body)


def send(call: Call, bucket: Bucket, kind: str, arn: str, body: dict[str, Any]) -> None:
    """To a queue, a topic or a function, as S3's principal on behalf of the bucket. Functions are not sent the test event that
    comes with a new configuration: they are only asked whether they would take it."""
    there = parse_arn(arn)
    assert there is not None
    text = msgspec.json.encode(body).decode()
    peers = call.elsewhere(bucket.account).as_service(call.arn(bucket), account=there.account, region=there.region)
    if kind == "QueueConfigurations":
        traced = {"AWSTraceHeader": {"DataType": "String", "StringValue": call.trace}} if call.trace else None
        peers.sqs.send_message(QueueUrl=f"{call.endpoint}/{there.account}/{there.resource}", MessageBody=text,
                               MessageSystemAttributes=traced)
    elif kind == "LambdaFunctionConfigurations":
        getattr(peers, "lambda").invoke(FunctionName=arn, InvocationType="Event" if "Records" in body else "DryRun",
                                        Payload=text.encode())
    else:
        peers.sns.publish(TopicArn=arn, Message=text, Subject="Amazon S3 Notification")
