"""Work waits in a queue; what fails twice goes to another one."""

import json

import boto3

sqs = boto3.client("sqs", region_name="us-east-1")     # made when the module is imported, as many programs do


def setup():
    failed = sqs.create_queue(QueueName="jobs-failed")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=failed, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.create_queue(QueueName="jobs", Attributes={
        "VisibilityTimeout": "0", "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "2"})})


def _url(name="jobs"):
    return sqs.get_queue_url(QueueName=name)["QueueUrl"]


def submit(job, kind="pack"):
    return sqs.send_message(QueueUrl=_url(), MessageBody=json.dumps(job),
                            MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}})["MessageId"]


def submit_all(jobs):
    entries = [{"Id": str(n), "MessageBody": json.dumps(job)} for n, job in enumerate(jobs)]
    return len(sqs.send_message_batch(QueueUrl=_url(), Entries=entries)["Successful"])


def work(do):
    """Does what waits; how many jobs succeeded."""
    done = 0
    found = sqs.receive_message(QueueUrl=_url(), MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    for message in found.get("Messages", []):
        kind = message.get("MessageAttributes", {}).get("kind", {}).get("StringValue", "pack")
        try:
            do(json.loads(message["Body"]), kind)
        except ValueError:
            continue
        sqs.delete_message(QueueUrl=_url(), ReceiptHandle=message["ReceiptHandle"])
        done += 1
    return done


def waiting(name="jobs"):
    told = sqs.get_queue_attributes(QueueUrl=_url(name), AttributeNames=["ApproximateNumberOfMessages"])
    return int(told["Attributes"]["ApproximateNumberOfMessages"])
