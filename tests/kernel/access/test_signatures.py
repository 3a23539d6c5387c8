"""Requests signed by botocore's and the common runtime's signers are known; changed ones are refused."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import quote, urlsplit

import pytest
from botocore import auth
from botocore.auth import HmacV1Auth, HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.crt import auth as crt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Cloud
from cumulet.kernel.access.contract import Identity
from cumulet.kernel.access.identify import identify
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire.contract import Route


class Op(NamedTuple):
    """As much of an operation as identity asks for."""

    service: str
    protocol: str
    unsigned: bool = False


S3, DYNAMO, STS = Op("s3", "rest-xml"), Op("dynamodb", "json-1.0"), Op("sts", "query")
LAMBDA = Op("lambda", "rest-json")


class Signer(NamedTuple):
    make: Callable[..., Any]
    op: Op
    query: bool = False


SIGNERS = {
    "header": Signer(auth.SigV4Auth, LAMBDA), "header S3": Signer(auth.S3SigV4Auth, S3),
    "query": Signer(auth.SigV4QueryAuth, LAMBDA, True), "query S3": Signer(auth.S3SigV4QueryAuth, S3, True),
    "header by CRT": Signer(crt.CrtSigV4Auth, LAMBDA), "header S3 by CRT": Signer(crt.CrtS3SigV4Auth, S3),
    "4a": Signer(crt.CrtSigV4AsymAuth, LAMBDA), "4a S3": Signer(crt.CrtS3SigV4AsymAuth, S3),
    "4a query": Signer(crt.CrtSigV4AsymQueryAuth, LAMBDA, True), "4a query S3": Signer(crt.CrtS3SigV4AsymQueryAuth, S3, True),
}


class Keys(NamedTuple):
    cloud: Cloud
    key: str
    secret: str
    arn: str

    def ask(self, request: Request, op: Op, **labels: str) -> Identity:
        cloud = self.cloud.kernel
        route: Any = Route(op, labels)                                                  # type: ignore[arg-type]
        found: Identity = self.cloud.thread.call(cloud.store.run(lambda tx: identify(cloud, tx, request, route)))
        return found

    def sign(self, signer: Signer, method: str = "GET", path: str = "/", query: str = "", body: bytes = b"",
             headers: dict[str, str] | None = None) -> Request:
        url = f"http://localhost:4566{path}" + (f"?{query}" if query else "")
        asked = AWSRequest(method, url, data=body, headers={"Host": "localhost:4566", **(headers or {})})
        signer.make(Credentials(self.key, self.secret), signer.op.service, "eu-west-1").add_auth(asked)
        return as_request(asked, body)


def as_request(asked: AWSRequest, body: bytes) -> Request:
    parts = urlsplit(asked.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {k.lower(): v if isinstance(v, str) else v.decode("latin-1") for k, v in asked.headers.items()}
    headers.setdefault("host", "localhost:4566")
    return Request(asked.method, target, headers, body)


@pytest.fixture(scope="module")
def keys(shared_cloud: Any) -> Keys:
    cloud = Cloud(shared_cloud, "900000000001")
    iam = cloud.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    return Keys(cloud, key["AccessKeyId"], key["SecretAccessKey"], arn)


def refusal(keys: Keys, request: Request, op: Op) -> AwsError:
    with pytest.raises(AwsError) as problem:
        keys.ask(request, op)
    return problem.value


@pytest.mark.parametrize("name", SIGNERS)
def test_a_right_signature_tells_its_user(keys: Keys, name: str) -> None:
    signer = SIGNERS[name]
    found = keys.ask(keys.sign(signer, path="/2015-03-31/functions"), signer.op)
    assert found.principal.arn == keys.arn
    assert found.region == "eu-west-1"


@pytest.mark.parametrize("name", SIGNERS)
def test_a_changed_request_is_refused(keys: Keys, name: str) -> None:
    signer = SIGNERS[name]
    code = "SignatureDoesNotMatch" if signer.op is S3 else "InvalidSignatureException"
    for change in (lambda r: Request("DELETE", r.target, r.headers, r.body),
                   lambda r: Request(r.method, "/b" + r.target, r.headers),
                   lambda r: Request(r.method, r.target + ("&" if "?" in r.target else "?") + "acl=", r.headers),
                   lambda r: Request(r.method, r.target, r.headers | {"host": "elsewhere"})):
        assert refusal(keys, change(keys.sign(signer, path="/a")), signer.op).code == code


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
SEGMENT = TEXT.filter(lambda t: t not in (".", "..", ""))


@pytest.mark.parametrize("name", [n for n in SIGNERS if "4a" not in n])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(segments=st.lists(SEGMENT, max_size=3),
       parameters=st.lists(st.tuples(SEGMENT, TEXT), max_size=3, unique_by=lambda p: p[0]),
       value=st.text("abc  \t-_,;", max_size=12), body=st.binary(max_size=40))
def test_any_path_query_header_and_body(keys: Keys, name: str, segments: list[str], parameters: list[tuple[str, str]],
                                        value: str, body: bytes) -> None:
    signer = SIGNERS[name]
    path = "/" + "/".join(quote(s, safe="~") for s in segments)
    query = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in parameters)
    if signer.query:
        body = b""
    signed = keys.sign(signer, "PUT", path, query, body, {"X-Amz-Meta-A": value.strip()})
    assert keys.ask(signed, signer.op).principal.arn == keys.arn


def test_the_body_is_part_of_the_signature(keys: Keys) -> None:
    for op, code in ((STS, "SignatureDoesNotMatch"), (DYNAMO, "InvalidSignatureException")):
        signed = keys.sign(Signer(auth.SigV4Auth, op), "POST", body=b"{}")
        assert keys.ask(signed, op).principal.arn == keys.arn
        signed.body = b"{} "
        assert refusal(keys, signed, op).code == code
    signed = keys.sign(SIGNERS["header S3"], "PUT", "/b/k", body=b"hello")
    signed.body = b"jello"
    assert refusal(keys, signed, S3).code == "XAmzContentSHA256Mismatch"


def at(moment: float) -> Any:
    """Signers' clock."""
    import datetime as real

    class Then(real.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real.datetime.fromtimestamp(moment, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real.datetime.fromtimestamp(moment, real.UTC).replace(tzinfo=None)

    then = real.datetime.fromtimestamp(moment, real.UTC)
    if hasattr(auth, "get_current_datetime"):
        return patch.object(auth, "get_current_datetime", functools.partial(_fixed, then))
    return patch("botocore.auth.datetime.datetime", Then)


def _fixed(moment: Any, remove_tzinfo: bool = True) -> Any:
    return moment.replace(tzinfo=None) if remove_tzinfo else moment


@pytest.mark.parametrize(("op", "code"), [(S3, "RequestTimeTooSkewed"), (STS, "SignatureDoesNotMatch"),
                                          (DYNAMO, "InvalidSignatureException")])
def test_a_clock_that_is_off_by_more_than_fifteen_minutes(keys: Keys, op: Op, code: str) -> None:
    signer = Signer(auth.S3SigV4Auth if op is S3 else auth.SigV4Auth, op)
    for off, good in ((-870, True), (870, True), (-930, False), (930, False)):
        with at(time.time() + off):
            signed = keys.sign(signer, "POST")
        if good:
            assert keys.ask(signed, op).principal.arn == keys.arn
        else:
            problem = refusal(keys, signed, op)
            assert problem.code == code
            assert op is S3 or ("Signature expired" if off < 0 else "Signature not yet current") in problem.message


def test_a_presigned_url_ends(keys: Keys) -> None:
    signer = Signer(functools.partial(auth.S3SigV4QueryAuth, expires=60), S3, True)
    for ago, good in ((50, True), (70, False)):
        with at(time.time() - ago):
            signed = keys.sign(signer, path="/b/k")
        if good:
            assert keys.ask(signed, S3).principal.arn == keys.arn
        else:
            assert refusal(keys, signed, S3).message == "Request has expired"


def test_signatures_of_version_2(keys: Keys) -> None:
    who = Credentials(keys.key, keys.secret)
    for make in (HmacV1Auth, functools.partial(HmacV1QueryAuth, expires=60)):
        asked = AWSRequest("GET", "http://localhost:4566/b/k?acl&versionId=1", headers={"Host": "localhost:4566"})
        asked.auth_path = "/b/k"
        make(who).add_auth(asked)
        signed = as_request(asked, b"")
        assert keys.ask(signed, S3, Bucket="b", Key="k").principal.arn == keys.arn
        changed = Request("GET", signed.target.replace("/k", "/l"), signed.headers)
        assert refusal(keys, changed, S3).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(("op", "code", "status"), [
    (STS, "MissingAuthenticationToken", 403), (DYNAMO, "MissingAuthenticationTokenException", 400),
    (LAMBDA, "MissingAuthenticationTokenException", 403)])
def test_nobody_is_refused(keys: Keys, op: Op, code: str, status: int) -> None:
    problem = refusal(keys, Request("POST", "/", {"host": "x"}), op)
    assert (problem.code, problem.status) == (code, status)


def test_anybody_may_ask_s3_and_unsigned_operations(keys: Keys) -> None:
    for op in (S3, Op("cognito-idp", "json-1.1", True)):
        assert keys.ask(Request("GET", "/", {"host": "x"}), op).principal.kind == "anonymous"


@pytest.mark.parametrize(("op", "code"), [(S3, "InvalidAccessKeyId"), (STS, "InvalidClientTokenId"),
                                          (DYNAMO, "UnrecognizedClientException"), (Op("ec2", "ec2"), "AuthFailure")])
def test_strict_clouds_know_only_their_own_keys(start_cloud: Any, op: Op, code: str) -> None:
    cloud = Cloud(strict(start_cloud), "000000000000")
    for key in ("test", "AKIAIOSFODNN7EXAMPLE", "123456789012"):
        assert refusal(Keys(cloud, key, "x", ""), Keys(cloud, key, "x", "").sign(Signer(auth.SigV4Auth, op)), op).code == code
    account = Keys(cloud, "000000000000", "x", "")
    assert account.ask(account.sign(Signer(auth.SigV4Auth, op)), op).principal.kind == "root"


@functools.cache
def strict(start_cloud: Any) -> Any:
    return start_cloud(auth="strict")
