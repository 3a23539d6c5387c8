"""Versions are there and gone, the rule is what it should be, and the archived object can be read."""

from cumulet.faces.labs.room import Room, Wrong


def _name(room: Room) -> str:
    return f"archive-{room.account}"


def versions(room: Room) -> None:
    """Two of them, and none hidden."""
    s3 = room.client("s3")
    if s3.get_bucket_versioning(Bucket=_name(room)).get("Status") != "Enabled":
        raise Wrong("versioning is not enabled")
    found = s3.list_object_versions(Bucket=_name(room), Prefix="plan.txt").get("Versions", [])
    if len(found) < 2:
        raise Wrong(f"plan.txt has {len(found)} versions, and should have two")
    s3.head_object(Bucket=_name(room), Key="plan.txt")


def gone(room: Room) -> None:
    """Nothing of it is left; other things are there."""
    told = room.client("s3").list_object_versions(Bucket=_name(room))
    if not told.get("Versions"):
        raise Wrong("nothing was put into the bucket yet")
    left = [one["VersionId"] for one in told.get("Versions", []) + told.get("DeleteMarkers", []) if one["Key"] == "draft.txt"]
    if left:
        raise Wrong(f"draft.txt still has {', '.join(left)}")


def lifecycle(room: Room) -> None:
    """30, 90, 365."""
    rules = room.client("s3").get_bucket_lifecycle_configuration(Bucket=_name(room))["Rules"]
    for rule in rules:
        moves = {(one.get("Days"), one["StorageClass"]) for one in rule.get("Transitions", [])}
        prefix = rule.get("Filter", {}).get("Prefix", rule.get("Prefix"))
        if rule["Status"] == "Enabled" and prefix == "logs/" and rule.get("Expiration", {}).get("Days") == 365 and moves == {
                (30, "STANDARD_IA"), (90, "GLACIER")}:
            return
    raise Wrong("no enabled rule for logs/ has STANDARD_IA after 30 days, GLACIER after 90, and an expiry after 365")


def restored(room: Room) -> None:
    """In Glacier, with a copy that can be read."""
    s3 = room.client("s3")
    head = s3.head_object(Bucket=_name(room), Key="logs/old.txt")
    if head.get("StorageClass") != "GLACIER":
        raise Wrong(f"logs/old.txt is in {head.get('StorageClass', 'STANDARD')}, and not yet in GLACIER")
    if 'ongoing-request="false"' not in head.get("Restore", ""):
        raise Wrong("logs/old.txt is not restored, or its restore is still under way")
    s3.get_object(Bucket=_name(room), Key="logs/old.txt")["Body"].read()
