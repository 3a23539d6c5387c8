"""Counts the words of what was put into a bucket."""

import json
import os
import urllib.parse

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    for record in event["Records"]:
        where = record["s3"]
        key = urllib.parse.unquote_plus(where["object"]["key"])
        text = s3.get_object(Bucket=where["bucket"]["name"], Key=key)["Body"].read().decode()
        s3.put_object(Bucket=os.environ["COUNTS"], Key=key + ".json", Body=json.dumps({"words": len(text.split())}))
