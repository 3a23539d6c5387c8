"""Cross-origin requests, as browsers make them."""

from __future__ import annotations

from typing import Any

import pytest

from services.s3.browser import Answer, ask
from services.s3.refusals import refused

PAGE = "https://www.example.com"
RULES = [{"ID": "write", "AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["PUT", "GET"],
          "AllowedHeaders": ["x-amz-*"], "ExposeHeaders": ["ETag", "x-amz-request-id"], "MaxAgeSeconds": 3000},
         {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]


@pytest.fixture
def open_bucket(s3: Any) -> Any:
    s3.put_bucket_cors(Bucket=s3.bucket, CORSConfiguration={"CORSRules": RULES})
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"hello")
    return s3


def preflight(cloud: Any, path: str, origin: str = PAGE, method: str = "PUT", headers: str = "") -> Answer:
    more = {"Access_Control_Request_Headers": headers} if headers else {}
    return ask(cloud.endpoint, "OPTIONS", path, Origin=origin, Access_Control_Request_Method=method, **more)


def test_rules_are_kept(open_bucket: Any) -> None:
    s3 = open_bucket
    assert s3.get_bucket_cors(Bucket=s3.bucket)["CORSRules"] == RULES
    s3.delete_bucket_cors(Bucket=s3.bucket)
    assert refused(s3.get_bucket_cors, Bucket=s3.bucket) == ("NoSuchCORSConfiguration", 404)


@pytest.mark.parametrize(("rule", "code"), [
    ({"AllowedOrigins": ["*"], "AllowedMethods": ["PATCH"]}, "InvalidRequest"), ({"AllowedOrigins": ["*"]}, "MalformedXML"),
    ({"AllowedOrigins": ["http://*.*"], "AllowedMethods": ["GET"]}, "InvalidRequest"),
    ({"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": ["*-*"]}, "InvalidRequest"),
    ({"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposeHeaders": ["x-*"]}, "InvalidRequest")])
def test_wrong_rules_are_refused(s3: Any, rule: dict[str, Any], code: str) -> None:
    assert refused(s3.put_bucket_cors, Bucket=s3.bucket, CORSConfiguration={"CORSRules": [rule]}) == (code, 400)


def test_a_preflight_is_answered_by_the_first_rule_that_fits(open_bucket: Any, cloud: Any) -> None:
    answer = preflight(cloud, f"/{open_bucket.bucket}/k", headers="X-Amz-Date, x-amz-meta-a")
    told = {name: value for name, value in answer.headers.items() if name.startswith("Access-Control") or name == "Vary"}
    assert (answer.status, answer.body) == (200, b"")
    assert told == {
        "Access-Control-Allow-Origin": PAGE, "Access-Control-Allow-Methods": "PUT, GET", "Access-Control-Max-Age": "3000",
        "Access-Control-Allow-Headers": "x-amz-date, x-amz-meta-a", "Access-Control-Expose-Headers": "ETag, x-amz-request-id",
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"}
    anybody = preflight(cloud, f"/{open_bucket.bucket}", "https://elsewhere.org", "GET")
    assert (anybody.status, anybody.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert "Access-Control-Allow-Credentials" not in anybody.headers


@pytest.mark.parametrize(("origin", "method", "headers"), [
    ("https://elsewhere.org", "PUT", ""), (PAGE, "DELETE", ""), (PAGE, "PUT", "x-secret"),
    ("http://www.example.com", "PUT", "")])
def test_what_no_rule_allows_is_forbidden(open_bucket: Any, cloud: Any, origin: str, method: str, headers: str) -> None:
    answer = preflight(cloud, f"/{open_bucket.bucket}/k", origin, method, headers)
    assert answer.status == 403
    assert b"<Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed." in answer.body
    assert f"<Method>{method}</Method><ResourceType>OBJECT</ResourceType>".encode() in answer.body


def test_without_rules_nothing_is_allowed(s3: Any, cloud: Any) -> None:
    answer = preflight(cloud, f"/{s3.bucket}/k", "http://localhost:3000", "GET")
    assert (answer.status, b"CORSResponse: CORS is not enabled for this bucket." in answer.body) == (403, True)
    assert "Access-Control-Allow-Origin" not in answer.headers
    missing = preflight(cloud, "/no-such-bucket-here/k")
    assert (missing.status, b"NoSuchBucket" in missing.body) == (404, True)


def test_half_a_preflight_is_a_bad_request(open_bucket: Any, cloud: Any) -> None:
    path = f"/{open_bucket.bucket}/k"
    answer = ask(cloud.endpoint, "OPTIONS", path, Access_Control_Request_Method="GET")
    assert (answer.status, b"Insufficient information. Origin request header needed." in answer.body) == (400, True)
    answer = ask(cloud.endpoint, "OPTIONS", path, Origin=PAGE)
    assert (answer.status, b"Invalid Access-Control-Request-Method: null" in answer.body) == (400, True)


def test_answers_themselves_say_who_may_read_them(open_bucket: Any, cloud: Any) -> None:
    path = f"/{open_bucket.bucket}/k"
    got = ask(cloud.endpoint, "GET", path, Origin=PAGE)
    assert (got.body, got.headers["Access-Control-Allow-Origin"]) == (b"hello", PAGE)
    assert got.headers["Access-Control-Expose-Headers"] == "ETag, x-amz-request-id"
    assert ask(cloud.endpoint, "GET", path + "none", Origin=PAGE).headers["Access-Control-Allow-Origin"] == PAGE
    assert ask(cloud.endpoint, "GET", path, Origin="https://elsewhere.org").headers["Access-Control-Allow-Origin"] == "*"
    assert ask(cloud.endpoint, "DELETE", path, Origin=PAGE).headers["Access-Control-Allow-Origin"] is None
    assert ask(cloud.endpoint, "GET", path).headers["Access-Control-Allow-Origin"] is None


def test_pages_of_this_machine_need_a_rule_as_well(s3: Any, cloud: Any) -> None:
    """As on AWS, where the page of one bucket cannot read another one's objects until that allows it."""
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"hello")
    page = "http://a.s3-website.localhost:4566"
    assert ask(cloud.endpoint, "GET", f"/{s3.bucket}/k", Origin=page).headers["Access-Control-Allow-Origin"] is None
    rule = {"AllowedOrigins": [page], "AllowedMethods": ["GET"]}
    s3.put_bucket_cors(Bucket=s3.bucket, CORSConfiguration={"CORSRules": [rule]})
    assert ask(cloud.endpoint, "GET", f"/{s3.bucket}/k", Origin=page).headers["Access-Control-Allow-Origin"] == page
