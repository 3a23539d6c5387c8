"""Website endpoints, as browsers visit them."""

from __future__ import annotations

from typing import Any

import pytest

from services.s3.browser import Answer, ask
from services.s3.refusals import refused

INDEX = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}


@pytest.fixture
def site(s3: Any) -> Any:
    def put(key: str, body: bytes, **more: str) -> None:
        s3.put_object(Bucket=s3.bucket, Key=key, Body=body, ContentType="text/html", **more)

    put("index.html", b"<h1>home</h1>", CacheControl="max-age=60")
    put("docs/index.html", b"<h1>docs</h1>")
    put("error.html", b"<h1>sorry</h1>")
    put("old", b"", WebsiteRedirectLocation="/docs/")
    configure(s3, INDEX)
    return s3


def configure(s3: Any, website: dict[str, Any]) -> None:
    s3.put_bucket_website(Bucket=s3.bucket, WebsiteConfiguration=website)


def visit(s3: Any, cloud: Any, path: str, method: str = "GET", host: str = "s3-website.localhost", **headers: str) -> Answer:
    return ask(cloud.endpoint, method, path, Host=f"{s3.bucket}.{host}:4566", **headers)


@pytest.mark.parametrize("host", ["s3-website.localhost", "s3-website-us-east-1.amazonaws.com",
                                  "s3-website.eu-west-1.amazonaws.com"])
def test_pages_and_index_documents(site: Any, cloud: Any, host: str) -> None:
    home = visit(site, cloud, "/", host=host)
    assert (home.status, home.body, home.headers["Content-Type"]) == (200, b"<h1>home</h1>", "text/html")
    assert home.headers["Cache-Control"] == "max-age=60"
    assert visit(site, cloud, "/docs/", host=host).body == b"<h1>docs</h1>"
    assert visit(site, cloud, "/docs/index.html", host=host).body == b"<h1>docs</h1>"


def test_a_folder_without_its_slash_leads_to_it(site: Any, cloud: Any) -> None:
    answer = visit(site, cloud, "/docs")
    assert (answer.status, answer.headers["Location"]) == (302, "/docs/")


def test_the_error_document(site: Any, cloud: Any) -> None:
    answer = visit(site, cloud, "/none")
    assert (answer.status, answer.body, answer.headers["x-amz-error-code"]) == (404, b"<h1>sorry</h1>", "NoSuchKey")
    site.delete_object(Bucket=site.bucket, Key="error.html")
    answer = visit(site, cloud, "/none")
    assert answer.status == 404
    assert b"<h1>404 Not Found</h1>" in answer.body
    assert b"<li>Code: NoSuchKey</li>" in answer.body
    assert b"An Error Occurred While Attempting to Retrieve a Custom Error Document" in answer.body
    configure(site, {"IndexDocument": INDEX["IndexDocument"]})
    answer = visit(site, cloud, "/no%3Cne")
    assert (b"<li>Key: no&lt;ne</li>" in answer.body, b"Custom Error" in answer.body) == (True, False)


def test_an_objects_own_redirect(site: Any, cloud: Any) -> None:
    answer = visit(site, cloud, "/old")
    assert (answer.status, answer.headers["Location"]) == (301, "/docs/")


def test_heads_conditions_and_ranges(site: Any, cloud: Any) -> None:
    head = visit(site, cloud, "/", "HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, "13", b"")
    assert visit(site, cloud, "/", If_None_Match=head.headers["ETag"]).status == 304
    part = visit(site, cloud, "/", Range="bytes=4-7")
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"home", "bytes 4-7/13")
    post = visit(site, cloud, "/", "POST")
    assert (post.status, b"<li>Code: MethodNotAllowed</li>" in post.body) == (405, True)


def test_routing_rules(site: Any, cloud: Any) -> None:
    configure(site, INDEX | {"RoutingRules": [
        {"Condition": {"KeyPrefixEquals": "papers/"}, "Redirect": {"ReplaceKeyPrefixWith": "docs/"}},
        {"Condition": {"KeyPrefixEquals": "moved"}, "Redirect": {"HostName": "example.com", "Protocol": "https",
                                                                "ReplaceKeyWith": "new page", "HttpRedirectCode": "308"}},
        {"Condition": {"HttpErrorCodeReturnedEquals": "404", "KeyPrefixEquals": "shop/"}, "Redirect": {
            "ReplaceKeyPrefixWith": "closed/"}}]})
    answer = visit(site, cloud, "/papers/index.html")
    assert (answer.status, answer.headers["Location"]) == (
        301, f"http://{site.bucket}.s3-website.localhost:4566/docs/index.html")
    answer = visit(site, cloud, "/moved/away")
    assert (answer.status, answer.headers["Location"]) == (308, "https://example.com/new%20page")
    assert visit(site, cloud, "/shop/hats").headers["Location"].endswith(":4566/closed/hats")
    assert visit(site, cloud, "/none").body == b"<h1>sorry</h1>"


def test_everything_may_be_redirected(site: Any, cloud: Any) -> None:
    configure(site, {"RedirectAllRequestsTo": {"HostName": "www.example.com", "Protocol": "https"}})
    answer = visit(site, cloud, "/docs/a%20b")
    assert (answer.status, answer.headers["Location"]) == (301, "https://www.example.com/docs/a%20b")


def test_a_bucket_that_is_no_website_says_so(s3: Any, cloud: Any) -> None:
    answer = visit(s3, cloud, "/")
    assert (answer.status, b"<li>Code: NoSuchWebsiteConfiguration</li>" in answer.body) == (404, True)
    missing = ask(cloud.endpoint, "GET", "/", Host="no-such-bucket-here.s3-website.localhost")
    assert (missing.status, b"<li>Code: NoSuchBucket</li>" in missing.body) == (404, True)
    configure(s3, INDEX)
    assert {k: v for k, v in s3.get_bucket_website(Bucket=s3.bucket).items() if k != "ResponseMetadata"} == INDEX
    s3.delete_bucket_website(Bucket=s3.bucket)
    assert refused(s3.get_bucket_website, Bucket=s3.bucket) == ("NoSuchWebsiteConfiguration", 404)


@pytest.mark.parametrize(("website", "code"), [
    ({}, "InvalidArgument"), ({"IndexDocument": {"Suffix": "a/b"}}, "InvalidArgument"),
    (INDEX | {"RedirectAllRequestsTo": {"HostName": "h"}}, "MalformedXML"),
    ({"RedirectAllRequestsTo": {"HostName": "h", "Protocol": "ftp"}}, "InvalidRequest"),
    (INDEX | {"RoutingRules": [{"Redirect": {"ReplaceKeyWith": "a", "ReplaceKeyPrefixWith": "b"}}]}, "InvalidRequest"),
    (INDEX | {"RoutingRules": [{"Redirect": {"HttpRedirectCode": "200"}}]}, "InvalidRequest"),
    (INDEX | {"RoutingRules": [{"Redirect": {"HostName": "h"}}] * 51}, "MalformedXML")])
def test_what_is_no_website_is_refused(s3: Any, website: dict[str, Any], code: str) -> None:
    assert refused(s3.put_bucket_website, Bucket=s3.bucket, WebsiteConfiguration=website) == (code, 400)
