"""The user, and what she is to work with."""

import json

from cumulet.faces.labs.room import Room


def solve(room: Room) -> None:
    """Resources by the root, then one policy."""
    account, region = room.account, room.region
    bucket = f"sim-{account}"
    room.client("s3").create_bucket(Bucket=bucket)
    for key in ("home/sim/a", "home/sim/b/c"):             # who may not list is refused what is not there
        room.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    for name in ("jobs", "others"):
        room.client("sqs").create_queue(QueueName=name)
    for name in ("books", "people"):
        room.client("dynamodb").create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    iam = room.client("iam")
    iam.create_user(UserName="sim")
    home = f"arn:aws:s3:::{bucket}/home/${{aws:username}}/*"
    iam.put_user_policy(UserName="sim", PolicyName="sim", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}",
         "Condition": {"StringLike": {"s3:prefix": "home/${aws:username}/*"}}},
        {"Effect": "Allow", "Action": "s3:*Object", "Resource": home},
        {"Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:GetQueueAttributes"],
         "Resource": f"arn:aws:sqs:*:{account}:jobs"},
        {"Effect": "Deny", "Action": "sqs:PurgeQueue", "Resource": "*"},
        {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
         "Resource": f"arn:aws:dynamodb:{region}:{account}:table/books"},
        {"Effect": "Allow", "Action": "iam:*", "Resource": f"arn:aws:iam::{account}:user/${{aws:username}}"},
        {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}}]}))
