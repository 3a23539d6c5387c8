"""A state with something of several services in it, and what it shows through their APIs."""

from __future__ import annotations

import time
from typing import Any

from conftest import Cloud

TRUST = ('{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, '
         '"Action": "sts:AssumeRole"}]}')


def fill(cloud: Cloud, bucket: str) -> None:
    """Something of several services: rows, blobs, secrets, parts, numbers."""
    s3, sqs, logs = cloud.client("s3"), cloud.client("sqs"), cloud.client("logs")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="big", Body=b"b" * 300_000)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="made")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="made", UploadId=upload, PartNumber=1, Body=b"p" * 400_000)["ETag"]
    s3.complete_multipart_upload(Bucket=bucket, Key="made", UploadId=upload,
                                 MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    queue = sqs.create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for n in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=str(n), MessageGroupId="g", MessageDeduplicationId=str(n))
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")
    logs.put_log_events(logGroupName="app", logStreamName="one",
                        logEvents=[{"timestamp": int(time.time() * 1000), "message": "began"}])
    cloud.client("ssm").put_parameter(Name="/db", Value="s3cret", Type="SecureString")
    cloud.client("secretsmanager").create_secret(Name="api", SecretString="hush")
    cloud.client("dynamodb").create_table(
        TableName="items", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    cloud.client("dynamodb").put_item(TableName="items", Item={"k": {"S": "a"}, "v": {"N": "1"}})
    cloud.client("iam").create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)


def bodies(cloud: Cloud) -> list[str]:
    """What the queue holds, as a consumer sees it."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="orders.fifo")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return [m["Body"] for m in found]


def seen(cloud: Cloud, bucket: str = "") -> dict[str, Any]:
    """What an account shows through its APIs."""
    s3, logs = cloud.client("s3"), cloud.client("logs")
    told = {
        "item": cloud.client("dynamodb").get_item(TableName="items", Key={"k": {"S": "a"}})["Item"],
        "secret": cloud.client("secretsmanager").get_secret_value(SecretId="api")["SecretString"],
        "parameter": cloud.client("ssm").get_parameter(Name="/db", WithDecryption=True)["Parameter"]["Value"],
        "log": [e["message"] for e in logs.get_log_events(logGroupName="app", logStreamName="one")["events"]],
        "messages": bodies(cloud),
        "role": cloud.client("iam").get_role(RoleName="app")["Role"]["RoleName"],
    }
    if bucket:
        told["objects"] = {o["Key"]: s3.get_object(Bucket=bucket, Key=o["Key"])["Body"].read()
                           for o in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    return told
