"""Members that the model refuses, in AWS's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire.patterns import matcher


def refused(service: str, name: str, members: Any, protocol: str = "") -> AwsError:
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    with pytest.raises(AwsError) as problem:
        wire.op(service, name, protocol).parse(Request("POST", "/", {}), {}, body)
    return problem.value


@pytest.mark.parametrize(("members", "said"), [
    ({}, "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"),
    ({"logGroupName": ""}, "2 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must "
     "have length greater than or equal to 1; Value '' at 'logGroupName' failed to satisfy constraint: Member must satisfy "
     r"regular expression pattern: [\.\-_/#A-Za-z0-9]+"),
    ({"logGroupName": "a" * 513}, "1 validation error detected: Value '" + "a" * 513 + "' at 'logGroupName' failed to satisfy "
     "constraint: Member must have length less than or equal to 512"),
])
def test_the_frameworks_words(members: dict[str, str], said: str) -> None:
    problem = refused("logs", "CreateLogGroup", members)
    assert (problem.code, problem.message) == ("InvalidParameterException", said)           # the word of CloudWatch Logs


def test_paths_go_into_lists_and_structures() -> None:
    problem = refused("dynamodb", "CreateTable", {
        "TableName": "t", "KeySchema": [{"AttributeName": "a", "KeyType": "hash"}],
        "AttributeDefinitions": [{"AttributeName": "a"}]})
    assert problem.message == (
        "2 validation errors detected: Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy "
        "constraint: Member must not be null; Value 'hash' at 'keySchema.1.member.keyType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HASH, RANGE]")


@pytest.mark.parametrize(("members", "said"), [
    ({"TableName": 1}, "NUMBER_VALUE cannot be converted to String"),
    ({"TableName": True}, "TRUE_VALUE cannot be converted to String"),
    ({"TableName": {}}, "Start of structure or map found where not expected."),
    ({"Item": "x"}, "STRING_VALUE cannot be converted to Map"),
    ([], "Start of list found where not expected"), (b"{", "The request body is not valid JSON."),
    (b'{"Item":' + b'{"a":{"M":' * 600 + b"{}" + b"}}" * 600 + b"}", None),
])
def test_wrong_types(members: Any, said: str | None) -> None:
    problem = refused("dynamodb", "PutItem", members)
    assert problem.code == "SerializationException"
    assert said is None or problem.message == said


def test_services_that_have_their_own_words() -> None:
    assert refused("sqs", "SendMessage", {"MessageBody": "x"}).message == "The request must contain the parameter QueueUrl"
    problem = refused("ec2", "CreateSubnet", b"CidrBlock=x", "ec2")
    assert (problem.code, problem.message) == ("MissingParameter", "The request must contain the parameter VpcId")
    assert refused("iam", "GetRole", b"Action=GetRole", "query").code == "ValidationError"
    assert refused("s3", "PutBucketTagging", b"").code in ("MissingRequestBodyError", "InvalidRequest")


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 1.5, "1"])
def test_integers_have_32_bits(number: Any) -> None:
    problem = refused("sqs", "SendMessage", {"QueueUrl": "u", "MessageBody": "x", "DelaySeconds": number})
    assert problem.code == "SerializationException"


def test_lists_of_forms_are_as_long_as_what_was_sent() -> None:
    op = wire.op("ec2", "DescribeVpcs", "ec2")
    found = op.parse(Request("POST", "/", {}), {}, b"VpcId.99999999999=b&VpcId.2=a")
    assert found == {"VpcIds": ["a", "b"]}


@pytest.mark.parametrize(("pattern", "good", "bad"), [
    (r"[a-z]+", "abc", "abc1"), (r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", "Straße 日本 1", "a\u0001"), (r"\p{Alpha}+", "ab", "1"),
    (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "a😀", "\x01"), (r"\S", "a b", " "),
    (r"[\w-.]+", "a-.", "a/"), (r"[\P{M}\p{M}]{1,2}", "é日", "abc"), (r"[\P{C}]+", "a\U0001f600", "a\x07"),
    (r"\x{60}", "`", "a"), (r"^(?i)(true|false)$", "TrUe", "yes"), (r"(?!(?i)AWS_)[a-zA-Z_]+", "MY_", "aws_x"),
    (r"a((?i)b)c", "aBc", "aBC"), (r"[a-z]*${2,64}$", "abc", "ABC"), (r"[\p{all}]{2}", "\x00\U0001f600", "a"),
])
def test_patterns_of_java(pattern: str, good: str, bad: str) -> None:
    match = matcher(pattern)
    assert match is not None
    assert match(good)
    assert not match(bad)
