"""The role trusts Dev only, reads one bucket only, and both sides agree."""

import json

from cumulet.faces.labs.room import Key, Room, Wrong


def _bucket(room: Room) -> str:
    """The bucket of Prod that has the object."""
    s3 = room.client("s3", account=room.accounts[1])
    for bucket in s3.list_buckets()["Buckets"]:
        if any(entry["Key"] == "report.txt" for entry in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", ())):
            return str(bucket["Name"])
    raise Wrong("no bucket of Prod has an object report.txt")


def bucket(room: Room) -> None:
    """It is there."""
    _bucket(room)


def role(room: Room) -> None:
    """Reads the bucket, and nothing else."""
    name = _bucket(room)
    iam = room.client("iam", account=room.accounts[1])
    arn = iam.get_role(RoleName="reader")["Role"]["Arn"]
    place = f"arn:aws:s3:::{name}"
    for action, resource, wanted in (
            ("s3:GetObject", f"{place}/report.txt", "allowed"), ("s3:ListBucket", place, "allowed"),
            ("s3:PutObject", f"{place}/report.txt", "implicitDeny"),
            ("s3:GetObject", "arn:aws:s3:::another/x", "implicitDeny")):
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])
        found = answer["EvaluationResults"][0]["EvalDecision"]
        if found != wanted:
            raise Wrong(f"{action} on {resource} is decided as {found} for the reader, and should be {wanted}")


def developers(room: Room) -> None:
    """Dora is in the group, and may ask for the role."""
    iam = room.client("iam")
    if "dora" not in [user["UserName"] for user in iam.get_group(GroupName="developers")["Users"]]:
        raise Wrong("dora is not in the group developers")
    dora, role_arn = f"arn:aws:iam::{room.account}:user/dora", f"arn:aws:iam::{room.accounts[1]}:role/reader"
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": dora}, "Action": "sts:AssumeRole",
                                                    "Resource": role_arn}}         # as if the role trusted her
    answer = iam.simulate_principal_policy(PolicySourceArn=dora, ActionNames=["sts:AssumeRole"], ResourceArns=[role_arn],
                                           CallerArn=dora, ResourcePolicy=json.dumps(trust))
    if answer["EvaluationResults"][0]["EvalDecision"] != "allowed":
        raise Wrong("the developers' policy does not allow sts:AssumeRole on the reader of Prod")


def works(room: Room) -> None:
    """Tried with a key of dora's that is gone afterwards."""
    name, arn = _bucket(room), f"arn:aws:iam::{room.accounts[1]}:role/reader"
    iam = room.client("iam")
    made = iam.create_access_key(UserName="dora")["AccessKey"]
    try:
        given = room.client("sts", Key.of(made)).assume_role(RoleArn=arn, RoleSessionName="check")["Credentials"]
        s3 = room.client("s3", Key.of(given))
        s3.get_object(Bucket=name, Key="report.txt")
        room.refused("AccessDenied", s3.put_object, Bucket=name, Key="report.txt", Body=b"x")
        other = room.client("sts", account=room.accounts[2])
        room.refused("AccessDenied", other.assume_role, RoleArn=arn, RoleSessionName="check")
    finally:
        iam.delete_access_key(UserName="dora", AccessKeyId=made["AccessKeyId"])
