"""Standard and FIFO queues as their guide walks through them, with the clock where one would wait."""

import json
import zlib
from pathlib import Path

from cumulet.faces.labs.room import Room


def solve(room: Room) -> None:
    """Dead letters and their redrive, delays, order, a payload in S3, and images on their way."""
    _queues(room)
    _images(room)


def _queues(room: Room) -> None:
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


def _images(room: Room) -> None:
    """A bucket, a function, a queue and a worker."""
    s3, sqs, bucket = room.client("s3"), room.client("sqs"), f"images-{room.account}"
    s3.create_bucket(Bucket=bucket)
    url = sqs.create_queue(QueueName="images")["QueueUrl"]
    function = _announce(room, url)
    room.client("lambda").add_permission(FunctionName="announce", StatementId="images", Action="lambda:InvokeFunction",
                                         Principal="s3.amazonaws.com", SourceArn=f"arn:aws:s3:::{bucket}")
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [{
        "LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "large/"}]}}}]})
    s3.put_object(Bucket=bucket, Key="large/a cat.ppm", Body=b"P6 100 100 255\n" + bytes(30_000))

    told = room.wait(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", []))
    where = json.loads(told[0]["Body"])
    image = s3.get_object(Bucket=where["bucket"], Key=where["key"])["Body"].read()
    s3.put_object(Bucket=where["bucket"], Key=where["key"].replace("large/", "small/"), Body=zlib.compress(image))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=told[0]["ReceiptHandle"])


def _announce(room: Room, url: str) -> str:
    iam = room.client("iam")
    role = iam.create_role(RoleName="announce", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="announce", PolicyName="send", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:us-east-1:{room.account}:images"}}))
    made = room.client("lambda").create_function(
        FunctionName="announce", Runtime="python3.11", Handler="announce.handler", Role=role, Timeout=30, MemorySize=256,
        Environment={"Variables": {"QUEUE": url}},
        Code={"ZipFile": room.zipped({"announce.py": Path(__file__).with_name("announce.py").read_text()})})
    return str(made["FunctionArn"])
