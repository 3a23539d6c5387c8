"""Malformed requests: AWS's status and code come back, and the state does not change.

A case is a raw HTTP request (or bytes on the socket) and what AWS would say to it. Requests are unsigned apart from a
well-formed Authorization header unless the case is about signatures.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from conftest import Cloud, new_account

DATE = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
DAY = DATE[:8]


class Case(NamedTuple):
    name: str
    raw: bytes
    status: int
    code: str


def scope(service: str, account: str = "{account}") -> str:
    return (f"AWS4-HMAC-SHA256 Credential={account}/{DAY}/us-east-1/{service}/aws4_request, "
            f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}")


def http(method: str, target: str, headers: dict[str, str], body: bytes | str = b"", length: str | None = None) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close",
             *(f"{k}: {v}" for k, v in headers.items())]
    if length != "":
        lines.append(f"Content-Length: {length if length is not None else len(data)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def target_of(service: str) -> str:
    return {"application-autoscaling": "AnyScaleFrontendService", "dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS"}[service]


def js(service: str, operation: str, body: Any, **headers: str) -> bytes:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return http("POST", "/", {"Authorization": scope(service), "X-Amz-Date": DATE, "Content-Type": "application/x-amz-json-1.0",
                              "X-Amz-Target": f"{target_of(service)}.{operation}", **headers}, text)


def form(service: str, body: str) -> bytes:
    return http("POST", "/", {"Authorization": scope(service), "X-Amz-Date": DATE,
                              "Content-Type": "application/x-www-form-urlencoded"}, body)


def s3(method: str, target: str, body: bytes | str = b"", **headers: str) -> bytes:
    said = {"Authorization": scope("s3"), "X-Amz-Date": DATE, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}
    return http(method, target, said | {k.replace("_", "-"): v for k, v in headers.items()}, body)


def rest(method: str, target: str, body: str = "") -> bytes:
    said = {"Authorization": scope("lambda"), "X-Amz-Date": DATE, "Content-Type": "application/json"}
    return http(method, target, said, body)


def cbor(operation: str, body: bytes) -> bytes:
    return http("POST", f"/service/GraniteServiceVersion20100801/operation/{operation}",
                {"Authorization": scope("monitoring"), "X-Amz-Date": DATE, "Content-Type": "application/cbor",
                 "Smithy-Protocol": "rpc-v2-cbor", "Accept": "application/cbor"}, body)


KEY: dict[str, Any] = {"id": {"S": "1"}}
DEEP = "[" * 100_000 + "]" * 100_000
DEEP_MAP: Any = {"S": "x"}
for _ in range(40):
    DEEP_MAP = {"M": {"a": DEEP_MAP}}
BOMB = ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><Tagging><TagSet><Tag><Key>&c;</Key><Value>v</Value></Tag></TagSet></Tagging>')
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Tagging><TagSet>&x;</TagSet></Tagging>'
QUEUE = "http://127.0.0.1/{account}/jobs"
B = "/files-{account}"
MD5 = base64.b64encode(hashlib.md5(b"something else").digest()).decode()


def dynamodb_cases() -> Iterator[Case]:
    def case(name: str, operation: str, body: Any, code: str = "ValidationException", status: int = 400) -> Case:
        return Case("dynamodb: " + name, js("dynamodb", operation, body), status, code)

    table = {"TableName": "orders"}
    yield case("no JSON", "GetItem", "not json", "SerializationException")
    yield case("truncated JSON", "GetItem", '{"TableName": "ord', "SerializationException")
    yield case("a list as body", "GetItem", "[]", "SerializationException")
    yield case("a number as body", "GetItem", "1", "SerializationException")
    yield case("deep JSON", "GetItem", DEEP, "SerializationException")
    yield case("invalid UTF-8", "GetItem", b'{"TableName": "\xff\xfe"}', "SerializationException")
    yield case("table name a number", "GetItem", {"TableName": 1, "Key": KEY}, "SerializationException")
    yield case("table name a list", "GetItem", {"TableName": ["orders"], "Key": KEY}, "SerializationException")
    yield case("key a string", "GetItem", {**table, "Key": "1"}, "SerializationException")
    yield case("key's value a string", "GetItem", {**table, "Key": {"id": "1"}}, "SerializationException")
    yield case("limit a string", "Query", {**table, "Limit": "ten"}, "SerializationException")
    yield case("boolean a string", "GetItem", {**table, "Key": KEY, "ConsistentRead": "yes"}, "SerializationException")
    yield case("no key", "GetItem", table)
    yield case("no table", "GetItem", {"Key": KEY})
    yield case("empty table name", "GetItem", {"TableName": "", "Key": KEY})
    yield case("empty key", "GetItem", {**table, "Key": {}})
    yield case("unknown key attribute", "GetItem", {**table, "Key": {"other": {"S": "1"}}})
    yield case("too many key attributes", "GetItem", {**table, "Key": {**KEY, "more": {"S": "1"}}})
    yield case("key of the wrong type", "GetItem", {**table, "Key": {"id": {"N": "1"}}})
    yield case("value of two types", "PutItem", {**table, "Item": {"id": {"S": "1", "N": "1"}}})
    yield case("value of no type", "PutItem", {**table, "Item": {"id": {}}})
    yield case("not a number", "PutItem", {**table, "Item": {**KEY, "n": {"N": "abc"}}})
    yield case("number too large", "PutItem", {**table, "Item": {**KEY, "n": {"N": "1e200"}}})
    yield case("number of 39 digits", "PutItem", {**table, "Item": {**KEY, "n": {"N": "1" * 39}}})
    yield case("NULL false", "PutItem", {**table, "Item": {**KEY, "n": {"NULL": False}}})
    yield case("empty set", "PutItem", {**table, "Item": {**KEY, "n": {"SS": []}}})
    yield case("set with duplicates", "PutItem", {**table, "Item": {**KEY, "n": {"SS": ["a", "a"]}}})
    yield case("empty key value", "PutItem", {**table, "Item": {"id": {"S": ""}}})
    yield case("item too large", "PutItem", {**table, "Item": {**KEY, "v": {"S": "x" * 410_000}}})
    yield case("nested too deep", "PutItem", {**table, "Item": {**KEY, "v": DEEP_MAP}})
    yield case("no base64", "PutItem", {**table, "Item": {**KEY, "v": {"B": "%%%"}}}, "SerializationException")
    yield case("bad expression", "PutItem", {**table, "Item": KEY, "ConditionExpression": "a ="})
    yield case("undefined name", "PutItem", {**table, "Item": KEY, "ConditionExpression": "#a = :b"})
    yield case("unused value", "PutItem", {**table, "Item": KEY, "ConditionExpression": "attribute_exists(a)",
                                           "ExpressionAttributeValues": {":v": {"S": "x"}}})
    yield case("empty expression", "PutItem", {**table, "Item": KEY, "ConditionExpression": ""})
    yield case("reserved word", "UpdateItem", {**table, "Key": KEY, "UpdateExpression": "SET name = :v",
                                               "ExpressionAttributeValues": {":v": {"S": "x"}}})
    yield case("update of a key", "UpdateItem", {**table, "Key": KEY, "UpdateExpression": "SET id = :v",
                                                 "ExpressionAttributeValues": {":v": {"S": "x"}}})
    yield case("unknown function", "PutItem", {**table, "Item": KEY, "ConditionExpression": "sleep(a)"})
    yield case("query without condition", "Query", table)
    yield case("query of another key", "Query", {**table, "KeyConditionExpression": "other = :v",
                                                 "ExpressionAttributeValues": {":v": {"S": "x"}}})
    yield case("limit of zero", "Scan", {**table, "Limit": 0})
    yield case("segment beyond total", "Scan", {**table, "Segment": 4, "TotalSegments": 4})
    yield case("unknown table", "GetItem", {"TableName": "missing", "Key": KEY}, "ResourceNotFoundException")
    yield case("unknown index", "Query", {**table, "IndexName": "none", "KeyConditionExpression": "a = :v",
                                          "ExpressionAttributeValues": {":v": {"S": "x"}}})
    yield case("bad return values", "PutItem", {**table, "Item": KEY, "ReturnValues": "SOMETIMES"})
    yield case("26 writes", "BatchWriteItem", {"RequestItems": {"orders": [
        {"PutRequest": {"Item": {"id": {"S": str(i)}}}} for i in range(26)]}})
    yield case("twice the same key", "BatchWriteItem", {"RequestItems": {"orders": [{"PutRequest": {"Item": KEY}}] * 2}})
    yield case("101 gets", "BatchGetItem", {"RequestItems": {"orders": {"Keys": [{"id": {"S": str(i)}} for i in range(101)]}}})
    yield case("table name too short", "CreateTable", {
        "TableName": "a", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"})
    yield case("table twice", "CreateTable", {
        "TableName": "orders", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"},
        "ResourceInUseException")
    yield case("key without definition", "CreateTable", {
        "TableName": "other", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "x", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"})
    yield case("unknown operation", "FlyToTheMoon", {}, "NotImplemented", 501)
    yield Case("application-autoscaling: not there yet", js("application-autoscaling", "GetPredictiveScalingForecast", {}), 501,
               "NotImplemented")


def sqs_cases() -> Iterator[Case]:
    def case(name: str, operation: str, body: Any, code: str, status: int = 400) -> Case:
        return Case("sqs: " + name, js("sqs", operation, body), status, code)

    yield case("no JSON", "SendMessage", "{", "SerializationException")
    yield case("no queue URL", "SendMessage", {"MessageBody": "x"}, "MissingParameter")
    yield case("no body", "SendMessage", {"QueueUrl": QUEUE}, "MissingParameter")
    yield case("empty body", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": ""}, "MissingParameter|InvalidParameterValue")
    yield case("body a number", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": 1}, "SerializationException")
    yield case("unknown queue", "SendMessage", {"QueueUrl": QUEUE + "-no", "MessageBody": "x"}, "QueueDoesNotExist")
    yield case("a URL of nothing", "SendMessage", {"QueueUrl": "nonsense", "MessageBody": "x"},
               "InvalidAddress")
    yield case("forbidden characters", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "a\x00b"}, "InvalidMessageContents")
    yield case("too large", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x" * 1_048_577}, "InvalidParameterValue")
    yield case("delay too long", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "DelaySeconds": 901},
               "InvalidParameterValue")
    yield case("negative delay", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "DelaySeconds": -1},
               "InvalidParameterValue")
    yield case("attribute without type", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "MessageAttributes": {
        "a": {"StringValue": "x"}}}, "InvalidParameterValue|MissingParameter")
    yield case("attribute of unknown type", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "MessageAttributes": {
        "a": {"DataType": "Colour", "StringValue": "x"}}}, "InvalidParameterValue")
    yield case("attribute named AWS.", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "MessageAttributes": {
        "AWS.a": {"DataType": "String", "StringValue": "x"}}}, "InvalidParameterValue")
    yield case("eleven attributes", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "MessageAttributes": {
        f"a{i}": {"DataType": "String", "StringValue": "x"} for i in range(11)}}, "InvalidParameterValue")
    yield case("group on FIFO only", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x", "MessageDeduplicationId": "d"},
               "InvalidParameterValue")
    yield case("eleven messages asked", "ReceiveMessage", {"QueueUrl": QUEUE, "MaxNumberOfMessages": 11},
               "InvalidParameterValue")
    yield case("no message asked", "ReceiveMessage", {"QueueUrl": QUEUE, "MaxNumberOfMessages": 0}, "InvalidParameterValue")
    yield case("wait too long", "ReceiveMessage", {"QueueUrl": QUEUE, "WaitTimeSeconds": 21}, "InvalidParameterValue")
    yield case("visibility too long", "ReceiveMessage", {"QueueUrl": QUEUE, "VisibilityTimeout": 43_201},
               "InvalidParameterValue")
    yield case("garbage receipt", "DeleteMessage", {"QueueUrl": QUEUE, "ReceiptHandle": "garbage"}, "ReceiptHandleIsInvalid")
    yield case("empty batch", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": []}, "EmptyBatchRequest")
    yield case("batch of eleven", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [
        {"Id": str(i), "MessageBody": "x"} for i in range(11)]}, "TooManyEntriesInBatchRequest")
    yield case("ids twice", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "a", "MessageBody": "x"}] * 2},
               "BatchEntryIdsNotDistinct")
    yield case("bad id", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [{"Id": "a b", "MessageBody": "x"}]},
               "InvalidBatchEntryId")
    yield case("batch too long", "SendMessageBatch", {"QueueUrl": QUEUE, "Entries": [
        {"Id": str(i), "MessageBody": "x" * 524_000} for i in range(3)]}, "BatchRequestTooLong")
    yield case("bad name", "CreateQueue", {"QueueName": "a b"}, "InvalidParameterValue")
    yield case("name too long", "CreateQueue", {"QueueName": "a" * 81}, "InvalidParameterValue")
    yield case("empty name", "CreateQueue", {"QueueName": ""}, "InvalidParameterValue|MissingParameter")
    yield case("unknown attribute", "CreateQueue", {"QueueName": "n", "Attributes": {"Colour": "red"}}, "InvalidAttributeName")
    yield case("bad attribute", "CreateQueue", {"QueueName": "n", "Attributes": {"VisibilityTimeout": "abc"}},
               "InvalidAttributeValue")
    yield case("attribute out of range", "CreateQueue", {"QueueName": "n", "Attributes": {"DelaySeconds": "901"}},
               "InvalidAttributeValue")
    yield case("FIFO without suffix", "CreateQueue", {"QueueName": "n", "Attributes": {"FifoQueue": "true"}},
               "InvalidParameterValue")
    yield case("same name, other attributes", "CreateQueue", {"QueueName": "jobs", "Attributes": {"DelaySeconds": "7"}},
               "QueueAlreadyExists|QueueNameExists")
    yield case("bad redrive policy", "SetQueueAttributes", {"QueueUrl": QUEUE, "Attributes": {"RedrivePolicy": "{"}},
               "InvalidAttributeValue|InvalidParameterValue")
    yield case("bad policy", "SetQueueAttributes", {"QueueUrl": QUEUE, "Attributes": {"Policy": "[]"}},
               "InvalidAttributeValue|InvalidParameterValue")
    yield case("unknown operation", "Explode", {}, "NotImplemented", 501)
    query = "Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2F127.0.0.1%2F{account}%2Fnone&MessageBody=x"
    yield Case("sqs query: unknown queue", form("sqs", query), 400, "AWS.SimpleQueueService.NonExistentQueue")
    yield Case("sqs query: unknown operation", form("sqs", "Action=Explode&Version=2012-11-05"), 501, "NotImplemented")
    yield Case("sqs query: no action", form("sqs", "Version=2012-11-05"), 400, "MissingAction|MissingParameter")
    yield Case("sqs query: list index bomb", form("sqs", "Action=SendMessageBatch&Version=2012-11-05&QueueUrl=u"
               "&SendMessageBatchRequestEntry.999999999.Id=a"), 400, "MissingParameter")
    yield Case("sqs query: bad number", form("sqs", "Action=ReceiveMessage&Version=2012-11-05&QueueUrl="
               + QUEUE + "&MaxNumberOfMessages=ten"), 400, "InvalidParameterValue|MalformedInput|SerializationException")


def s3_cases() -> Iterator[Case]:
    def case(name: str, raw: bytes, status: int, code: str) -> Case:
        return Case("s3: " + name, raw, status, code)

    put = b"hello"
    yield case("unknown bucket", s3("GET", "/no-such-bucket-{account}/x"), 404, "NoSuchBucket")
    yield case("unknown key", s3("GET", B + "/none"), 404, "NoSuchKey")
    yield case("head of an unknown key", s3("HEAD", B + "/none"), 404, "")
    yield case("bad bucket name", s3("PUT", "/Bad_Name"), 400, "InvalidBucketName")
    yield case("bucket name as an address", s3("PUT", "/192.168.1.1"), 400, "InvalidBucketName")
    yield case("bucket name too short", s3("PUT", "/ab"), 400, "InvalidBucketName")
    yield case("bad location", s3("PUT", "/place-{account}", "<CreateBucketConfiguration><LocationConstraint>moon"
               "</LocationConstraint></CreateBucketConfiguration>"), 400, "InvalidLocationConstraint|IllegalLocation.*")
    yield case("key too long", s3("PUT", B + "/" + "k" * 1025, put), 400, "KeyTooLongError")
    yield case("bad Content-MD5", s3("PUT", B + "/x", put, Content_MD5="nonsense"), 400, "InvalidDigest")
    yield case("wrong Content-MD5", s3("PUT", B + "/x", put, Content_MD5=MD5), 400, "BadDigest")
    yield case("wrong checksum", s3("PUT", B + "/x", put, x_amz_checksum_crc32="AAAAAA=="), 400, "BadDigest")
    yield case("checksum that is none", s3("PUT", B + "/x", put, x_amz_checksum_crc32="no"), 400, "InvalidRequest")
    yield case("wrong payload hash", http("PUT", B + "/x", {"Authorization": scope("s3"), "X-Amz-Date": DATE,
               "X-Amz-Content-Sha256": "0" * 64}, put), 400, "XAmzContentSHA256Mismatch")
    yield case("payload hash that is none", http("PUT", B + "/x", {"Authorization": scope("s3"), "X-Amz-Date": DATE,
               "X-Amz-Content-Sha256": "nonsense"}, put), 400, "InvalidArgument|XAmzContentSHA256Mismatch")
    yield case("bad storage class", s3("PUT", B + "/x", put, x_amz_storage_class="ATTIC"), 400, "InvalidStorageClass")
    yield case("metadata too large", s3("PUT", B + "/x", put, x_amz_meta_a="x" * 2100), 400, "MetadataTooLarge")
    yield case("bad tagging header", s3("PUT", B + "/x", put, x_amz_tagging="a=1&a=2"), 400, "InvalidTag|InvalidArgument")
    yield case("tagging XML bomb", s3("PUT", B + "/hello?tagging", BOMB), 400, "MalformedXML")
    yield case("tagging external entity", s3("PUT", B + "/hello?tagging", EXTERNAL), 400, "MalformedXML")
    yield case("tagging that is no XML", s3("PUT", B + "/hello?tagging", "<Tagging>"), 400, "MalformedXML")
    yield case("tagging of other XML", s3("PUT", B + "/hello?tagging", "<Other/>"), 400, "MalformedXML")
    yield case("versioning of nonsense", s3("PUT", B + "?versioning", "<VersioningConfiguration><Status>Maybe</Status>"
               "</VersioningConfiguration>"), 400, "MalformedXML|IllegalVersioning.*")
    yield case("no body to delete", s3("POST", B + "?delete"), 400, "MalformedXML|MissingRequestBodyError|InvalidRequest")
    yield case("delete of nothing", s3("POST", B + "?delete", "<Delete></Delete>", Content_MD5=base64.b64encode(
        hashlib.md5(b"<Delete></Delete>").digest()).decode()), 400, "MalformedXML")
    yield case("range beyond the end", s3("GET", B + "/hello", Range="bytes=100-200"), 416, "InvalidRange")
    yield case("bad version id", s3("GET", B + "/hello?versionId=nonsense"), 400, "InvalidArgument")
    yield case("failed condition", s3("GET", B + "/hello", If_Match='"nope"'), 412, "PreconditionFailed")
    yield case("not modified", s3("GET", B + "/hello", If_None_Match="*"), 304, "")
    yield case("write where it exists", s3("PUT", B + "/hello", put, If_None_Match="*"), 412, "PreconditionFailed")
    yield case("bad max-keys", s3("GET", B + "?list-type=2&max-keys=many"), 400, "InvalidArgument")
    yield case("negative max-keys", s3("GET", B + "?list-type=2&max-keys=-1"), 400, "InvalidArgument")
    yield case("bad encoding type", s3("GET", B + "?list-type=2&encoding-type=rot13"), 400, "InvalidArgument")
    yield case("bad continuation token", s3("GET", B + "?list-type=2&continuation-token=%25%25"), 400, "InvalidArgument")
    yield case("unknown upload", s3("PUT", B + "/x?partNumber=1&uploadId=none", put), 404, "NoSuchUpload")
    yield case("part number zero", s3("PUT", B + "/x?partNumber=0&uploadId=none", put), 400, "InvalidArgument")
    yield case("part number too large", s3("PUT", B + "/x?partNumber=10001&uploadId=none", put), 400, "InvalidArgument")
    yield case("part number no number", s3("PUT", B + "/x?partNumber=one&uploadId=none", put), 400, "InvalidArgument")
    yield case("completing an unknown upload", s3("POST", B + "/x?uploadId=none", "<CompleteMultipartUpload><Part><PartNumber>1"
               "</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>"), 404, "NoSuchUpload")
    yield case("completing with nothing", s3("POST", B + "/x?uploadId=none", "<CompleteMultipartUpload/>"),
               400, "MalformedXML")
    yield case("copy of nothing", s3("PUT", B + "/x", x_amz_copy_source=B + "/none"), 404, "NoSuchKey")
    yield case("copy without a key", s3("PUT", B + "/x", x_amz_copy_source="nonsense"), 400, "InvalidArgument")
    yield case("copy onto itself", s3("PUT", B + "/hello", x_amz_copy_source=B + "/hello"), 400, "InvalidRequest")
    yield case("bucket not empty", s3("DELETE", B), 409, "BucketNotEmpty")
    yield case("path traversal", s3("GET", B + "/../../../../etc/passwd"), 404, "NoSuchKey")
    yield case("encoded path traversal", s3("GET", B + "/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), 404, "NoSuchKey")
    yield case("null bytes", s3("GET", B + "/a%00b"), 404, "NoSuchKey")
    yield case("another's bucket expected", s3("GET", B + "/hello", x_amz_expected_bucket_owner="999999999999"),
               403, "AccessDenied")
    yield case("what is not there yet", s3("GET", B + "/hello?torrent"), 501, "NotImplemented")
    yield case("a method that S3 has not", s3("PATCH", B + "/hello"), 405, "MethodNotAllowed")


def other_cases() -> Iterator[Case]:
    yield Case("sts: unknown operation", form("sts", "Action=Nothing&Version=2011-06-15"), 501, "NotImplemented")
    yield Case("sts: role name that is no ARN", form(
        "sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=abc"), 400, "ValidationError")
    yield Case("sts: session name too short", form("sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::"
               "123456789012:role/x&RoleSessionName=a"), 400, "ValidationError")
    yield Case("sts: no role", form("sts", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=abc"), 400, "ValidationError")
    yield Case("sts: duration that is no number", form("sts", "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=x"),
               400, "ValidationError|MalformedInput|SerializationException")
    yield Case("iam: unknown user", form("iam", "Action=GetUser&Version=2010-05-08&UserName=nobody"), 404, "NoSuchEntity")
    yield Case("iam: bad user name", form("iam", "Action=CreateUser&Version=2010-05-08&UserName=a%20b"), 400, "ValidationError")
    yield Case("iam: user name too long", form("iam", "Action=CreateUser&Version=2010-05-08&UserName=" + "a" * 65),
               400, "ValidationError")
    yield Case("iam: policy that is no JSON", form(
        "iam", "Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument=x"), 400, "MalformedPolicyDocument")
    yield Case("iam: trust policy without principal", form("iam", "Action=CreateRole&Version=2010-05-08&RoleName=r"
               "&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow"
               "%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"), 400, "MalformedPolicyDocument")
    yield Case("sns: unknown topic", form("sns", "Action=Publish&Version=2010-03-31&Message=x&TopicArn=arn:aws:sns:us-east-1:"
               "{account}:none"), 404, "NotFound")
    yield Case("sns: topic that is no ARN", form("sns", "Action=Publish&Version=2010-03-31&Message=x&TopicArn=x"),
               400, "InvalidParameter")
    yield Case("sns: empty message", form("sns", "Action=Publish&Version=2010-03-31&Message=&TopicArn=arn:aws:sns:us-east-1:"
               "{account}:news"), 400, "InvalidParameter")
    yield Case("sns: bad topic name", form("sns", "Action=CreateTopic&Version=2010-03-31&Name=a%20b"), 400, "InvalidParameter")
    yield Case("ec2: bad range", form("ec2", "Action=CreateVpc&Version=2016-11-15&CidrBlock=x"), 400, "InvalidParameterValue")
    yield Case("ec2: unknown VPC", form("ec2", "Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-0"), 400,
               "InvalidVpcID.NotFound")
    yield Case("ec2: no VPC", form("ec2", "Action=CreateSubnet&Version=2016-11-15&CidrBlock=10.0.0.0/24"), 400,
               "MissingParameter")
    yield Case("ec2: not there yet", form("ec2", "Action=RunInstances&Version=2016-11-15&MinCount=1&MaxCount=1"), 501,
               "NotImplemented")
    yield Case("ec2: unknown operation", form("ec2", "Action=Fly&Version=2016-11-15"), 501, "NotImplemented")
    yield Case("lambda: unknown function", rest("GET", "/2015-03-31/functions/none"), 404, "ResourceNotFoundException")
    yield Case("lambda: no JSON", rest("POST", "/2015-03-31/functions", "{"), 400, "InvalidRequestContentException|"
               "SerializationException")
    yield Case("lambda: nothing given", rest("POST", "/2015-03-31/functions", "{}"), 400, "ValidationException")
    yield Case("lambda: a number for a name", rest("POST", "/2015-03-31/functions", '{"FunctionName": 1}'), 400,
               "SerializationException")
    yield Case("lambda: name with a space", rest("GET", "/2015-03-31/functions/a%20b"), 400, "ValidationException")
    yield Case("lambda: not there yet", rest("GET", "/2025-11-30/functions/f/function-scaling-config"), 501,
               "NotImplemented")
    yield Case("lambda: no such path", rest("GET", "/2015-03-31/nothing"), 404, "UnknownOperationException")
    yield Case("cloudwatch: no CBOR", cbor("PutMetricData", b"\xff\xff"), 400, "SerializationException|MalformedInput")
    yield Case("cloudwatch: truncated CBOR", cbor("PutMetricData", b"\xbf\x69Namesp"), 400, "SerializationException")
    yield Case("cloudwatch: nothing given", cbor("PutMetricData", b"\xa0"), 400,
               "ValidationException|MissingRequiredParameterException")
    yield Case("cloudwatch: endless nesting", cbor("PutMetricData", b"\x9f" * 50_000), 400, "SerializationException")
    yield Case("cloudwatch: unknown operation", cbor("Fly", b"\xa0"), 501, "NotImplemented")
    yield Case("nobody: no credentials, no target", http("POST", "/", {}), 403, "MissingAuthenticationToken.*")
    yield Case("nobody: unknown service", form("telepathy", "Action=Read"), 501, "NotImplemented|UnknownService.*")
    yield Case("dynamodb: no target", http("POST", "/", {"Authorization": scope("dynamodb"), "X-Amz-Date": DATE}, "{}"), 400,
               "UnknownOperationException")
    yield Case("dynamodb: another service's target", http("POST", "/", {
        "Authorization": scope("dynamodb"), "X-Amz-Date": DATE, "X-Amz-Target": "Nothing.GetItem"}, "{}"), 400,
        "UnknownOperationException")


def signature_cases() -> Iterator[Case]:
    def with_authorization(value: str, service: str = "dynamodb") -> bytes:
        return http("POST", "/", {"Authorization": value, "X-Amz-Date": DATE, "Content-Type": "application/x-amz-json-1.0",
                                  "X-Amz-Target": target_of(service) + ".ListTables"}, "{}")

    yield Case("signature: none", http("POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, "{}"), 400,
               "MissingAuthenticationToken.*")
    yield Case("signature: no scheme", with_authorization("nonsense"), 400,
               "IncompleteSignatureException|MissingAuthenticationTokenException")
    yield Case("signature: no credential", with_authorization("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0"), 400,
               "IncompleteSignature.*")
    yield Case("signature: no signature", with_authorization(
        f"AWS4-HMAC-SHA256 Credential=test/{DAY}/us-east-1/dynamodb/aws4_request, SignedHeaders=host"), 400,
        "IncompleteSignature.*")
    yield Case("signature: short scope", with_authorization(
        "AWS4-HMAC-SHA256 Credential=test/us-east-1/dynamodb, SignedHeaders=host, Signature=0"), 400, "Incomplete.*")
    yield Case("signature: of an unknown S3 form", http("GET", B, {"Authorization": "Magic abc", "X-Amz-Date": DATE}), 400,
               "InvalidArgument|AuthorizationHeaderMalformed")
    yield Case("signature: presigned without a date", http(
        "GET", B + f"/hello?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F{DAY}%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=60", {}), 400, "AuthorizationQueryParametersError")
    yield Case("signature: presigned and expired", http(
        "GET", B + "/hello?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20200101%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20200101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=60", {}), 403, "AccessDenied")
    yield Case("signature: presigned for too long", http(
        "GET", B + f"/hello?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F{DAY}%2Fus-east-1%2Fs3%2Faws4_request"
        f"&X-Amz-Date={DATE}&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires=999999999", {}), 400,
        "AuthorizationQueryParametersError")
    chunked = {"Authorization": scope("s3"), "X-Amz-Date": DATE, "Content-Encoding": "aws-chunked",
               "X-Amz-Content-Sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
    yield Case("chunks: cut off", http("PUT", B + "/x", {**chunked, "X-Amz-Decoded-Content-Length": "5"}, "5\r\nhel"), 400,
               "IncompleteBody")
    yield Case("chunks: no sizes", http("PUT", B + "/x", {**chunked, "X-Amz-Decoded-Content-Length": "5"}, "zz\r\nhello"), 400,
               "IncompleteBody|InvalidChunkSizeError|InvalidRequest")
    yield Case("chunks: another length", http("PUT", B + "/x", {**chunked, "X-Amz-Decoded-Content-Length": "9"},
                                              "5\r\nhello\r\n0\r\n\r\n"), 400, "IncompleteBody")


def transport_cases() -> Iterator[Case]:
    head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    yield Case("http: nonsense", b"\x00\x01\x02\r\n\r\n", 400, "")
    yield Case("http: no version", b"GET /\r\n\r\n", 505, "")      # a request of HTTP/0.9
    yield Case("http: two lengths", (head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab").encode(), 400, "")
    yield Case("http: length and chunks", (head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").encode(),
               400, "")
    yield Case("http: negative length", (head + "Content-Length: -1\r\n\r\n").encode(), 400, "")
    yield Case("http: length of letters", (head + "Content-Length: ten\r\n\r\n").encode(), 400, "")
    yield Case("http: bad chunk", (head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n").encode(), 400, "")
    yield Case("http: space in a header's name", (head + "Bad Name: x\r\n\r\n").encode(), 400, "")
    yield Case("http: headers without end", (head + "X-A: " + "a" * 200_000 + "\r\n\r\n").encode(), 431, "")


CASES = [*dynamodb_cases(), *sqs_cases(), *s3_cases(), *other_cases(), *signature_cases(), *transport_cases()]


def exchange(cloud: Cloud, raw: bytes) -> tuple[int, str, bytes]:
    """Send bytes; status, error code ("" when the answer has none) and body."""
    host, port = cloud.endpoint.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as s:
        with contextlib.suppress(OSError):      # the server may answer and hang up before it has read all
            s.sendall(raw)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while data := s.recv(65536):
                answer += data
    head, _, body = answer.partition(b"\r\n\r\n")
    found = re.search(rb"<Code>([^<]+)</Code>", body) or re.search(rb'"__type":\s*"(?:[^"#]*#)?([^"]+)"', body) \
        or re.search(rb"(?i)x-amzn-errortype: ([^\r:]+)", head) or re.search(rb"__type.{1,3}?(?:[\w.]+#)?(\w+)", body)
    return int(head.split(b" ", 2)[1]), found[1].decode() if found else "", body


class Watched:
    """An account, its clients, and the state that it was last seen in."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.clients = {name: cloud.client(name)
                        for name in ("sqs", "sns", "s3", "dynamodb", "iam", "ec2", "lambda", "cloudwatch")}
        self.seen = state(self)

    def changed(self) -> bool:
        """Is anything other than when last asked?"""
        before, self.seen = self.seen, state(self)
        return bool(before != self.seen)


@pytest.fixture(scope="module")
def prepared(shared_cloud: Any) -> Watched:
    cloud = Cloud(shared_cloud, new_account())
    cloud.client("sqs").create_queue(QueueName="jobs")
    cloud.client("sns").create_topic(Name="news")
    s3_client, dynamodb = cloud.client("s3"), cloud.client("dynamodb")
    s3_client.create_bucket(Bucket=f"files-{cloud.account}")
    s3_client.put_object(Bucket=f"files-{cloud.account}", Key="hello", Body=b"hello")
    dynamodb.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName="orders", WaiterConfig={"Delay": 1})
    dynamodb.put_item(TableName="orders", Item={"id": {"S": "1"}, "v": {"S": "first"}})
    return Watched(cloud)


def state(watched: Watched) -> Any:
    """All that the cases could have changed."""
    cloud, clients = watched.cloud, watched.clients
    sqs, s3_client, dynamodb = clients["sqs"], clients["s3"], clients["dynamodb"]
    queues = sqs.list_queues().get("QueueUrls", [])
    return (queues, [sqs.get_queue_attributes(QueueUrl=q, AttributeNames=["All"])["Attributes"] for q in queues],
            [b["Name"] for b in s3_client.list_buckets()["Buckets"]],
            [(o["Key"], o["ETag"]) for o in s3_client.list_objects_v2(Bucket=f"files-{cloud.account}")["Contents"]],
            s3_client.get_object_tagging(Bucket=f"files-{cloud.account}", Key="hello")["TagSet"],
            s3_client.list_multipart_uploads(Bucket=f"files-{cloud.account}").get("Uploads"),
            dynamodb.list_tables()["TableNames"], dynamodb.scan(TableName="orders")["Items"],
            [t["TopicArn"] for t in clients["sns"].list_topics()["Topics"]],
            [u["UserName"] for u in clients["iam"].list_users()["Users"]],
            clients["ec2"].describe_vpcs()["Vpcs"], clients["lambda"].list_functions()["Functions"],
            # (those of services come a moment later, for looking is counted as well)
            [m for m in clients["cloudwatch"].list_metrics()["Metrics"] if not m["Namespace"].startswith("AWS/")])


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150
    assert len({c.name for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_malformed_request_is_refused_and_changes_nothing(prepared: Watched, case: Case) -> None:
    status, code, body = exchange(prepared.cloud, fill(case.raw, prepared.cloud.account))
    changed = prepared.changed()
    assert (status, bool(re.fullmatch(case.code, code))) == (case.status, True), f"{status} {code} {body[:300]!r}"
    assert not changed


def fill(raw: bytes, account: str) -> bytes:
    """Put the account in, and the right length where the body grew by it."""
    head, sep, body = raw.partition(b"\r\n\r\n")
    grown = body.replace(b"{account}", account.encode())
    if len(grown) != len(body):
        head = head.replace(f"Content-Length: {len(body)}".encode(), f"Content-Length: {len(grown)}".encode())
    return head.replace(b"{account}", account.encode()) + sep + grown
