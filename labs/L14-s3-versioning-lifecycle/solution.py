"""Versions by the SDK, then a quarter of a year in a second."""

from cumulet.faces.labs.room import Room

DAY = 86_400


def solve(room: Room) -> None:
    """Each step shows what it did."""
    s3, name = room.client("s3"), f"archive-{room.account}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=name, Key="plan.txt", Body=b"plan A")["VersionId"]
    s3.put_object(Bucket=name, Key="plan.txt", Body=b"plan B")
    marker = s3.delete_object(Bucket=name, Key="plan.txt")
    assert marker["DeleteMarker"]
    room.refused("NoSuchKey", s3.get_object, Bucket=name, Key="plan.txt")
    assert s3.get_object(Bucket=name, Key="plan.txt", VersionId=first)["Body"].read() == b"plan A"
    s3.delete_object(Bucket=name, Key="plan.txt", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=name, Key="plan.txt")["Body"].read() == b"plan B"

    for body in (b"one", b"two"):
        s3.put_object(Bucket=name, Key="draft.txt", Body=body)
    s3.delete_object(Bucket=name, Key="draft.txt")
    told = s3.list_object_versions(Bucket=name, Prefix="draft.txt")
    for one in told["Versions"] + told["DeleteMarkers"]:
        s3.delete_object(Bucket=name, Key="draft.txt", VersionId=one["VersionId"])

    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [{
        "ID": "logs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 365},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}]}]})
    old = {"Bucket": name, "Key": "logs/old.txt"}
    s3.put_object(**old, Body=b"a line of the log\n" * 8000)
    room.advance(31 * DAY)
    assert s3.head_object(**old)["StorageClass"] == "STANDARD_IA"
    room.advance(60 * DAY)
    assert s3.head_object(**old)["StorageClass"] == "GLACIER"
    room.refused("InvalidObjectState", s3.get_object, **old)
    s3.restore_object(**old, RestoreRequest={"Days": 7, "GlacierJobParameters": {"Tier": "Standard"}})
    room.refused("InvalidObjectState", s3.get_object, **old)
    room.advance(5 * 3600 + 60)
    assert s3.get_object(**old)["Body"].read().startswith(b"a line of the log")
