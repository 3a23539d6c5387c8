"""A function that counts words, called by its bucket; and deletions by EventBridge."""

import json
from pathlib import Path

from cumulet.faces.labs.room import Room

POEM = b"The fog comes on little cat feet."


def solve(room: Room) -> None:
    """The function, the permission, the notification, and what comes of it."""
    s3 = room.client("s3")
    texts, counts = f"texts-{room.account}", f"counts-{room.account}"
    for bucket in (texts, counts):
        s3.create_bucket(Bucket=bucket)
    function = _function(room, texts, counts)
    wanted = {"LambdaFunctionConfigurations": [{
        "LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".txt"}]}}}],
        "EventBridgeConfiguration": {}}
    room.client("lambda").add_permission(
        FunctionName="count", StatementId="texts", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{texts}", SourceAccount=room.account)
    s3.put_bucket_notification_configuration(Bucket=texts, NotificationConfiguration=wanted)

    for key in ("in/poem.md", "poem.txt", "in/poem one.txt"):
        s3.put_object(Bucket=texts, Key=key, Body=POEM)
    room.wait(lambda: [item["Key"] for item in s3.list_objects_v2(Bucket=counts).get("Contents", [])])
    assert s3.get_object(Bucket=counts, Key="in/poem one.txt.json")["Body"].read() == b'{"words": 7}'
    _deletions(room, texts)


def _function(room: Room, texts: str, counts: str) -> str:
    iam = room.client("iam")
    role = iam.create_role(RoleName="count", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="count", PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
    iam.put_role_policy(RoleName="count", PolicyName="count", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{texts}/*"},
        {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{counts}/*"}]}))
    made = room.client("lambda").create_function(
        FunctionName="count", Runtime="python3.11", Handler="count.handler", Role=role, Timeout=30, MemorySize=256,
        Environment={"Variables": {"COUNTS": counts}},
        Code={"ZipFile": room.zipped({"count.py": Path(__file__).with_name("count.py").read_text()})})
    return str(made["FunctionArn"])


def _deletions(room: Room, texts: str) -> None:
    sqs, events = room.client("sqs"), room.client("events")
    url = sqs.create_queue(QueueName="deleted")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{room.account}:deleted"
    rule = events.put_rule(Name="deleted", EventPattern=json.dumps({
        "source": ["aws.s3"], "detail-type": ["Object Deleted"], "detail": {"bucket": {"name": [texts]}}}))["RuleArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}})})
    events.put_targets(Rule="deleted", Targets=[{"Id": "queue", "Arn": arn}])
    room.client("s3").delete_object(Bucket=texts, Key="poem.txt")
    told = room.wait(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, VisibilityTimeout=0).get("Messages", []))
    assert json.loads(told[0]["Body"])["detail"]["object"]["key"] == "poem.txt"
