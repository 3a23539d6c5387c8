"""Whatever comes: reading a request gives members or an AwsError, and nothing else.

Damaged requests (fuzzing.py) are quick to make and many; FUZZ=1000000 runs so many, of all services. Hypothesis makes the
inputs that are half right, a hundredth as many.
"""

from __future__ import annotations

import json
import os
from typing import Any
from unittest.mock import patch

import pytest
from fuzzing import Fuzzer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.store.blobs import Spool
from cumulet.kernel.wire import cbor

FUZZ = int(os.environ.get("FUZZ", "20000"))
LONG = FUZZ >= 100_000
MANY = settings(max_examples=max(300, FUZZ // 100), deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
JSON_OPS = [("dynamodb", "PutItem"), ("sqs", "SendMessageBatch"), ("kms", "Encrypt"), ("lambda", "CreateFunction")]
FORM_OPS = [("sqs", "SendMessage", "query"), ("iam", "CreateRole", "query"), ("ec2", "RunInstances", "ec2"),
            ("sns", "Publish", "query"), ("cloudwatch", "PutMetricData", "query")]
XML_OPS = [("s3", "CompleteMultipartUpload"), ("s3", "PutBucketAcl"), ("s3", "DeleteObjects"), ("route53", "CreateHostedZone")]

scalars = (st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.floats() | st.text(max_size=8)
           | st.binary(max_size=8))
values: Any = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4)
                           | st.dictionaries(st.text(max_size=8), inner, max_size=4),
                           max_leaves=12)


def test_damaged_requests() -> None:
    fuzzer = Fuzzer(int(os.environ.get("FUZZ_SEED", "1")), wide=LONG)
    failures = fuzzer.run(FUZZ, every=50_000 if LONG else 0)
    assert not failures, f"{len(failures)} of {FUZZ} failed\n" + "\n".join(failures[:5])
    told = fuzzer.way.told
    assert sum(told.values()) >= FUZZ
    parsed = {name.partition(" ")[2] for name in told if name.startswith("parsed ")}
    assert parsed == {"json-1.0", "json-1.1", "query", "ec2", "rest-json", "rest-xml", "rpc-v2-cbor"}


def test_the_fuzzer_finds_faults() -> None:
    with patch.object(cbor, "loads", side_effect=KeyError("planted")):
        (first, *_) = Fuzzer(1, wide=False).run(300)
    assert "KeyError: 'planted'" in first


def survives(service: str, name: str, protocol: str, request: Request, labels: dict[str, str] | None = None) -> None:
    op = wire.op(service, name, protocol)
    body: Any = Spool(request.body) if op.streaming else request.body
    try:
        members = op.parse(request, labels or {}, body)
    except AwsError as problem:
        status = op.error(problem, request, "r").status
        assert 400 <= status < 500
        return
    assert isinstance(members, dict)


def named(op: Any) -> Any:
    """Bodies that are half right: the operation's own members with any values."""
    members = sorted(wire.model(op[0]).operations[op[1]].members)
    return st.dictionaries(st.sampled_from(members), values, max_size=6)


@MANY
@given(st.sampled_from(JSON_OPS).flatmap(lambda op: st.tuples(st.just(op), st.binary(max_size=64) | named(op).map(to_json))))
def test_json(case: Any) -> None:
    (service, name), body = case
    protocol = "" if service == "lambda" else "json-1.0"
    survives(service, name, protocol, Request("POST", "/", {}, body))


def to_json(value: Any) -> bytes:
    return json.dumps(value, default=lambda v: v.hex()).encode("utf-8", "surrogatepass")


parts = st.lists(st.sampled_from(["member", "entry", "1", "2", "999999999999", "Key", "Tags", "Attributes", "", "-1", "key",
                                  "MessageAttribute", "Name", "Value", "BlockDeviceMapping", "Tag", "x", "MetricData", "٣"]),
                 min_size=1, max_size=6).map(".".join)


@MANY
@given(st.sampled_from(FORM_OPS), st.binary(max_size=40) | st.lists(st.tuples(parts, st.text(max_size=6)), max_size=8).map(
    lambda pairs: "&".join(f"{k}={v}" for k, v in pairs).encode("utf-8", "surrogatepass")))
def test_forms(op: tuple[str, str, str], body: bytes) -> None:
    survives(*op, Request("POST", "/", {"content-type": "application/x-www-form-urlencoded"}, body))


tags = st.sampled_from(["Part", "PartNumber", "ETag", "Owner", "Grantee", "Object", "Key", "Delete", "CompleteMultipartUpload",
                        "AccessControlList", "Grant", "AccessControlPolicy", "x"])
trees: Any = st.recursive(st.text("ab1&;<", max_size=5), lambda inner: st.tuples(tags, st.lists(inner, max_size=3)).map(
    lambda e: f"<{e[0]}>{''.join(e[1])}</{e[0]}>"), max_leaves=10)


@MANY
@given(st.sampled_from(XML_OPS), st.binary(max_size=40) | trees.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_xml(op: tuple[str, str], body: bytes) -> None:
    survives(*op, "", Request("POST", "/", {}, body), {"Bucket": "b", "Key": "k"})


@MANY
@given(st.binary(max_size=64) | values.map(cbor.dumps))
def test_cbor(body: bytes) -> None:
    survives("cloudwatch", "PutMetricData", "rpc-v2-cbor", Request("POST", "/", {}, body))
    survives("kinesis", "GetShardIterator", "cbor-1.1", Request("POST", "/", {}, body))


heads = st.dictionaries(st.sampled_from(["host", "authorization", "x-amz-target", "content-type", "x-amz-copy-source",
                                         "smithy-protocol", "range", "x-amz-account-id"]), st.sampled_from([
                                             "", "/", "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, Signature=x",
                                             "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/lambda/aws4_request",
                                             "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sts/aws4_request", "AWS a:b",
                                             "AmazonSQS.SendMessage", "AmazonSQS.", ".", "application/x-www-form-urlencoded",
                                             "b.s3.localhost", "[::1", ":::", "s3.s3.s3", "é", "rpc-v2-cbor"]), max_size=5)


@MANY
@given(st.sampled_from(["GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS", "PATCH", "x"]),
       st.text("/ab%2Fé?=&.~+{}\x00", max_size=30) | st.sampled_from(["/service/x/operation/y", "*", "", "/?Action=X"]),
       heads, st.binary(max_size=20))
def test_routing(method: str, target: str, headers: dict[str, str], body: bytes) -> None:
    request = Request(method, target, headers, body)
    try:
        route = wire.route(request)
    except AwsError as problem:
        response = wire.failure(request, problem, "r")
        assert 400 <= response.status <= 501
        return
    survives(route.op.service, route.op.name, route.op.protocol, request, dict(route.labels))


@pytest.mark.parametrize("body", [
    b'<!DOCTYPE a [<!ENTITY x "y">]><CompleteMultipartUpload>&x;</CompleteMultipartUpload>',
    b"<CompleteMultipartUpload>" + b"<a>" * 100_000, '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"),
    b'<?xml version="1.0" encoding="utf-7"?><CompleteMultipartUpload/>',
])
def test_xml_that_would_harm_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError) as problem:
        wire.op("s3", "CompleteMultipartUpload").parse(Request("POST", "/", {}), {"Bucket": "b", "Key": "k"}, body)
    assert problem.value.code == "MalformedXML"


@pytest.mark.parametrize("body", ["ActivityIds.member.1..=x", "ActivityIds.member.1...a=x", "MaxRecords..a=1"])
def test_a_form_with_nothing_between_its_dots_is_refused(body: str) -> None:
    op, data = wire.op("autoscaling", "DescribeScalingActivities", "query"), body.encode()
    with pytest.raises(AwsError) as problem:
        op.parse(Request("POST", "/", {}, data), {}, data)
    assert problem.value.code == "MalformedQueryString"


@pytest.mark.parametrize("body", [b"\xa1\x41x\x61y", b"\xa1\x80\x01", b"\xa1\x01\x02", b"\xbf\xf6\x02\xff", b"\xa1\xff\x02"])
def test_keys_of_cbor_are_text(body: bytes) -> None:
    with pytest.raises(cbor.BadCbor):
        cbor.loads(body)
