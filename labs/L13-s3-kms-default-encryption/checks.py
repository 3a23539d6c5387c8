"""The default counts, and whoever may not use the key may not read."""

from cumulet.faces.labs.room import Key, Room, Wrong


def _arn(room: Room) -> str:
    return str(room.client("kms").describe_key(KeyId="alias/files")["KeyMetadata"]["Arn"])


def key(room: Room) -> None:
    """It is there."""
    _arn(room)


def bucket(room: Room) -> None:
    """The object is under the key."""
    name = f"files-{room.account}"
    rules = room.client("s3").get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    if rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "aws:kms":
        raise Wrong("the default encryption of the bucket is not aws:kms")
    head = room.client("s3").head_object(Bucket=name, Key="plan.txt")
    if head.get("SSEKMSKeyId") != _arn(room):
        raise Wrong(f"plan.txt is under {head.get('SSEKMSKeyId') or head.get('ServerSideEncryption')}, not under alias/files")


def outsider(room: Room) -> None:
    """Otto sees the object in the list, and cannot read it."""
    iam = room.client("iam")
    made = iam.create_access_key(UserName="otto")["AccessKey"]
    try:
        s3 = room.client("s3", Key.of(made))
        s3.list_objects_v2(Bucket=f"files-{room.account}")
        if "kms:Decrypt" not in room.refused("AccessDenied", s3.get_object, Bucket=f"files-{room.account}", Key="plan.txt"):
            raise Wrong("otto is refused for another reason than kms:Decrypt")
    finally:
        iam.delete_access_key(UserName="otto", AccessKeyId=made["AccessKeyId"])
