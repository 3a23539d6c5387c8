"""Object lock: retention, governance and compliance, legal holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.conftest import Cloud

from services.s3.refusals import refused

DAY = 86_400
DENIED = ("AccessDenied", 403)


@pytest.fixture
def cloud(start_cloud: Any) -> Cloud:
    """A cloud of its own, whose clock is moved by years."""
    return Cloud(start_cloud(), "111122223333")


@pytest.fixture
def vault(cloud: Cloud) -> Any:
    """A client with a bucket that locks objects."""
    s3 = cloud.client("s3")
    s3.bucket = "vault"
    s3.create_bucket(Bucket=s3.bucket, ObjectLockEnabledForBucket=True)
    return s3


def days_from_now(cloud: Cloud, days: float) -> datetime:
    return datetime.fromtimestamp(int(cloud.clock.now() + days * DAY), UTC)


def put(s3: Any, **lock: Any) -> dict[str, str]:
    """A new version; where it is."""
    made = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x", **lock)
    return {"Bucket": s3.bucket, "Key": "k", "VersionId": made["VersionId"]}


def test_a_bucket_is_made_for_locks(vault: Any) -> None:
    where = {"Bucket": vault.bucket}
    assert vault.get_bucket_versioning(**where)["Status"] == "Enabled"
    assert vault.get_object_lock_configuration(**where)["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    assert refused(vault.put_bucket_versioning, **where, VersioningConfiguration={"Status": "Suspended"}) == (
        "InvalidBucketState", 409)


def test_locks_come_to_a_bucket_that_is_there(s3: Any) -> None:
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 3}}}
    where = {"Bucket": s3.bucket}
    set_ = s3.put_object_lock_configuration
    assert refused(set_, **where, ObjectLockConfiguration=lock) == ("InvalidBucketState", 409)
    s3.put_bucket_versioning(**where, VersioningConfiguration={"Status": "Enabled"})
    set_(**where, ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(**where)["ObjectLockConfiguration"] == lock
    for rule, code in (({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}, "MalformedXML"), ({"Days": 1}, "MalformedXML"),
                       ({"Mode": "COMPLIANCE", "Days": 0}, "InvalidArgument"),
                       ({"Mode": "COMPLIANCE", "Years": 101}, "InvalidArgument")):
        wrong = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": rule}}
        assert refused(set_, **where, ObjectLockConfiguration=wrong) == (code, 400), rule
    assert refused(set_, **where, ObjectLockConfiguration={}) == ("MalformedXML", 400)


def test_compliance_holds_against_everybody_until_it_ends(vault: Any, cloud: Cloud) -> None:
    until = days_from_now(cloud, 2)
    where = put(vault, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    head = vault.head_object(**where)
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", until)
    assert refused(vault.delete_object, **where) == DENIED
    assert refused(vault.delete_object, **where, BypassGovernanceRetention=True) == DENIED
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": days_from_now(cloud, 1)}
    assert refused(vault.put_object_retention, **where, Retention=sooner, BypassGovernanceRetention=True) == DENIED
    later = {"Mode": "COMPLIANCE", "RetainUntilDate": days_from_now(cloud, 3)}
    vault.put_object_retention(**where, Retention=later)
    assert vault.get_object_retention(**where)["Retention"] == later
    assert vault.delete_object(Bucket=vault.bucket, Key="k")["DeleteMarker"] is True       # hiding it is allowed
    failed = vault.delete_objects(Bucket=vault.bucket, Delete={"Objects": [{"Key": "k", "VersionId": where["VersionId"]}]})
    assert [(one["Code"], one["VersionId"]) for one in failed["Errors"]] == [("AccessDenied", where["VersionId"])]
    cloud.clock.advance(3 * DAY + 1)
    vault.delete_object(**where)
    assert refused(vault.get_object, **where) == ("NoSuchVersion", 404)


def test_governance_gives_way_to_who_may_bypass_it(vault: Any, cloud: Cloud) -> None:
    where = put(vault, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=days_from_now(cloud, 2))
    with pytest.raises(ClientError, match="Access Denied because object protected by object lock"):
        vault.delete_object(**where)
    assert refused(vault.put_object_retention, **where, Retention={}) == DENIED
    stricter = {"Mode": "COMPLIANCE", "RetainUntilDate": days_from_now(cloud, 3)}
    assert refused(vault.put_object_retention, **where, Retention=stricter) == DENIED
    vault.put_object_retention(**where, Retention={}, BypassGovernanceRetention=True)
    assert refused(vault.get_object_retention, **where) == ("NoSuchObjectLockConfiguration", 404)
    vault.put_object_retention(**where, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": days_from_now(cloud, 1)})
    vault.delete_object(**where, BypassGovernanceRetention=True)


def test_a_legal_hold_has_no_end(vault: Any, cloud: Cloud) -> None:
    where = put(vault, ObjectLockLegalHoldStatus="ON")
    assert vault.get_object(**where)["ObjectLockLegalHoldStatus"] == "ON"
    cloud.clock.advance(1000 * DAY)
    assert refused(vault.delete_object, **where, BypassGovernanceRetention=True) == DENIED
    vault.put_object_legal_hold(**where, LegalHold={"Status": "OFF"})
    assert vault.get_object_legal_hold(**where)["LegalHold"] == {"Status": "OFF"}
    vault.delete_object(**where)


def test_the_buckets_default_counts_where_nothing_is_said(vault: Any, cloud: Cloud) -> None:
    vault.put_object_lock_configuration(Bucket=vault.bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 1}}})
    where = put(vault)
    assert vault.get_object_retention(**where)["Retention"]["RetainUntilDate"].date() == days_from_now(cloud, 365).date()
    own = put(vault, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=days_from_now(cloud, 1))
    assert vault.head_object(**own)["ObjectLockMode"] == "GOVERNANCE"
    copied = vault.copy_object(Bucket=vault.bucket, Key="copy", CopySource=f"{vault.bucket}/k")
    assert vault.head_object(Bucket=vault.bucket, Key="copy")["ObjectLockMode"] == "COMPLIANCE"
    assert refused(vault.delete_object, Bucket=vault.bucket, Key="copy", VersionId=copied["VersionId"]) == DENIED
    upload = vault.create_multipart_upload(Bucket=vault.bucket, Key="parts", ObjectLockLegalHoldStatus="ON")["UploadId"]
    part = vault.upload_part(Bucket=vault.bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    vault.complete_multipart_upload(Bucket=vault.bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": part}]})
    head = vault.head_object(Bucket=vault.bucket, Key="parts")
    assert (head["ObjectLockMode"], head["ObjectLockLegalHoldStatus"]) == ("COMPLIANCE", "ON")


def test_wrong_locks_are_refused(vault: Any, cloud: Cloud) -> None:
    key = {"Bucket": vault.bucket, "Key": "k", "Body": b"x"}
    tomorrow, yesterday = days_from_now(cloud, 1), days_from_now(cloud, -1)
    for lock in ({"ObjectLockMode": "GOVERNANCE"}, {"ObjectLockRetainUntilDate": tomorrow},
                 {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": yesterday},
                 {"ObjectLockMode": "FOREVER", "ObjectLockRetainUntilDate": tomorrow},
                 {"ObjectLockLegalHoldStatus": "PERHAPS"}):
        assert refused(vault.put_object, **key, **lock) == ("InvalidArgument", 400), lock
    where = put(vault)
    assert refused(vault.get_object_legal_hold, **where) == ("NoSuchObjectLockConfiguration", 404)
    assert refused(vault.put_object_legal_hold, **where, LegalHold={"Status": "x"}) == ("MalformedXML", 400)
    assert refused(vault.put_object_retention, **where, Retention={"Mode": "GOVERNANCE"}) == ("MalformedXML", 400)


def test_buckets_without_locks_know_none(s3: Any, cloud: Cloud) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    where = {"Bucket": s3.bucket, "Key": "k"}
    missing = ("InvalidRequest", 400)
    assert refused(s3.put_object, **where, Body=b"x", ObjectLockLegalHoldStatus="ON") == missing
    assert refused(s3.put_object_legal_hold, **where, LegalHold={"Status": "ON"}) == missing
    retention = {"Mode": "GOVERNANCE", "RetainUntilDate": days_from_now(cloud, 1)}
    assert refused(s3.put_object_retention, **where, Retention=retention) == missing


def test_lifecycle_waits_for_locks(vault: Any, cloud: Cloud) -> None:
    rule = {"Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
    vault.put_bucket_lifecycle_configuration(Bucket=vault.bucket, LifecycleConfiguration={"Rules": [rule]})
    where = put(vault, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=days_from_now(cloud, 5))
    put(vault)
    cloud.clock.advance(4 * DAY)
    assert vault.get_object(**where)["Body"].read() == b"x"
    cloud.clock.advance(3 * DAY)
    assert refused(vault.get_object, **where) == ("NoSuchVersion", 404)
