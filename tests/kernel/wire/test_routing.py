"""Which operation a request asks for, as clients of every age send it."""

from __future__ import annotations

import pytest

from cumulet.kernel import wire
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire import hosts

FORM = "application/x-www-form-urlencoded; charset=utf-8"


def scope(service: str, region: str = "us-east-1") -> str:
    return f"AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"


def request(method: str = "GET", target: str = "/", signed: str = "", host: str = "localhost:4566", body: bytes = b"",
            **headers: str) -> Request:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if signed:
        given["authorization"] = scope(signed)
    return Request(method, target, {"host": host, **given}, body)


def asked(*args: str, **more: str | bytes) -> str:
    route = wire.route(request(*args, **more))               # type: ignore[arg-type]
    return f"{route.op.service}:{route.op.name}"


S3_CASES = [
    ("GET", "/", "ListBuckets"), ("GET", "/b", "ListObjects"), ("GET", "/b/", "ListObjects"),
    ("GET", "/b?list-type=2&prefix=x", "ListObjectsV2"), ("GET", "/b?versions", "ListObjectVersions"),
    ("GET", "/b?uploads", "ListMultipartUploads"), ("GET", "/b?location", "GetBucketLocation"),
    ("GET", "/b?acl", "GetBucketAcl"),
    ("GET", "/b?lifecycle", "GetBucketLifecycleConfiguration"),
    ("GET", "/b?notification", "GetBucketNotificationConfiguration"),
    ("PUT", "/b?lifecycle", "PutBucketLifecycleConfiguration"), ("PUT", "/b", "CreateBucket"), ("HEAD", "/b", "HeadBucket"),
    ("DELETE", "/b", "DeleteBucket"), ("POST", "/b?delete", "DeleteObjects"), ("GET", "/b/k", "GetObject"),
    ("GET", "/b/k?x-id=GetObject", "GetObject"), ("GET", "/b/k?acl", "GetObjectAcl"), ("GET", "/b/k?uploadId=1", "ListParts"),
    ("GET", "/b/k?tagging", "GetObjectTagging"), ("PUT", "/b/k", "PutObject"), ("PUT", "/b/k?tagging", "PutObjectTagging"),
    ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"), ("POST", "/b/k?uploads", "CreateMultipartUpload"),
    ("POST", "/b/k?uploadId=u", "CompleteMultipartUpload"), ("DELETE", "/b/k?uploadId=u", "AbortMultipartUpload"),
    ("DELETE", "/b/k", "DeleteObject"), ("HEAD", "/b/k", "HeadObject"),
    ("GET", "/b?analytics", "ListBucketAnalyticsConfigurations"),
    ("GET", "/b?analytics&id=1", "GetBucketAnalyticsConfiguration"),
    ("POST", "/b/k?select&select-type=2", "SelectObjectContent"),
]


@pytest.mark.parametrize(("method", "target", "name"), S3_CASES)
def test_s3_by_method_path_and_query(method: str, target: str, name: str) -> None:
    assert asked(method, target, "s3") == f"s3:{name}"
    assert asked(method, target) == f"s3:{name}"                    # anonymous
    if target.startswith("/b"):
        rest = target[2:] if target[2:3] == "/" else "/" + target[2:]
        assert asked(method, rest, host="b.s3.localhost:4566") == f"s3:{name}"
        assert asked(method, rest, "s3", host="my-bucket-1.localhost:4566") == f"s3:{name}"


@pytest.mark.parametrize(("host", "bucket"), [
    ("b.localhost:4566", "b"), ("a.b.localhost", "a.b"), ("my-bucket-1.localhost:4566", "my-bucket-1"),
    ("b.localhost.localstack.cloud:4566", "b"), ("my-sqs.localhost:4566", "my-sqs"), ("b.s3.localhost:4566", "b")])
def test_a_bucket_before_the_endpoint(host: str, bucket: str) -> None:
    route = wire.route(request("GET", "/k", "s3", host))
    assert (dict(route.labels), route.region) == ({"Bucket": bucket, "Key": "k"}, "us-east-1")


@pytest.mark.parametrize("host", ["localhost:4566", "s3.localhost:4566", "us-east-1.localhost:4566", "127.0.0.1:4566"])
def test_no_bucket_before_the_endpoint(host: str) -> None:
    assert dict(wire.route(request("GET", "/b/k", "s3", host)).labels) == {"Bucket": "b", "Key": "k"}


def test_copies_are_told_by_their_header() -> None:
    assert asked("PUT", "/b/k", "s3", x_amz_copy_source="a/b") == "s3:CopyObject"
    assert asked("PUT", "/b/k?partNumber=1&uploadId=u", "s3", x_amz_copy_source="a/b") == "s3:UploadPartCopy"


@pytest.mark.parametrize(("target", "key"), [
    ("/b/a//b", "a//b"), ("/b//a", "/a"), ("/b/../x", "../x"), ("/b/./x", "./x"), ("/b/a%2Fb", "a/b"), ("/b/a%20b+c", "a b+c"),
    ("/b/a/", "a/"), ("/b/%E6%97%A5", "日"), ("/b/%25", "%"), ("/b/..%2f..%2fetc", "../../etc"),
])
def test_keys_are_what_was_sent(target: str, key: str) -> None:
    assert dict(wire.route(request("GET", target, "s3")).labels) == {"Bucket": "b", "Key": key}


@pytest.mark.parametrize(("host", "service", "bucket", "region"), [
    ("b.s3.localhost:4566", "s3", "b", ""), ("b.s3.us-west-2.localhost.localstack.cloud:4566", "s3", "b", "us-west-2"),
    ("b.s3.amazonaws.com", "s3", "b", ""), ("a.b.c.s3.eu-west-1.amazonaws.com", "s3", "a.b.c", "eu-west-1"),
    ("b.s3-us-west-2.amazonaws.com", "s3", "b", "us-west-2"), ("s3.localhost.localstack.cloud:4566", "s3", "", ""),
    ("b.s3.dualstack.eu-central-1.amazonaws.com", "s3", "b", "eu-central-1"), ("b.s3-accelerate.amazonaws.com", "s3", "b", ""),
    ("b.s3.cloud.example", "s3", "b", ""), ("123456789012.s3-control.us-east-1.amazonaws.com", "s3control", "", "us-east-1"),
    ("sqs.eu-west-1.amazonaws.com", "sqs", "", "eu-west-1"), ("eu-west-1.queue.localhost:4566", "sqs", "", "eu-west-1"),
    ("queue.amazonaws.com", "sqs", "", ""), ("streams.dynamodb.us-east-1.amazonaws.com", "dynamodbstreams", "", "us-east-1"),
    ("monitoring.us-gov-west-1.amazonaws.com", "cloudwatch", "", "us-gov-west-1"), ("localhost:4566", "", "", ""),
    ("127.0.0.1:4566", "", "", ""), ("[::1]:4566", "", "", ""),
    ("workflows-omics.us-east-1.amazonaws.com", "omics", "", "us-east-1"),
    ("api.iotsitewise.us-east-1.amazonaws.com", "iotsitewise", "", "us-east-1"), ("", "", "", ""),
    ("b.s3-website.localhost", "s3-website", "b", ""),
])
def test_hosts(host: str, service: str, bucket: str, region: str) -> None:
    found = hosts.look(host)
    assert (found.service, found.bucket, found.region) == (service, bucket, region)


@pytest.mark.parametrize(("expected", "more"), [
    ("sqs:SendMessage", {"method": "POST", "x_amz_target": "AmazonSQS.SendMessage",
                         "content_type": "application/x-amz-json-1.0"}),
    ("dynamodbstreams:GetRecords", {"method": "POST", "signed": "dynamodb",
                                      "x_amz_target": "DynamoDBStreams_20120810.GetRecords"}),
    ("cognito-idp:InitiateAuth", {"method": "POST", "x_amz_target": "AWSCognitoIdentityProviderService.InitiateAuth"}),
    ("sts:GetCallerIdentity", {"method": "POST", "signed": "sts", "content_type": FORM,
                               "body": b"Action=GetCallerIdentity&Version=2011-06-15"}),
    ("sts:AssumeRoleWithSAML", {"method": "POST", "content_type": FORM,
                                "body": b"Action=AssumeRoleWithSAML&Version=2011-06-15"}),
    ("sqs:SendMessage", {"method": "GET", "target": "/000000000000/q?Action=SendMessage&MessageBody=x"}),
    ("sqs:ReceiveMessage", {"method": "POST", "target": "/000000000000/q", "signed": "sqs", "content_type": FORM,
                            "body": b"Action=ReceiveMessage"}),
    ("elbv2:DescribeLoadBalancers", {"method": "POST", "signed": "elasticloadbalancing", "content_type": FORM,
                                     "body": b"Action=DescribeLoadBalancers&Version=2015-12-01"}),
    ("elb:DescribeLoadBalancers", {"method": "POST", "signed": "elasticloadbalancing", "content_type": FORM,
                                   "body": b"Action=DescribeLoadBalancers&Version=2012-06-01"}),
    ("ses:SendEmail", {"method": "POST", "signed": "ses", "content_type": FORM,
                       "body": b"Action=SendEmail&Version=2010-12-01"}),
    ("sesv2:SendEmail", {"method": "POST", "signed": "ses", "target": "/v2/email/outbound-emails", "body": b"{}"}),
    ("apigatewayv2:GetApis", {"signed": "apigateway", "target": "/v2/apis"}),
    ("apigateway:GetRestApis", {"signed": "apigateway", "target": "/restapis"}),
    ("opensearch:ListDomainNames", {"signed": "es", "target": "/2021-01-01/domain"}),
    ("es:ListDomainNames", {"signed": "es", "target": "/2015-01-01/domain"}),
    ("lambda:ListFunctions", {"signed": "lambda", "target": "/2015-03-31/functions"}),
    ("lambda:ListFunctions", {"signed": "lambda", "target": "/2015-03-31/functions/"}),
    ("s3control:ListJobs", {"signed": "s3", "target": "/v20180820/jobs", "x_amz_account_id": "000000000000"}),
    ("s3:ListDirectoryBuckets", {"signed": "s3express"}),
    ("s3:GetObject", {"target": "/b/k?AWSAccessKeyId=A&Expires=1&Signature=x"}),
    ("s3:GetObject", {"target": "/b/k?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request"}),
    ("logs:PutOpenTelemetryLogs", {"method": "POST", "target": "/v1/logs", "signed": "logs"}),
    ("logs:PutStructuredJsonLogs", {"method": "POST", "target": "/ingest/json?logGroup=g", "authorization": "Bearer x"}),
    ("logs:PutNewlineJsonLogs", {"method": "POST", "target": "/ingest/bulk", "host": "logs.eu-west-1.localhost:4566"}),
    ("s3:PutObject", {"method": "PUT", "target": "/v1/logs", "signed": "s3"}),
    ("s3:PutObject", {"method": "PUT", "target": "/b/stage/@connections/1", "signed": "s3"}),
    ("s3tables:IcebergLoadTable", {"target": "/iceberg/v1/arn%3Aaws%2Fb/namespaces/n/tables/t", "signed": "s3tables"}),
    ("s3:GetObject", {"target": "/iceberg/v1/config", "signed": "s3"}),
    ("sso-oidc:CreateToken", {"method": "POST", "target": "/token", "body": b"{}"}),
    ("cloudwatch:PutMetricData", {"method": "POST", "target": "/service/GraniteServiceVersion20100801/operation/PutMetricData",
                                  "smithy_protocol": "rpc-v2-cbor"}),
    ("cloudwatch:ListMetrics", {"method": "POST", "signed": "monitoring", "content_type": FORM, "body": b"Action=ListMetrics"}),
    ("ec2:DescribeVpcs", {"method": "POST", "signed": "ec2", "content_type": FORM, "body": b"Action=DescribeVpcs"}),
])
def test_services(expected: str, more: dict[str, str]) -> None:
    assert asked(**more) == expected                                # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "naming", "more"), [
    (501, "sqs:Fly", {"method": "POST", "x_amz_target": "AmazonSQS.Fly"}),
    (501, "sts:Fly", {"method": "POST", "signed": "sts", "content_type": FORM, "body": b"Action=Fly"}),
    (501, "cloudwatch:Fly", {"method": "POST", "target": "/service/GraniteServiceVersion20100801/operation/Fly",
                             "smithy_protocol": "rpc-v2-cbor"}),
    (501, "telepathy", {"signed": "telepathy"}), (400, "Nothing", {"method": "POST", "x_amz_target": "Nothing.At"}),
    (404, "lambda", {"signed": "lambda", "target": "/2015-03-31/cows"}), (400, "Action", {"method": "POST", "signed": "sts"}),
    (400, "URI", {"target": "/b/%FF", "signed": "s3"}), (403, "Authentication", {"method": "POST"}),
])
def test_what_is_not_there_is_named(status: int, naming: str, more: dict[str, str]) -> None:
    with pytest.raises(AwsError) as problem:
        wire.route(request(**more))                                 # type: ignore[arg-type]
    assert problem.value.status == status
    assert naming in problem.value.message


@pytest.mark.parametrize(("operation", "labels", "more"), [
    ("PostObject", {"Bucket": "b"}, {"method": "POST", "target": "/b", "content_type": "multipart/form-data; boundary=x"}),
    ("OptionsBucket", {"Bucket": "b"}, {"method": "OPTIONS", "target": "/b"}),
    ("OptionsObject", {"Bucket": "b", "Key": "k/l"}, {"method": "OPTIONS", "target": "/b/k/l"}),
    ("GetWebsiteObject", {"Bucket": "b"}, {"host": "b.s3-website.localhost:4566", "target": "/"}),
    ("GetWebsiteObject", {"Bucket": "b", "Key": "a b"}, {"host": "b.s3-website-eu-west-1.amazonaws.com", "target": "/a%20b"})])
def test_what_browsers_ask_of_buckets(operation: str, labels: dict[str, str], more: dict[str, str]) -> None:
    found = wire.route(request(**more))                                 # type: ignore[arg-type]
    assert (found.op.service, found.op.name, dict(found.labels)) == ("s3", operation, labels)
