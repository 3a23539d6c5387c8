"""SSE-KMS by default, and beside it SSE-S3 and SSE-C by request."""

import json

from cumulet.faces.labs.room import Key, Room


def solve(room: Room) -> None:
    """The three kinds, and otto with and without kms:Decrypt."""
    kms, s3, iam = room.client("kms"), room.client("s3"), room.client("iam")
    key = kms.create_key(Description="of files")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/files", TargetKeyId=key)
    bucket = f"files-{room.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [{
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/files"}}]})
    s3.put_object(Bucket=bucket, Key="plan.txt", Body=b"the plan")
    assert s3.get_object(Bucket=bucket, Key="plan.txt")["Body"].read() == b"the plan"

    s3.put_object(Bucket=bucket, Key="simple.txt", Body=b"simple", ServerSideEncryption="AES256")
    assert s3.head_object(Bucket=bucket, Key="simple.txt")["ServerSideEncryption"] == "AES256"
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"0" * 32}
    s3.put_object(Bucket=bucket, Key="mine.txt", Body=b"mine", **own)
    room.refused("InvalidRequest", s3.get_object, Bucket=bucket, Key="mine.txt")
    assert s3.get_object(Bucket=bucket, Key="mine.txt", **own)["Body"].read() == b"mine"

    iam.create_user(UserName="otto")
    iam.put_user_policy(UserName="otto", PolicyName="files", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3:*", "Resource": "*"}}))
    otto = room.client("s3", Key.of(iam.create_access_key(UserName="otto")["AccessKey"]))
    assert otto.get_object(Bucket=bucket, Key="simple.txt")["Body"].read() == b"simple"
    assert "kms:Decrypt" in room.refused("AccessDenied", otto.get_object, Bucket=bucket, Key="plan.txt")
    room.refused("AccessDenied", otto.put_object, Bucket=bucket, Key="by-otto.txt", Body=b"x")
