"""Uploads by HTML forms, signed as SDKs sign them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from botocore.config import Config

from services.s3.browser import ask, form, post


def signed(s3: Any, key: str = "up/${filename}", fields: dict[str, str] | None = None, conditions: list[Any] | None = None,
           expires: int = 60) -> dict[str, str]:
    made = s3.generate_presigned_post(s3.bucket, key, Fields=fields, Conditions=[*(conditions or [])], ExpiresIn=expires)
    return dict(made["fields"])


@pytest.fixture
def s3(cloud: Any) -> Any:
    """A client that signs with version 4, and a bucket."""
    return bucketed(cloud, Config(signature_version="s3v4"))


def bucketed(cloud: Any, config: Config) -> Any:
    client = cloud.client("s3", config=config)
    client.bucket = f"things-{cloud.account}"
    client.create_bucket(Bucket=client.bucket)
    return client


def code(body: bytes) -> str:
    return body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


def test_a_file_is_uploaded(s3: Any, cloud: Any) -> None:
    fields = signed(s3, fields={"Content-Type": "image/jpeg", "x-amz-meta-who": "me"},
                    conditions=[{"Content-Type": "image/jpeg"}, {"x-amz-meta-who": "me"},
                                ["starts-with", "$success_action_status", ""]])
    answer = post(cloud.endpoint, f"/{s3.bucket}", fields | {"success_action_status": "201"}, b"a photo", filename="me.jpg")
    got = s3.get_object(Bucket=s3.bucket, Key="up/me.jpg")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"a photo", "image/jpeg", {"who": "me"})
    assert answer.status == 201
    assert answer.headers["ETag"] == got["ETag"]
    assert b"<Key>up/me.jpg</Key>" in answer.body
    assert answer.headers["Location"] == f"{cloud.endpoint}/{s3.bucket}/up%2Fme.jpg"


def test_a_large_file_is_uploaded(s3: Any, cloud: Any) -> None:
    photo = bytes(range(256)) * 20_000
    assert post(cloud.endpoint, f"/{s3.bucket}", signed(s3, "large"), photo).status == 204
    assert s3.get_object(Bucket=s3.bucket, Key="large")["Body"].read() == photo


@pytest.mark.parametrize(("status", "answered"), [("200", 200), ("204", 204), ("", 204), ("302", 204)])
def test_success_is_told_as_wanted(s3: Any, cloud: Any, status: str, answered: int) -> None:
    fields = signed(s3, "k", {"success_action_status": status}, [{"success_action_status": status}])
    answer = post(cloud.endpoint, f"/{s3.bucket}", fields, b"x")
    assert (answer.status, answer.body) == (answered, b"")


def test_the_browser_is_sent_on(s3: Any, cloud: Any) -> None:
    target = "http://localhost:3000/done?from=form"
    fields = signed(s3, "a b", {"success_action_redirect": target}, [{"success_action_redirect": target}])
    answer = post(cloud.endpoint, f"/{s3.bucket}", fields, b"x")
    assert answer.status == 303
    assert answer.headers["Location"].startswith(f"{target}&bucket={s3.bucket}&key=a+b&etag=%22")


def test_it_works_on_the_buckets_own_host(s3: Any, cloud: Any) -> None:
    body, kind = form(signed(s3, "hosted"), b"x")
    answer = ask(cloud.endpoint, "POST", "/", body, Content_Type=kind, Host=f"{s3.bucket}.s3.localhost:4566")
    assert answer.status == 204
    assert s3.head_object(Bucket=s3.bucket, Key="hosted")["ContentLength"] == 1


@pytest.mark.parametrize(("change", "expected", "message"), [
    ({"key": "elsewhere"}, ("AccessDenied", 403), b"Policy Condition failed"),
    ({"x-amz-meta-more": "1"}, ("AccessDenied", 403), b"Extra input fields: x-amz-meta-more"),
    ({"x-amz-credential": "nonsense"}, ("AccessDenied", 403), b"Policy Condition failed"),
    ({"key": ""}, ("InvalidArgument", 400), b"must contain a field named 'key'"),
    ({"policy": "!"}, ("InvalidPolicyDocument", 400), b"Invalid JSON"),
    ({"x-amz-signature": ""}, ("InvalidArgument", 400), b"X-Amz-Signature")])
def test_what_the_policy_does_not_allow_is_refused(s3: Any, cloud: Any, change: dict[str, str], expected: tuple[str, int],
                                                   message: bytes) -> None:
    fields = signed(s3, "k") | change
    if "x-amz-credential" in change:
        fields["x-amz-credential"] = f"{cloud.account}/20200101/us-east-1/s3/aws4_request"
    answer = post(cloud.endpoint, f"/{s3.bucket}", fields, b"x")
    assert (code(answer.body), answer.status, message in answer.body) == (*expected, True), answer.body


def test_sizes_are_limited(s3: Any, cloud: Any) -> None:
    fields = signed(s3, "k", conditions=[["content-length-range", 2, 4]])
    for body, expected in ((b"x", "EntityTooSmall"), (b"xxxxx", "EntityTooLarge")):
        answer = post(cloud.endpoint, f"/{s3.bucket}", fields, body)
        assert (answer.status, code(answer.body)) == (400, expected)
    assert post(cloud.endpoint, f"/{s3.bucket}", fields, b"xxx").status == 204


def test_policies_end(s3: Any, cloud: Any) -> None:
    answer = post(cloud.endpoint, f"/{s3.bucket}", signed(s3, "k", expires=-1), b"x")
    assert (answer.status, b"Invalid according to Policy: Policy expired." in answer.body) == (403, True)


def test_the_signature_is_verified_where_the_secret_is_known(cloud: Any, s3: Any) -> None:
    cloud.client("iam").create_user(UserName="uploader")
    key = cloud.client("iam").create_access_key(UserName="uploader")["AccessKey"]
    user = cloud.client("s3", key=key["AccessKeyId"], secret=key["SecretAccessKey"], config=Config(signature_version="s3v4"))
    user.bucket = s3.bucket
    assert post(cloud.endpoint, f"/{s3.bucket}", signed(user, "mine"), b"x").status == 204
    fields = signed(user, "mine")
    policy = json.loads(base64.b64decode(fields["policy"]))
    policy["conditions"] = [["starts-with", f"${name}", ""] for name in ("key", "x-amz-algorithm", "x-amz-date",
                                                                         "x-amz-credential")]
    forged = fields | {"policy": base64.b64encode(json.dumps(policy).encode()).decode(), "key": "theirs"}
    answer = post(cloud.endpoint, f"/{s3.bucket}", forged, b"x")
    assert (answer.status, code(answer.body)) == (403, "SignatureDoesNotMatch")


def test_signatures_of_version_2_are_taken_as_well(cloud: Any) -> None:
    old = bucketed(cloud, Config(signature_version="s3"))
    cloud.client("iam").create_user(UserName="uploader")
    key = cloud.client("iam").create_access_key(UserName="uploader")["AccessKey"]
    user = cloud.client("s3", key=key["AccessKeyId"], secret=key["SecretAccessKey"], config=Config(signature_version="s3"))
    user.bucket = old.bucket
    fields = signed(user, "k")
    assert fields["AWSAccessKeyId"] == key["AccessKeyId"]
    assert post(cloud.endpoint, f"/{old.bucket}", fields, b"x").status == 204
    answer = post(cloud.endpoint, f"/{old.bucket}", fields | {"signature": "x"}, b"x")
    assert (answer.status, code(answer.body)) == (403, "SignatureDoesNotMatch")
    answer = post(cloud.endpoint, f"/{old.bucket}", fields | {"signature": "é"}, b"x")
    assert (answer.status, code(answer.body)) == (403, "SignatureDoesNotMatch")
    assert post(cloud.endpoint, f"/{old.bucket}", signed(old, "k2"), b"x").status == 204


@pytest.mark.parametrize("expires", ["%C2%B2", "9" * 5000, "-1", ""])
def test_an_old_url_ends_at_a_moment(s3: Any, cloud: Any, expires: str) -> None:
    answer = ask(cloud.endpoint, "GET", f"/{s3.bucket}/k?AWSAccessKeyId=A&Signature=x&Expires={expires}")
    assert (answer.status, code(answer.body)) == (403, "AccessDenied")


def test_what_is_no_form_is_refused(s3: Any, cloud: Any) -> None:
    answer = ask(cloud.endpoint, "POST", f"/{s3.bucket}", b"a=b", Content_Type="application/xml")
    assert (answer.status, code(answer.body)) == (412, "PreconditionFailed")
    kind = "multipart/form-data; boundary=x"
    answer = ask(cloud.endpoint, "POST", f"/{s3.bucket}", b"--x\r\nbroken", Content_Type=kind)
    assert (answer.status, code(answer.body)) == (400, "MalformedPOSTRequest")
    body = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--\r\n'
    answer = ask(cloud.endpoint, "POST", f"/{s3.bucket}", body, Content_Type=kind)
    assert (answer.status, code(answer.body)) == (400, "InvalidArgument")


def test_tags_come_as_a_document(s3: Any, cloud: Any) -> None:
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b &amp; c</Value></Tag></TagSet></Tagging>".replace(" &amp; ", "+")
    fields = signed(s3, "k", {"tagging": tags}, [{"tagging": tags}])
    assert post(cloud.endpoint, f"/{s3.bucket}", fields, b"x").status == 204
    assert s3.get_object_tagging(Bucket=s3.bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "b+c"}]
