"""The function and its rights, the notification, and what came of it."""

import json

from cumulet.faces.labs.room import Room, Wrong


def function(room: Room) -> None:
    """It is there, and its role may do no more than it must."""
    role = room.client("lambda").get_function_configuration(FunctionName="count")["Role"]
    name = role.rpartition("/")[2]
    bucket = f"arn:aws:s3:::texts-{room.account}"

    def may(action: str, arn: str) -> bool:
        found = room.client("iam").simulate_principal_policy(PolicySourceArn=role, ActionNames=[action], ResourceArns=[arn])
        return bool(found["EvaluationResults"][0]["EvalDecision"] == "allowed")
    if not (may("s3:GetObject", f"{bucket}/in/a.txt") and may("s3:PutObject", f"arn:aws:s3:::counts-{room.account}/a.json")):
        raise Wrong(f"the role {name} may not read texts-{room.account} and write to counts-{room.account}")
    if may("s3:PutObject", f"{bucket}/in/a.txt") or may("s3:DeleteObject", f"{bucket}/in/a.txt"):
        raise Wrong(f"the role {name} may change what it only has to read")


def notification(room: Room) -> None:
    """Both filters, and the permission."""
    policy = room.client("lambda").get_policy(FunctionName="count")["Policy"]
    if not any(statement["Principal"] == {"Service": "s3.amazonaws.com"} for statement in json.loads(policy)["Statement"]):
        raise Wrong("the function's policy does not let S3 call it")
    told = room.client("s3").get_bucket_notification_configuration(Bucket=f"texts-{room.account}")
    found = told.get("LambdaFunctionConfigurations", [])
    if len(found) != 1 or not found[0]["LambdaFunctionArn"].endswith(":function:count"):
        raise Wrong("the bucket does not call the function count")
    rules = {rule["Name"].lower(): rule["Value"] for rule in found[0].get("Filter", {}).get("Key", {}).get("FilterRules", [])}
    if rules != {"prefix": "in/", "suffix": ".txt"}:
        raise Wrong(f"the filter of the notification is {rules}")


def counted(room: Room) -> None:
    """What is there, and what is not."""
    s3, texts, counts = room.client("s3"), f"texts-{room.account}", f"counts-{room.account}"
    body = s3.get_object(Bucket=counts, Key="in/poem one.txt.json")["Body"].read()
    words = len(s3.get_object(Bucket=texts, Key="in/poem one.txt")["Body"].read().split())
    if json.loads(body) != {"words": words}:
        raise Wrong(f"the poem has {words} words, the count says {body.decode()}")
    if others := {item["Key"] for item in s3.list_objects_v2(Bucket=counts)["Contents"]} & {"in/poem.md.json", "poem.txt.json"}:
        raise Wrong(f"{others} should not have been counted")


def deletions(room: Room) -> None:
    """A message in the queue; it is put back at once."""
    sqs = room.client("sqs")
    url = sqs.get_queue_url(QueueName="deleted")["QueueUrl"]
    if not room.client("events").list_targets_by_rule(Rule="deleted")["Targets"]:
        raise Wrong("the rule deleted has no target")
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    if not any(json.loads(message["Body"])["detail-type"] == "Object Deleted" for message in found):
        raise Wrong("no deletion came to the queue")
