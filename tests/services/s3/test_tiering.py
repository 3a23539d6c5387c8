"""The archive tiers of S3 Intelligent-Tiering."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.s3.refusals import refused
from services.s3.test_notifications import Queue

DAY = 86_400
BIG = b"x" * 200_000
BOTH = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 180, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]


def configuration(**more: Any) -> dict[str, Any]:
    return {"Id": "cold", "Status": "Enabled", "Tierings": BOTH} | more


def configure(s3: Any, **more: Any) -> None:
    s3.put_bucket_intelligent_tiering_configuration(Bucket=s3.bucket, Id="cold",
                                                    IntelligentTieringConfiguration=configuration(**more))


def put(s3: Any, key: str, body: bytes = BIG, storage: str = "INTELLIGENT_TIERING") -> None:
    s3.put_object(Bucket=s3.bucket, Key=key, Body=body, StorageClass=storage)


def tier(s3: Any, key: str) -> str | None:
    found: str | None = s3.head_object(Bucket=s3.bucket, Key=key).get("ArchiveStatus")
    return found


def test_configurations_are_kept(s3: Any) -> None:
    configure(s3, Filter={"Prefix": "a/"})
    said = configuration(Filter={"Prefix": "a/"})
    where = {"Bucket": s3.bucket, "Id": "cold"}
    assert s3.get_bucket_intelligent_tiering_configuration(**where)["IntelligentTieringConfiguration"] == said
    listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=s3.bucket)
    assert (listed["IntelligentTieringConfigurationList"], listed["IsTruncated"]) == ([said], False)
    s3.delete_bucket_intelligent_tiering_configuration(**where)
    for call in (s3.get_bucket_intelligent_tiering_configuration, s3.delete_bucket_intelligent_tiering_configuration):
        assert refused(call, **where) == ("NoSuchConfiguration", 404)


@pytest.mark.parametrize(("change", "code"), [
    ({"Tierings": [{"Days": 89, "AccessTier": "ARCHIVE_ACCESS"}]}, "InvalidArgument"),
    ({"Tierings": [{"Days": 179, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]}, "InvalidArgument"),
    ({"Tierings": [{"Days": 731, "AccessTier": "ARCHIVE_ACCESS"}]}, "InvalidArgument"), ({"Id": "other"}, "InvalidArgument"),
    ({"Status": "On"}, "MalformedXML"), ({"Tierings": [BOTH[0], BOTH[0]]}, "MalformedXML")])
def test_wrong_configurations_are_refused(s3: Any, change: dict[str, Any], code: str) -> None:
    wrong = {"Bucket": s3.bucket, "Id": "cold", "IntelligentTieringConfiguration": configuration(**change)}
    assert refused(s3.put_bucket_intelligent_tiering_configuration, **wrong) == (code, 400)


def test_what_nobody_reads_is_archived(s3: Any, cloud: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html"""
    configure(s3)
    for key in ("left", "read"):
        put(s3, key)
    put(s3, "small", b"x")
    put(s3, "standard", storage="STANDARD")
    cloud.clock.advance(60 * DAY)
    assert s3.get_object(Bucket=s3.bucket, Key="read")["Body"].read() == BIG
    cloud.clock.advance(31 * DAY)
    assert [tier(s3, key) for key in ("left", "read", "small", "standard")] == ["ARCHIVE_ACCESS", None, None, None]
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=s3.bucket, Key="left")
    told = caught.value.response["Error"]
    assert (told["Code"], told["StorageClass"], told["AccessTier"]) == (
        "InvalidObjectState", "INTELLIGENT_TIERING", "ARCHIVE_ACCESS")
    cloud.clock.advance(60 * DAY)
    assert tier(s3, "read") == "ARCHIVE_ACCESS"
    cloud.clock.advance(31 * DAY)
    assert tier(s3, "left") == "DEEP_ARCHIVE_ACCESS"


def test_archived_objects_come_back_to_stay(s3: Any, cloud: Any) -> None:
    configure(s3, Tierings=BOTH[:1])
    put(s3, "k")
    where = {"Bucket": s3.bucket, "Key": "k"}
    assert refused(s3.restore_object, **where, RestoreRequest={}) == ("InvalidObjectState", 403)
    cloud.clock.advance(91 * DAY)
    assert refused(s3.restore_object, **where, RestoreRequest={"Days": 1}) == ("InvalidArgument", 400)
    s3.restore_object(**where, RestoreRequest={"GlacierJobParameters": {"Tier": "Standard"}})
    head = s3.head_object(**where)
    assert (head["Restore"], head["ArchiveStatus"]) == ('ongoing-request="true"', "ARCHIVE_ACCESS")
    assert refused(s3.restore_object, **where, RestoreRequest={}) == ("RestoreAlreadyInProgress", 409)
    cloud.clock.advance(5 * 3600 + 1)
    head = s3.head_object(**where)
    assert ("Restore" in head, "ArchiveStatus" in head) == (False, False)
    assert s3.get_object(**where)["Body"].read() == BIG
    cloud.clock.advance(80 * DAY)
    assert tier(s3, "k") is None
    cloud.clock.advance(20 * DAY)
    assert tier(s3, "k") == "ARCHIVE_ACCESS"


def test_filters_choose_and_disabled_ones_do_nothing(s3: Any, cloud: Any) -> None:
    configure(s3, Filter={"And": {"Prefix": "a/", "Tags": [{"Key": "t", "Value": "1"}]}})
    for key, tags in (("a/tagged", "t=1"), ("a/other", "t=2"), ("b/tagged", "t=1")):
        s3.put_object(Bucket=s3.bucket, Key=key, Body=BIG, StorageClass="INTELLIGENT_TIERING", Tagging=tags)
    cloud.clock.advance(91 * DAY)
    assert [tier(s3, key) for key in ("a/tagged", "a/other", "b/tagged")] == ["ARCHIVE_ACCESS", None, None]
    configure(s3, Status="Disabled")
    cloud.clock.advance(90 * DAY)
    assert tier(s3, "b/tagged") is None


def test_moves_are_told(s3: Any, cloud: Any) -> None:
    queue = Queue(cloud)
    s3.put_bucket_notification_configuration(Bucket=s3.bucket, NotificationConfiguration={
        "QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:IntelligentTiering"]}], "EventBridgeConfiguration": {}})
    configure(s3)
    put(s3, "k")
    queue.bodies()                                       # the trial of the configuration
    cloud.clock.advance(91 * DAY)
    event, = queue.events()
    assert (event["eventName"], event["s3"]["object"]["key"]) == ("IntelligentTiering", "k")
    assert event["intelligentTieringEventData"] == {"destinationAccessTier": "ARCHIVE_ACCESS"}
