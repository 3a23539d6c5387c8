"""Group policies reach members, nothing is allowed by itself, a Deny beats an Allow, an inline policy is one user's."""

from cumulet.faces.labs.room import Room, Wrong


def decision(room: Room, user: str, action: str) -> str:
    """What the policy simulator says of a user's action."""
    resource = "arn:aws:s3:::any-bucket" if action in ("s3:CreateBucket", "s3:DeleteBucket") else "*"
    answer = room.client("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{room.account}:user/{user}", ActionNames=[action], ResourceArns=[resource])
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def expect(room: Room, user: str, **wanted: str) -> None:
    """Compare decisions; names are written service__Action."""
    for name, due in wanted.items():
        action = name.replace("__", ":")
        if (found := decision(room, user, action)) != due:
            raise Wrong(f"{action} of {user} is decided as {found}, and should be {due}")


def has_key(room: Room, user: str) -> None:
    """The user has an active access key."""
    keys = room.client("iam").list_access_keys(UserName=user)["AccessKeyMetadata"]
    if not any(key["Status"] == "Active" for key in keys):
        raise Wrong(f"{user} has no active access key")


def readers(room: Room) -> None:
    """The group has two managed policies of AWS."""
    attached = room.client("iam").list_attached_group_policies(GroupName="readers")["AttachedPolicies"]
    arns = {policy["PolicyArn"] for policy in attached}
    missing = {f"arn:aws:iam::aws:policy/{name}" for name in ("AmazonEC2ReadOnlyAccess", "AmazonS3ReadOnlyAccess")} - arns
    if missing:
        raise Wrong(f"not attached: {', '.join(sorted(missing))}")


def member(room: Room) -> None:
    """Ana reads by her group, and writes nothing."""
    members = room.client("iam").get_group(GroupName="readers")["Users"]
    if "ana" not in [user["UserName"] for user in members]:
        raise Wrong("ana is not in the group readers")
    has_key(room, "ana")
    expect(room, "ana", s3__ListAllMyBuckets="allowed", ec2__DescribeInstances="allowed", s3__CreateBucket="implicitDeny")


def nobody(room: Room) -> None:
    """Ben may do nothing, because nothing allows it."""
    has_key(room, "ben")
    expect(room, "ben", s3__ListAllMyBuckets="implicitDeny", iam__GetUser="implicitDeny")


def operator(room: Room) -> None:
    """Olga may do all in EC2 but for what is denied."""
    expect(room, "olga", ec2__RunInstances="allowed", ec2__StopInstances="allowed", ec2__TerminateInstances="explicitDeny",
           ec2__DeleteVpc="explicitDeny",
           s3__ListAllMyBuckets="implicitDeny")


def inline(room: Room) -> None:
    """Ina's policy is inline."""
    iam = room.client("iam")
    if "own-bucket" not in iam.list_user_policies(UserName="ina")["PolicyNames"]:
        raise Wrong("ina has no inline policy own-bucket")
    if iam.list_attached_user_policies(UserName="ina")["AttachedPolicies"]:
        raise Wrong("ina has an attached policy as well; the inline one is enough")
    expect(room, "ina", s3__CreateBucket="allowed", s3__DeleteBucket="implicitDeny")
