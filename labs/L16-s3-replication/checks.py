"""Both buckets, the rule between them, and the object on both sides."""

from cumulet.faces.labs.room import Room, Wrong


def buckets(room: Room) -> None:
    """Where they are, and with versioning."""
    s3 = room.client("s3")
    for name, region in ((f"here-{room.account}", "us-east-1"), (f"there-{room.account}", "eu-west-1")):
        found = s3.head_bucket(Bucket=name)["BucketRegion"]
        if found != region:
            raise Wrong(f"{name} is in {found}, and should be in {region}")
        if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
            raise Wrong(f"{name} has no versioning")
    s3.head_object(Bucket=f"here-{room.account}", Key="before.txt")


def rule(room: Room) -> None:
    """To the other bucket, by the role."""
    said = room.client("s3").get_bucket_replication(Bucket=f"here-{room.account}")["ReplicationConfiguration"]
    if not any(one["Status"] == "Enabled" and one["Destination"]["Bucket"] == f"arn:aws:s3:::there-{room.account}"
               for one in said["Rules"]):
        raise Wrong(f"no enabled rule leads to there-{room.account}")
    role = room.client("iam").get_role(RoleName="replicator")["Role"]
    if said["Role"] != role["Arn"]:
        raise Wrong(f"the role is {said['Role']}, and should be {role['Arn']}")
    if "s3.amazonaws.com" not in str(role["AssumeRolePolicyDocument"]):
        raise Wrong("S3 may not assume the role")


def replica(room: Room) -> None:
    """The same version on both sides; what was there before is not."""
    here, there = room.client("s3"), room.client("s3", region="eu-west-1")
    ours = here.get_object(Bucket=f"here-{room.account}", Key="after.txt")
    theirs = there.get_object(Bucket=f"there-{room.account}", Key="after.txt")
    if (ours["VersionId"], ours["Body"].read()) != (theirs["VersionId"], theirs["Body"].read()):
        raise Wrong("after.txt is not the same on both sides")
    if theirs.get("ReplicationStatus") != "REPLICA":
        raise Wrong(f"after.txt in there-{room.account} was not replicated, but put")
    room.refused("404", there.head_object, Bucket=f"there-{room.account}", Key="before.txt")
