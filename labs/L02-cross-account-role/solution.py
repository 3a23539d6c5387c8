"""Both accounts by the SDK; at the end the session runs out when the clock moves on."""

import json

from cumulet.faces.labs.room import Key, Room


def solve(room: Room) -> None:
    """Prod first, since Dev's policy names its role."""
    dev, prod, _ = room.accounts
    name = f"reports-{prod}"
    s3 = room.client("s3", account=prod)
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="report.txt", Body=b"all is well")

    iam = room.client("iam", account=prod)
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{dev}:root"}, "Action": "sts:AssumeRole"}}))
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]}))

    iam = room.client("iam")
    iam.create_group(GroupName="developers")
    iam.put_group_policy(GroupName="developers", PolicyName="become-reader", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{prod}:role/reader"}}))
    iam.create_user(UserName="dora")
    iam.add_user_to_group(GroupName="developers", UserName="dora")

    dora = room.client("sts", Key.of(iam.create_access_key(UserName="dora")["AccessKey"]))
    given = dora.assume_role(RoleArn=f"arn:aws:iam::{prod}:role/reader", RoleSessionName="dora", DurationSeconds=3600)
    reader = room.client("s3", Key.of(given["Credentials"]))
    assert reader.get_object(Bucket=name, Key="report.txt")["Body"].read() == b"all is well"
    room.advance(3601)
    room.refused("ExpiredToken", reader.get_object, Bucket=name, Key="report.txt")
