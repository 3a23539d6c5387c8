"""A year goes by: everything that AWS does by the calendar happens, in the same order on every run."""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from conftest import Cloud, Start
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.work.jobs import Jobs

BEGAN = datetime(2027, 1, 1, 12, tzinfo=UTC).timestamp()
DAY = 86_400
ACCOUNT = "321321321321"
RUNTIME = f"python3.{sys.version_info.minor}"             # functions run by the program of that name
ROTATES = b"""def handler(event, context):
    import boto3
    secrets = boto3.client("secretsmanager")
    id, token = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        secrets.put_secret_value(SecretId=id, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"])
    if event["Step"] == "finishSecret":
        stages = secrets.describe_secret(SecretId=id)["VersionIdsToStages"]
        old = next(v for v, s in stages.items() if "AWSCURRENT" in s)
        secrets.update_secret_version_stage(SecretId=id, VersionStage="AWSCURRENT", MoveToVersionId=token,
                                            RemoveFromVersionId=old)
"""


def prepare(cloud: Cloud) -> None:
    """What has something to do by itself in the coming year."""
    _objects(cloud)
    _items(cloud)
    _secrets(cloud)
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="app")
    logs.put_retention_policy(logGroupName="app", retentionInDays=90)
    logs.create_log_stream(logGroupName="app", logStreamName="s")
    logs.put_log_events(logGroupName="app", logStreamName="s",
                        logEvents=[{"timestamp": int(BEGAN * 1000) + n, "message": str(n)} for n in range(50)])
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    gone = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=gone, PendingWindowInDays=30)
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url = sqs.create_queue(QueueName="weekly", Attributes={"MessageRetentionPeriod": "1209600"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}]})})
    events.put_rule(Name="weekly", ScheduleExpression="rate(7 days)")
    events.put_targets(Rule="weekly", Targets=[{"Id": "q", "Arn": arn, "Input": '"tick"'}])


def _objects(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="year")
    s3.put_bucket_lifecycle_configuration(Bucket="year", LifecycleConfiguration={"Rules": [
        {"ID": "away", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 30}},
        {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": "log/"}, "Expiration": {"Days": 300},
         "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}]}]})
    for n in range(20):
        s3.put_object(Bucket="year", Key=f"tmp/{n}", Body=b"t")
        s3.put_object(Bucket="year", Key=f"log/{n}", Body=b"l")
    s3.put_object(Bucket="year", Key="kept", Body=b"k")


def _items(cloud: Cloud) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(TableName="items", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    dynamodb.update_time_to_live(TableName="items", TimeToLiveSpecification={"Enabled": True, "AttributeName": "end"})
    for n in range(24):
        dynamodb.put_item(TableName="items", Item={"k": {"S": str(n)}, "end": {"N": str(int(BEGAN) + (n + 1) * 20 * DAY)}})


def _secrets(cloud: Cloud) -> None:
    secrets, iam, functions = (cloud.client(name) for name in ("secretsmanager", "iam", "lambda"))
    role = iam.create_role(RoleName="rotator", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="rotator", PolicyArn="arn:aws:iam::aws:policy/SecretsManagerReadWrite")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as z:
        z.writestr("app.py", ROTATES)
    made = functions.create_function(FunctionName="rotator", Role=role, Runtime=RUNTIME, Handler="app.handler",
                                     Code={"ZipFile": package.getvalue()}, Timeout=20)["FunctionArn"]
    functions.add_permission(FunctionName="rotator", StatementId="s", Action="lambda:InvokeFunction",
                             Principal="secretsmanager.amazonaws.com")
    id = secrets.create_secret(Name="turning", SecretString="0")["ARN"]
    secrets.rotate_secret(SecretId=id, RotationLambdaARN=made, RotationRules={"AutomaticallyAfterDays": 90},
                          RotateImmediately=False)
    secrets.create_secret(Name="leaving", SecretString="1")
    secrets.delete_secret(SecretId="leaving", RecoveryWindowInDays=20)


def seen(cloud: Cloud) -> dict[str, Any]:
    """What an account shows after it; times as days since the beginning."""
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="weekly")["QueueUrl"]
    ticks = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["SentTimestamp"]).get("Messages", [])
    kms = cloud.client("kms")
    keys = sorted(len(kms.list_key_rotations(KeyId=k["KeyId"])["Rotations"]) for k in kms.list_keys()["Keys"])
    secret = cloud.client("secretsmanager").describe_secret(SecretId="turning")
    return {
        "objects": [o["Key"] for o in s3.list_objects_v2(Bucket="year")["Contents"]],
        "items": sorted(i["k"]["S"] for i in cloud.client("dynamodb").scan(TableName="items")["Items"]),
        "log": cloud.client("logs").get_log_events(logGroupName="app", logStreamName="s")["events"],
        "ticks": [int(m["Attributes"]["SentTimestamp"]) // 1000 - int(BEGAN) for m in ticks],
        "rotations": keys, "rotated": round((secret["LastRotatedDate"].timestamp() - BEGAN) / DAY),
        "secrets": [s["Name"] for s in cloud.client("secretsmanager").list_secrets()["SecretList"]],
    }


def year(thread: CloudThread, told: Callable[[str], None]) -> tuple[list[tuple[float, str, str]], dict[str, Any]]:
    """What ran when, and what is there at the end."""
    cloud = Cloud(thread, ACCOUNT)
    with httpx.Client(base_url=cloud.endpoint, timeout=300) as http:
        http.post("/_cumulet/time", json={"freeze": True}).raise_for_status()
        http.post("/_cumulet/time", json={"to": BEGAN}).raise_for_status()
        prepare(cloud)
        ran: list[tuple[float, str, str]] = []
        run = Jobs._run_plain

        def noted(self: Jobs, tx: Any, job: Any, what: Any, now: float) -> None:
            ran.append((round(job.due - BEGAN, 3), job.service, job.what))
            run(self, tx, job, what, now)

        thread.cloud.jobs._run_plain = noted.__get__(thread.cloud.jobs)          # type: ignore[method-assign]
        began, processor = time.perf_counter(), time.process_time()
        http.post("/_cumulet/time", json={"advance": 365 * DAY}).raise_for_status()
        told(f"a year took {time.perf_counter() - began:.2f} s ({time.process_time() - processor:.2f} s of the processor), "
             f"{len(ran)} timers and tasks")
        return ran, seen(cloud)


def test_a_year_is_the_same_on_every_run(start_cloud: Start, tmp_path: Path, capsys: Any) -> None:
    runs = []
    for n in range(2):
        thread = start_cloud(data=tmp_path / f"run{n}")
        runs.append(year(thread, print))
        thread.stop()
    (first, there), (second, again) = runs
    assert first == second
    assert there == again
    assert there["objects"] == ["kept"]
    assert there["items"] == sorted(str(n) for n in range(18, 24))
    assert (there["log"], there["secrets"]) == ([], ["turning"])
    assert there["ticks"] == [day * 7 * DAY for day in (51, 52)]
    assert there["rotations"] == [1, 4]                     # AWS's own key turns once a year
    assert there["rotated"] == 360
    assert [due for due, _, _ in first] == sorted(due for due, _, _ in first)
