"""Standard and FIFO queues as their guide walks through them, with the clock where one would wait."""

import json

from cumulet.faces.labs.room import Room


def solve(room: Room) -> None:
    """Dead letters and their redrive, delays, order, and a payload in S3."""
    sqs = room.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{room.account}:dead"
    jobs = sqs.create_queue(QueueName="jobs", Attributes={
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})})["QueueUrl"]

    def take(url: str) -> list[str]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [message["Body"] for message in found.get("Messages", [])]

    sqs.send_message(QueueUrl=jobs, MessageBody="cannot be done")
    assert take(jobs) == ["cannot be done"]
    assert take(jobs) == []                                     # hidden for the visibility timeout
    room.advance(31)
    assert take(jobs) == ["cannot be done"]
    room.advance(31)
    assert take(jobs) == []                                     # the third time it is a dead letter
    sqs.start_message_move_task(SourceArn=arn)                  # mended: back to where it came from
    room.advance(5)
    for _ in range(2):
        assert take(jobs) == ["cannot be done"]
        room.advance(31)
    assert take(jobs) == []
    room.refused("InvalidParameterValue", sqs.receive_message, QueueUrl=dead, MaxNumberOfMessages=11)

    later = sqs.create_queue(QueueName="later", Attributes={
        "DelaySeconds": "60", "ReceiveMessageWaitTimeSeconds": "20"})["QueueUrl"]
    sqs.send_message(QueueUrl=later, MessageBody="wake up")
    assert sqs.receive_message(QueueUrl=later, WaitTimeSeconds=0).get("Messages", []) == []
    room.advance(61)
    assert take(later) == ["wake up"]

    orders = sqs.create_queue(QueueName="orders.fifo", Attributes={
        "FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    for step in ("placed", "paid", "paid", "shipped"):
        sqs.send_message(QueueUrl=orders, MessageBody=step, MessageGroupId="4711")
    room.refused("MissingParameter", sqs.send_message, QueueUrl=orders, MessageBody="without a group")

    s3 = room.client("s3")
    s3.create_bucket(Bucket=f"payloads-{room.account}")
    payload = b"x" * 2_000_000
    room.refused("InvalidParameterValue", sqs.send_message, QueueUrl=jobs, MessageBody=payload.decode())
    s3.put_object(Bucket=f"payloads-{room.account}", Key="payload", Body=payload)
    sqs.send_message(
        QueueUrl=jobs,
        MessageBody=json.dumps(["software.amazon.payloadoffloading.PayloadS3Pointer",
                                {"s3BucketName": f"payloads-{room.account}", "s3Key": "payload"}], separators=(",", ":")),
        MessageAttributes={"ExtendedPayloadSize": {"DataType": "Number", "StringValue": str(len(payload))}})
