"""Access control lists: canned, granted by headers and by document, of buckets and of objects."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cumulet.services.s3.names import owner_id
from services.s3.refusals import refused

ALL = "http://acs.amazonaws.com/groups/global/AllUsers"
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"
FRIEND = owner_id("111122223333")


@pytest.fixture
def listed(s3: Any) -> Any:
    """A bucket with access control lists on, and nothing blocked."""
    own(s3, "ObjectWriter")
    s3.delete_public_access_block(Bucket=s3.bucket)
    return s3


def own(s3: Any, rule: str) -> None:
    s3.put_bucket_ownership_controls(Bucket=s3.bucket, OwnershipControls={"Rules": [{"ObjectOwnership": rule}]})


def grants(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["Grantee"].get("ID") or one["Grantee"]["URI"], one["Permission"]) for one in answer["Grants"]]


def test_canned_lists_of_a_bucket(listed: Any, cloud: Any) -> None:
    s3, mine = listed, (owner_id(cloud.account), "FULL_CONTROL")
    for name, more in {"private": [], "public-read": [(ALL, "READ")], "public-read-write": [(ALL, "READ"), (ALL, "WRITE")],
                       "log-delivery-write": [(LOGS, "WRITE"), (LOGS, "READ_ACP")]}.items():
        s3.put_bucket_acl(Bucket=s3.bucket, ACL=name)
        assert grants(s3.get_bucket_acl(Bucket=s3.bucket)) == [mine, *more], name
    assert refused(s3.put_bucket_acl, Bucket=s3.bucket, ACL="bucket-owner-read") == ("InvalidArgument", 400)
    assert refused(s3.put_bucket_acl, Bucket=s3.bucket) == ("InvalidRequest", 400)


def test_lists_by_header(listed: Any) -> None:
    s3 = listed
    s3.put_bucket_acl(Bucket=s3.bucket, GrantRead=f'uri="{ALL}", id="{FRIEND}"', GrantWriteACP=f"id={FRIEND}")
    assert grants(s3.get_bucket_acl(Bucket=s3.bucket)) == [(ALL, "READ"), (FRIEND, "READ"), (FRIEND, "WRITE_ACP")]
    where = {"Bucket": s3.bucket}
    assert refused(s3.put_bucket_acl, **where, ACL="private", GrantRead=f"id={FRIEND}") == ("InvalidRequest", 400)
    assert refused(s3.put_bucket_acl, **where, GrantRead="id=me") == ("InvalidArgument", 400)
    assert refused(s3.put_bucket_acl, **where, GrantRead="uri=http://example.com") == ("InvalidArgument", 400)
    assert refused(s3.put_bucket_acl, **where, GrantRead="somebody") == ("InvalidArgument", 400)
    assert refused(s3.put_bucket_acl, **where, GrantRead='emailAddress="a@example.com"') == ("MethodNotAllowed", 405)


def test_lists_by_document(listed: Any, cloud: Any) -> None:
    s3 = listed
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    mine = {"ID": owner_id(cloud.account)}
    document = {"Owner": mine, "Grants": [{"Grantee": mine | {"Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"},
                                          {"Grantee": {"Type": "Group", "URI": ALL}, "Permission": "READ"}]}
    s3.put_object_acl(Bucket=s3.bucket, Key="k", AccessControlPolicy=document)
    told = s3.get_object_acl(Bucket=s3.bucket, Key="k")
    assert {name: told[name] for name in ("Owner", "Grants")} == document
    other = {"ID": FRIEND}
    put = lambda policy: refused(s3.put_object_acl, Bucket=s3.bucket, Key="k", AccessControlPolicy=policy)  # noqa: E731
    assert put(document | {"Owner": other}) == ("AccessDenied", 403)
    assert put({"Owner": mine, "Grants": [{"Grantee": mine | {"Type": "CanonicalUser"}, "Permission": "ALL"}]}) == (
        "MalformedACLError", 400)
    assert put({"Grants": document["Grants"]}) == ("MalformedACLError", 400)
    assert refused(s3.put_object_acl, Bucket=s3.bucket, Key="k", ACL="private", AccessControlPolicy=document) == (
        "UnexpectedContent", 400)


def test_objects_come_with_lists(listed: Any, cloud: Any) -> None:
    s3, mine = listed, (owner_id(cloud.account), "FULL_CONTROL")
    s3.put_object(Bucket=s3.bucket, Key="put", Body=b"x", ACL="public-read")
    s3.copy_object(Bucket=s3.bucket, Key="copy", CopySource=f"{s3.bucket}/put", GrantRead=f"id={FRIEND}")
    s3.copy_object(Bucket=s3.bucket, Key="plain", CopySource=f"{s3.bucket}/put")
    upload = s3.create_multipart_upload(Bucket=s3.bucket, Key="parts", ACL="public-read")["UploadId"]
    part = s3.upload_part(Bucket=s3.bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(Bucket=s3.bucket, Key="parts", UploadId=upload, MultipartUpload={"Parts": [
        {"PartNumber": 1, "ETag": part}]})
    expected = {"put": [mine, (ALL, "READ")], "copy": [(FRIEND, "READ")], "plain": [mine], "parts": [mine, (ALL, "READ")]}
    for key, wanted in expected.items():
        assert grants(s3.get_object_acl(Bucket=s3.bucket, Key=key)) == wanted, key


def test_versions_have_lists_of_their_own(listed: Any) -> None:
    s3 = listed
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1", ACL="public-read")["VersionId"]
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"2")
    assert len(s3.get_object_acl(Bucket=s3.bucket, Key="k")["Grants"]) == 1
    assert len(s3.get_object_acl(Bucket=s3.bucket, Key="k", VersionId=first)["Grants"]) == 2
    s3.put_object_acl(Bucket=s3.bucket, Key="k", VersionId=first, ACL="private")
    assert len(s3.get_object_acl(Bucket=s3.bucket, Key="k", VersionId=first)["Grants"]) == 1


def test_who_writes_owns_unless_the_bucket_says_otherwise(listed: Any, cloud: Any) -> None:
    s3, guest = listed, cloud.other()
    theirs, mine = owner_id(guest.account), owner_id(cloud.account)
    put = guest.client("s3").put_object
    put(Bucket=s3.bucket, Key="a", Body=b"x")
    put(Bucket=s3.bucket, Key="b", Body=b"x", ACL="bucket-owner-full-control")
    assert s3.get_object_acl(Bucket=s3.bucket, Key="a")["Owner"]["ID"] == theirs
    assert grants(s3.get_object_acl(Bucket=s3.bucket, Key="b")) == [(theirs, "FULL_CONTROL"), (mine, "FULL_CONTROL")]
    own(s3, "BucketOwnerPreferred")
    put(Bucket=s3.bucket, Key="c", Body=b"x", ACL="bucket-owner-full-control")
    put(Bucket=s3.bucket, Key="d", Body=b"x")
    assert s3.get_object_acl(Bucket=s3.bucket, Key="c")["Owner"]["ID"] == mine
    assert s3.get_object_acl(Bucket=s3.bucket, Key="d")["Owner"]["ID"] == theirs
    own(s3, "BucketOwnerEnforced")
    assert grants(s3.get_object_acl(Bucket=s3.bucket, Key="a")) == [(mine, "FULL_CONTROL")]


def test_public_lists_are_blocked(listed: Any, cloud: Any, control: Any) -> None:
    s3 = listed
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"x")
    s3.put_public_access_block(Bucket=s3.bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    where = {"Bucket": s3.bucket}
    with pytest.raises(ClientError, match="BlockPublicAcls"):
        s3.put_bucket_acl(**where, ACL="public-read")
    assert refused(s3.put_object_acl, **where, Key="k", ACL="authenticated-read") == ("AccessDenied", 403)
    assert refused(s3.put_object, **where, Key="k", Body=b"y", ACL="public-read") == ("AccessDenied", 403)
    s3.put_object(**where, Key="k", Body=b"y", ACL="bucket-owner-full-control")
    s3.delete_public_access_block(**where)
    control.put_public_access_block(
        AccountId=cloud.account, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    assert refused(s3.put_object, **where, Key="k", Body=b"z", ACL="public-read") == ("AccessDenied", 403)


def test_a_bucket_is_made_with_a_list(cloud: Any) -> None:
    s3, name = cloud.client("s3"), f"listed-{cloud.account}"
    assert refused(s3.create_bucket, Bucket=name, ACL="log-delivery-write") == ("InvalidBucketAclWithObjectOwnership", 400)
    assert refused(s3.create_bucket, Bucket=name, ACL="public-read", ObjectOwnership="ObjectWriter") == ("AccessDenied", 403)
    s3.create_bucket(Bucket=name, GrantRead=f"id={FRIEND}", ObjectOwnership="ObjectWriter")
    assert grants(s3.get_bucket_acl(Bucket=name)) == [(FRIEND, "READ")]
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert refused(s3.put_bucket_ownership_controls, Bucket=name, OwnershipControls=enforced) == (
        "InvalidBucketAclWithObjectOwnership", 400)
    s3.put_bucket_acl(Bucket=name, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=enforced)
