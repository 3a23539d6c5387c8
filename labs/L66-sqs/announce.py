"""Tells a queue of each image that was uploaded."""

import json
import os
import urllib.parse

import boto3

sqs = boto3.client("sqs")


def handler(event, context):
    for record in event["Records"]:
        where = {"bucket": record["s3"]["bucket"]["name"], "key": urllib.parse.unquote_plus(record["s3"]["object"]["key"])}
        sqs.send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(where))
