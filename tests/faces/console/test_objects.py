"""Objects that the page uploads, shows and links to."""

from __future__ import annotations

import json

import httpx
import pytest

from .conftest import Page


@pytest.fixture
def bucket(page: Page) -> str:
    name = f"bucket-{page.cloud.account}"
    page.cloud.client("s3").create_bucket(Bucket=name)
    return name


@pytest.mark.parametrize("size", [0, 11, 3_000_000])
def test_an_object_goes_up_and_comes_down(page: Page, bucket: str, size: int) -> None:
    content = b"x" * size
    headers = {"x-cumulet-token": page.token, "Content-Type": "text/html", "x-amz-meta-colour": "blue"}
    up = page.http.put(f"api/object/{bucket}/a%20folder/f%C3%BC.html", content=content, headers=headers)
    assert up.status_code == 200
    found = page.cloud.client("s3").get_object(Bucket=bucket, Key="a folder/fü.html")
    assert (found["Body"].read(), found["ContentType"], found["Metadata"]) == (content, "text/html", {"colour": "blue"})
    down = page.ask("GET", f"object/{bucket}/a%20folder/f%C3%BC.html")
    assert (down.status_code, down.content, down.headers["content-type"]) == (200, content, "text/html")
    assert (down.headers["content-security-policy"], down.headers["content-disposition"]) == ("sandbox", "attachment")


def test_part_of_an_object_is_previewed(page: Page, bucket: str) -> None:
    page.cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    part = page.ask("GET", f"object/{bucket}/k", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")
    assert page.ask("GET", f"object/{bucket}/missing").status_code == 404


def test_a_link_is_good_for_anybody_until_it_ends(page: Page, bucket: str) -> None:
    page.cloud.client("s3").put_object(Bucket=bucket, Key="a b/c", Body=b"linked")
    link = page.ask("POST", "presign", {"bucket": bucket, "key": "a b/c", "seconds": 60}).json()["url"]
    got = httpx.get(link)
    assert (got.status_code, got.content) == (200, b"linked")
    assert httpx.get(link.replace("a%20b", "a%20d")).status_code == 403
    put = page.ask("POST", "presign", {"bucket": bucket, "key": "new", "method": "PUT"}).json()["url"]
    assert httpx.put(put, content=b"by link").status_code == 200
    assert page.cloud.client("s3").get_object(Bucket=bucket, Key="new")["Body"].read() == b"by link"
    assert page.ask("POST", "presign", {"bucket": bucket, "key": "k", "seconds": 0}).status_code == 400


def test_a_stored_page_gets_no_origin_where_the_console_is(page: Page, bucket: str) -> None:
    s3 = page.cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="page.html", Body=b"<script>1</script>", ContentType="text/html")
    address = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "page.html"})
    for shown in ("document", "iframe", "embed", "object", "frame"):
        assert httpx.get(address, headers={"Sec-Fetch-Dest": shown}).headers["content-security-policy"].startswith("sandbox ")
    assert "content-security-policy" not in httpx.get(address, headers={"Sec-Fetch-Dest": "image"}).headers
    assert "content-security-policy" not in httpx.get(address).headers


def test_a_link_of_a_role_is_the_roles(page: Page, bucket: str) -> None:
    iam, account = page.cloud.client("iam"), page.cloud.account
    page.cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"linked")
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    other = Page(page.cloud, page.ask("POST", "switch", {"role": role}).json()["token"])
    link = other.ask("POST", "presign", {"bucket": bucket, "key": "k"}).json()["url"]
    page.ask("POST", "control/iam", {"subject": account, "mode": "enforce"})
    assert httpx.get(link).status_code == 403
    reading = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    iam.put_role_policy(RoleName="reader", PolicyName="reading", PolicyDocument=json.dumps(reading))
    assert httpx.get(link).content == b"linked"
