"""What lies in the queues, looked at without taking it away."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong

_POINTER = "software.amazon.payloadoffloading.PayloadS3Pointer"


def _queue(room: Room, name: str) -> tuple[str, dict[str, str]]:
    """A queue's URL and attributes."""
    sqs = room.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def _look(room: Room, url: str) -> list[dict[str, Any]]:
    """The messages that can be received; they are put back at once."""
    sqs = room.client("sqs")
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"],
                                WaitTimeSeconds=0).get("Messages", [])
    for message in reversed(found):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    return list(found)


def dead_letters(room: Room) -> None:
    """The policy, and a message that came by it."""
    _, jobs = _queue(room, "jobs")
    url, dead = _queue(room, "dead")
    policy = json.loads(jobs.get("RedrivePolicy", "{}"))
    if policy.get("deadLetterTargetArn") != dead["QueueArn"]:
        raise Wrong("the RedrivePolicy of jobs does not name dead")
    if int(policy["maxReceiveCount"]) != 2:
        raise Wrong(f"messages of jobs are received {policy['maxReceiveCount']} times, not twice")
    if not any("DeadLetterQueueSourceArn" in message["Attributes"] for message in _look(room, url)):
        raise Wrong("no message came to dead from another queue")


def delays(room: Room) -> None:
    """Both attributes."""
    _, later = _queue(room, "later")
    if (later["DelaySeconds"], later["ReceiveMessageWaitTimeSeconds"]) != ("60", "20"):
        raise Wrong(f"later delays by {later['DelaySeconds']} s and waits {later['ReceiveMessageWaitTimeSeconds']} s")


def order(room: Room) -> None:
    """What a consumer would get."""
    url, attributes = _queue(room, "orders.fifo")
    if attributes.get("ContentBasedDeduplication") != "true":
        raise Wrong("orders.fifo does not know the same content again")
    found = [(message["Body"], message["Attributes"]["MessageGroupId"]) for message in _look(room, url)]
    if found != [("placed", "4711"), ("paid", "4711"), ("shipped", "4711")]:
        raise Wrong(f"orders.fifo holds {found}")


def large(room: Room) -> None:
    """A pointer, and the object behind it."""
    url, _ = _queue(room, "jobs")
    for message in _look(room, url):
        if message["Body"].startswith(f'["{_POINTER}"'):
            where = json.loads(message["Body"])[1]
            size = message.get("MessageAttributes", {}).get("ExtendedPayloadSize", {}).get("StringValue")
            head = room.client("s3").head_object(Bucket=where["s3BucketName"], Key=where["s3Key"])
            if str(head["ContentLength"]) != size:
                raise Wrong(f"ExtendedPayloadSize says {size}, the object has {head['ContentLength']} bytes")
            if where != {"s3BucketName": f"payloads-{room.account}", "s3Key": "payload"}:
                raise Wrong(f"the pointer leads to {where}")
            return
    raise Wrong("no message in jobs is a pointer to an object")


def images(room: Room) -> None:
    """What was made of each image, and that nothing is left to do."""
    s3, bucket = room.client("s3"), f"images-{room.account}"
    found = s3.get_bucket_notification_configuration(Bucket=bucket).get("LambdaFunctionConfigurations", [])
    if [each["LambdaFunctionArn"].rpartition(":")[2] for each in found] != ["announce"]:
        raise Wrong(f"{bucket} does not call the function announce")
    sizes = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
    large = {key.removeprefix("large/"): size for key, size in sizes.items() if key.startswith("large/")}
    if not large:
        raise Wrong("no image lies under large/")
    for name, size in large.items():
        if not 0 < sizes.get(f"small/{name}", 0) < size:
            raise Wrong(f"nothing smaller was made of {name}")
    _, queue = _queue(room, "images")
    if queue["ApproximateNumberOfMessages"] != "0" or queue["ApproximateNumberOfMessagesNotVisible"] != "0":
        raise Wrong("messages are left in the queue images: a worker deletes what it has done")
