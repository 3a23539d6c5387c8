"""Object Lambda: access points behind which a function changes what is read, with real functions."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from cumulet.kernel import Spool
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.call import Call
from cumulet.services.s3 import bodies
from cumulet.services.s3.resources import Transformed
from services.lambda_.conftest import zipped
from services.s3.browser import ask
from services.s3.refusals import refused
from services.s3control.conftest import reached
from services.s3control.test_points import enforce, make, policy

FUNCTION = """
import boto3, json, urllib.request
from botocore.config import Config

def fetched(url, method="GET", headers={}):
    return urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers))

def handler(event, context):
    payload = event["configuration"]["payload"]
    if payload == "fails":
        raise ValueError("no")
    if payload == "silent":
        return None
    if "headObjectContext" in event:
        found = fetched(event["headObjectContext"]["inputS3Url"], "HEAD")
        return {"statusCode": 200, "headers": {**dict(found.headers), "Content-Type": "text/loud", "x-amz-meta-by": "f",
                                               "Content-Length": 99}}
    for name in ("listObjectsContext", "listObjectsV2Context"):
        if name in event:
            text = fetched(event[name]["inputS3Url"]).read().decode()
            if payload == "refuses":
                return {"statusCode": 403, "errorCode": "NotForYou", "errorMessage": "no list"}
            return {"statusCode": 200, "listResultXml": text.replace("<Key>", "<Key>seen-")}
    context = event["getObjectContext"]
    answer = {"RequestRoute": context["outputRoute"], "RequestToken": context["outputToken"]}
    s3 = boto3.client("s3", config=Config(inject_host_prefix=True) if payload == "prefixed" else None)
    if payload == "refuses":
        s3.write_get_object_response(**answer, StatusCode=404, ErrorCode="NoSuchThing", ErrorMessage="not for you")
        return
    if payload in ("tells", "prefixed"):
        body = json.dumps(event).encode()
    else:
        asked = {"Range": r for n, r in event["userRequest"]["headers"].items() if n.lower() == "range"}
        body = fetched(context["inputS3Url"], headers=asked).read().upper() * int(payload or 1)
    s3.write_get_object_response(**answer, Body=body, ContentType="text/loud", Metadata={"by": "function"}, ETag='"e"')
    try:
        s3.write_get_object_response(**answer, Body=b"again")
    except s3.exceptions.ClientError as problem:
        print(problem.response["Error"]["Code"])
"""
ALL = ["GetObject", "HeadObject", "ListObjects", "ListObjectsV2"]


def runner(cloud: Any) -> str:
    """A role for functions, that may answer."""
    iam, service = cloud.client("iam"), {"Service": "lambda.amazonaws.com"}
    made = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}}))
    iam.put_role_policy(RoleName="runner", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "s3-object-lambda:WriteGetObjectResponse", "Resource": "*"}}))
    arn: str = made["Role"]["Arn"]
    return arn


class Olap:
    """An Object Lambda access point before an object `k`."""

    def __init__(self, control: Any, cloud: Any, s3: Any) -> None:
        self.control, self.account = control, cloud.account
        self.point = {"AccountId": cloud.account, "Name": "loud"}
        self.front = make(control, cloud, s3)["AccessPointArn"]
        self.function = cloud.client("lambda").create_function(
            FunctionName="louder", Role=runner(cloud), Runtime="python3.11", Handler="app.handler", Timeout=20, MemorySize=256,
            Code={"ZipFile": zipped({"app.py": FUNCTION})})["FunctionArn"]
        made = control.create_access_point_for_object_lambda(**self.point, Configuration=self.configuration("", ALL))
        self.arn, self.alias = made["ObjectLambdaAccessPointArn"], made["Alias"]["Value"]

    def configuration(self, payload: str, actions: Any = ALL, features: Any = ()) -> dict[str, Any]:
        return {"SupportingAccessPoint": self.front, "AllowedFeatures": list(features), "TransformationConfigurations": [
            {"Actions": list(actions), "ContentTransformation": {
                "AwsLambda": {"FunctionArn": self.function, "FunctionPayload": payload}}}]}

    def configure(self, *how: Any) -> None:
        self.control.put_access_point_configuration_for_object_lambda(**self.point, Configuration=self.configuration(*how))


@pytest.fixture
def olap(control: Any, cloud: Any, s3: Any) -> Olap:
    return Olap(control, cloud, s3)


def test_points_are_made_told_listed_and_deleted(control: Any, cloud: Any, olap: Olap) -> None:
    assert olap.arn == f"arn:aws:s3-object-lambda:us-east-1:{cloud.account}:accesspoint/loud"
    told = control.get_access_point_for_object_lambda(**olap.point)
    assert (told["Name"], told["Alias"]) == ("loud", {"Value": olap.alias, "Status": "READY"})
    assert set(told["PublicAccessBlockConfiguration"].values()) == {True}
    kept = control.get_access_point_configuration_for_object_lambda(**olap.point)["Configuration"]
    assert kept == olap.configuration("", ALL)
    twice = {**olap.point, "Configuration": kept}
    assert refused(control.create_access_point_for_object_lambda, **twice) == ("AccessPointAlreadyOwnedByYou", 409)
    for wrong in ({"SupportingAccessPoint": olap.front + "s"}, {"TransformationConfigurations": 2 * kept[
            "TransformationConfigurations"]}):
        asked = {"AccountId": cloud.account, "Name": "other", "Configuration": kept | wrong}
        assert refused(control.create_access_point_for_object_lambda, **asked) == ("InvalidRequest", 400)
    for name in ("a", "b"):
        control.create_access_point_for_object_lambda(AccountId=cloud.account, Name=f"p-{name}", Configuration=kept)
    page = control.list_access_points_for_object_lambda(AccountId=cloud.account, MaxResults=2)
    rest = control.list_access_points_for_object_lambda(AccountId=cloud.account, NextToken=page["NextToken"])
    assert [[one["Name"] for one in found["ObjectLambdaAccessPointList"]] for found in (page, rest)] == [
        ["loud", "p-a"], ["p-b"]]
    control.delete_access_point_for_object_lambda(**olap.point)
    assert refused(control.get_access_point_for_object_lambda, **olap.point) == ("NoSuchAccessPoint", 404)


def test_policies_are_kept_and_checked(control: Any, cloud: Any, olap: Olap) -> None:
    assert refused(control.get_access_point_policy_for_object_lambda, **olap.point) == ("NoSuchAccessPointPolicy", 404)
    text = policy(olap.arn, {"AWS": cloud.account}, "s3-object-lambda:GetObject")
    control.put_access_point_policy_for_object_lambda(**olap.point, Policy=text)
    assert control.get_access_point_policy_for_object_lambda(**olap.point)["Policy"] == text
    assert control.get_access_point_policy_status_for_object_lambda(**olap.point)["PolicyStatus"]["IsPublic"] is False
    public = policy(olap.arn, "*", "s3-object-lambda:GetObject")
    assert refused(control.put_access_point_policy_for_object_lambda, **olap.point, Policy=public) == ("AccessDenied", 403)
    control.delete_access_point_policy_for_object_lambda(**olap.point)
    assert refused(control.get_access_point_policy_for_object_lambda, **olap.point) == ("NoSuchAccessPointPolicy", 404)


def test_a_function_rewrites_what_is_read(cloud: Any, s3: Any, olap: Olap) -> None:
    found = s3.get_object(Bucket=olap.alias, Key="k")
    assert found["Body"].read() == b"BEHIND"
    assert (found["ContentType"], found["Metadata"], found["ETag"]) == ("text/loud", {"by": "function"}, '"e"')
    by_arn = reached(boto3.client("s3", endpoint_url=cloud.endpoint.replace("127.0.0.1", "localhost"), region_name="us-east-1",
                                  aws_access_key_id=cloud.account, aws_secret_access_key="test"))
    assert by_arn.get_object(Bucket=olap.arn, Key="k")["Body"].read() == b"BEHIND"
    olap.configure("20000")                                      # larger than what is kept in a row
    assert s3.get_object(Bucket=olap.alias, Key="k")["Body"].read() == b"BEHIND" * 20000
    olap.configure("1", ALL, ["GetObject-Range"])
    assert s3.get_object(Bucket=olap.alias, Key="k", Range="bytes=2-3")["Body"].read() == b"HI"
    assert refused(s3.head_object, Bucket=olap.alias, Key="k", Range="bytes=2-3") == ("501", 501)
    host = f"loud-{cloud.account}.s3-object-lambda.us-east-1.amazonaws.com"
    assert ask(cloud.endpoint, "GET", "/k", Host=host).status == 403         # nobody


def test_heads_and_listings_are_rewritten(s3: Any, olap: Olap) -> None:
    head = s3.head_object(Bucket=olap.alias, Key="k")
    assert (head["ContentType"], head["ContentLength"], head["Metadata"]) == ("text/loud", 99, {"by": "f"})
    assert head["ETag"] == s3.head_object(Bucket=s3.bucket, Key="k")["ETag"]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=olap.alias, Prefix="k")["Contents"]] == ["seen-k"]
    assert [one["Key"] for one in s3.list_objects(Bucket=olap.alias)["Contents"]] == ["seen-k"]
    assert "Contents" not in s3.list_objects_v2(Bucket=olap.alias, Prefix="x")
    olap.configure("refuses")
    assert refused(s3.list_objects_v2, Bucket=olap.alias) == ("NotForYou", 403)


def test_what_is_not_configured_goes_through(s3: Any, olap: Olap) -> None:
    olap.configure("", ["HeadObject"])
    assert s3.get_object(Bucket=olap.alias, Key="k")["Body"].read() == b"behind"
    s3.put_object(Bucket=olap.alias, Key="new", Body=b"put")
    assert s3.get_object(Bucket=s3.bucket, Key="new")["Body"].read() == b"put"
    copy = {"Bucket": s3.bucket, "Key": "copy", "CopySource": {"Bucket": olap.alias, "Key": "k"}}
    assert refused(s3.copy_object, **copy) == ("MethodNotAllowed", 405)


def test_the_function_is_told_of_the_request(cloud: Any, s3: Any, olap: Olap) -> None:
    olap.configure("tells")
    event = json.loads(s3.get_object(Bucket=olap.alias, Key="k", ResponseCacheControl="no")["Body"].read())
    assert event["configuration"] == {"accessPointArn": olap.arn, "supportingAccessPointArn": olap.front, "payload": "tells"}
    assert event["protocolVersion"] == "1.00"
    assert event["userRequest"]["url"].endswith(f"/{olap.alias}/k?response-cache-control=no")
    assert "Authorization" not in event["userRequest"]["headers"]
    assert (event["userIdentity"]["type"], event["userIdentity"]["accountId"]) == ("Root", cloud.account)


def test_functions_find_the_route_by_name(s3: Any, olap: Olap) -> None:
    """As SDKs have it that put the route before the host."""
    olap.configure("prefixed")
    event = json.loads(s3.get_object(Bucket=olap.alias, Key="k")["Body"].read())
    assert event["getObjectContext"]["outputRoute"] == "io-1"


def test_what_goes_wrong_is_told(cloud: Any, s3: Any, olap: Olap) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#S3ObjectLambdaErrorCodeList"""
    get = {"Bucket": olap.alias, "Key": "k"}
    for payload, answer in (("refuses", ("NoSuchThing", 404)), ("fails", ("LambdaRuntimeError", 500)),
                            ("silent", ("LambdaResponseNotReceived", 500))):
        olap.configure(payload)
        assert refused(s3.get_object, **get) == answer
    assert refused(s3.list_objects_v2, Bucket=olap.alias) == ("LambdaInvalidResponse", 400)
    s3.meta.config.inject_host_prefix = False
    forged = {"RequestRoute": "io-1", "RequestToken": "nobody's", "Body": b"x"}
    assert refused(s3.write_get_object_response, **forged) == ("ValidationError", 400)
    cloud.client("lambda").delete_function(FunctionName="louder")
    assert refused(s3.get_object, **get) == ("LambdaNotFound", 404)


def kept(cloud: Any, token: str = "") -> list[str]:
    """The tokens of requests that wait for an answer. token: one that is left behind first, as by a dead process."""
    def look(tx: Any) -> list[str]:
        call = Call(cloud.kernel, tx, "s3", "Test", cloud.account, "us-east-1", root_of(cloud.account),
                    cloud.kernel.clock.now())
        if token:
            body, blob = bodies.keep(call, Spool(b"x" * 100_000))
            call.put(Transformed(token=token, arn="arn", made=call.now, said={}, body=body, blob=blob, size=100_000))
        return [row.token for row in call.table(Transformed).iterate()]

    found: list[str] = cloud.thread.call(cloud.kernel.store.run(look))
    return found


def test_answers_that_nobody_took_are_swept_away(cloud: Any, s3: Any, olap: Olap) -> None:
    assert kept(cloud, "left") == ["left"]
    assert s3.get_object(Bucket=olap.alias, Key="k")["Body"].read() == b"BEHIND"
    assert kept(cloud) == ["left"]
    cloud.clock.advance(121)
    assert s3.get_object(Bucket=olap.alias, Key="k")["Body"].read() == b"BEHIND"
    assert kept(cloud) == []
    assert kept(cloud, "later") == ["later"]
    cloud.thread.call(cloud.kernel.reset(cloud.account, None))
    assert kept(cloud) == []


def test_the_caller_needs_all_of_the_rights(control: Any, cloud: Any, s3: Any, olap: Olap) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-policies.html"""
    iam = cloud.client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    theirs = boto3.client("s3", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                          aws_secret_access_key=key["SecretAccessKey"])
    enforce(cloud)
    through = {"ForAnyValue:StringEquals": {"aws:CalledVia": "s3-object-lambda.amazonaws.com"}}
    statements = [("s3-object-lambda:GetObject", olap.arn, {}, ("LambdaPermissionError", 403)),
                  ("lambda:InvokeFunction", olap.function, through, ("LambdaRuntimeError", 500)),
                  ("s3:GetObject", f"{olap.front}/object/*", through, ("LambdaRuntimeError", 500)),
                  ("s3:GetObject", f"arn:aws:s3:::{s3.bucket}/*", through, None)]
    get, given = {"Bucket": olap.alias, "Key": "k"}, []
    assert refused(theirs.get_object, **get) == ("AccessDenied", 403)
    for action, resource, condition, answer in statements:
        given.append({"Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition})
        iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": given}))
        if answer is not None:
            assert refused(theirs.get_object, **get) == answer
    assert theirs.get_object(**get)["Body"].read() == b"BEHIND"
    assert refused(theirs.get_object, Bucket=s3.bucket, Key="k") == ("AccessDenied", 403)      # only by the function
