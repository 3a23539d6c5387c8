"""pytest: `pip install pytest boto3 cumulet`, `pytest`."""

import boto3
import pytest
from botocore.exceptions import ClientError


def greet(name):
    """The code under test: it makes its own clients, and knows nothing of cumulet."""
    boto3.client("s3").put_object(Bucket="greetings", Key=name, Body=f"hello {name}".encode())
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="greeted")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=name, DelaySeconds=60)


@pytest.fixture
def aws(cumulet):
    cumulet.client("s3").create_bucket(Bucket="greetings")
    cumulet.client("sqs").create_queue(QueueName="greeted")
    return cumulet


def test_a_greeting_is_kept_and_told(aws):
    greet("ann")
    assert aws.client("s3").get_object(Bucket="greetings", Key="ann")["Body"].read() == b"hello ann"
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="greeted")["QueueUrl"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    aws.clock.advance("1m")
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "ann"


def test_one_object_is_written(aws):
    greet("bob")
    assert len(aws.calls("s3", "PutObject", status=200)) == 1


@pytest.mark.cumulet(faults=[{"service": "sqs", "operations": ["SendMessage"], "error": "unavailable"}])
def test_when_the_queue_is_away(aws, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        greet("ann")


@pytest.mark.cumulet(iam="enforce")
def test_what_a_role_may_not(aws):
    iam = aws.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    s3 = aws.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="greetings", Key="ann")
