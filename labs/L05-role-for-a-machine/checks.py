"""EC2 only may become the role; it has just the rights it needs; the profile hands it on."""

import json

from cumulet.faces.labs.room import Room, Wrong


def role(room: Room) -> None:
    """Trusts EC2, and no account or other service."""
    said = room.client("iam").get_role(RoleName="web-server")["Role"]["AssumeRolePolicyDocument"]
    statements = (json.loads(said) if isinstance(said, str) else said)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Principal"] not in ({"Service": "ec2.amazonaws.com"}, {"Service": ["ec2.amazonaws.com"]}):
            raise Wrong(f"the role is trusted to {statement['Principal']}")
    room.refused("AccessDenied", room.client("sts").assume_role,
                 RoleArn=f"arn:aws:iam::{room.account}:role/web-server", RoleSessionName="check")


def rights(room: Room) -> None:
    """What it may and what it may not."""
    arn = f"arn:aws:iam::{room.account}:role/web-server"
    for action, resource, good in (
            ("s3:ListAllMyBuckets", "*", True), ("s3:CreateBucket", "arn:aws:s3:::app-1", True),
            ("s3:CreateBucket", "arn:aws:s3:::other", False), ("s3:PutObject", "arn:aws:s3:::app-1/x", True),
            ("s3:GetObject", "arn:aws:s3:::app-1/x", True), ("s3:GetObject", "arn:aws:s3:::other/x", False),
            ("s3:DeleteBucket", "arn:aws:s3:::app-1", False), ("iam:CreateUser", "*", False)):
        found = room.client("iam").simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])
        if (found["EvaluationResults"][0]["EvalDecision"] == "allowed") != good:
            raise Wrong(f"{action} on {resource} should be {'allowed' if good else 'denied'}")


def profile(room: Room) -> None:
    """It holds the role."""
    found = room.client("iam").get_instance_profile(InstanceProfileName="web-server")["InstanceProfile"]["Roles"]
    if [one["RoleName"] for one in found] != ["web-server"]:
        raise Wrong("the instance profile web-server does not hold the role")
