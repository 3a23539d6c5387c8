"""Who wants to know hears of it: a topic, and queues that listen."""

import json

import boto3


def setup():
    return boto3.client("sns").create_topic(Name="news", Tags=[{"Key": "team", "Value": "shop"}])["TopicArn"]


def listen(topic, name, kinds=None):
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                                                       "Action": "sqs:SendMessage", "Resource": arn,
                                                       "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allowed)})
    attributes = {"RawMessageDelivery": "true"}
    if kinds:
        attributes["FilterPolicy"] = json.dumps({"kind": kinds})
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return url


def tell(topic, text, kind):
    boto3.client("sns").publish(TopicArn=topic, Message=text,
                                MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}})


def heard(url):
    found = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    return [message["Body"] for message in found.get("Messages", [])]
