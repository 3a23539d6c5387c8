"""Function URLs: HTTP in, the function's answer out."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import Cloud, Start, new_account

ECHO = "def handler(event, context): return event"


def ask(cloud: Cloud, url: str, method: str = "GET", path: str = "", **more: Any) -> httpx.Response:
    """A request to a function's address, whose host need not resolve here."""
    host = url.split("/")[2]
    more["headers"] = {"Host": host, **more.get("headers", {})}
    end = time.monotonic() + 5
    while True:
        answer = httpx.request(method, f"{cloud.endpoint}/{path}", **more)
        if answer.headers.get("content-type") != "application/x-amz-json-1.1" or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def settled(cloud: Cloud) -> None:
    """The tasks of the last commit have run."""
    cloud.thread.call(cloud.thread.cloud.jobs.idle())


def opened(cloud: Cloud, function: Any, **more: Any) -> str:
    made = function.client.create_function_url_config(**{"FunctionName": function.name, "AuthType": "NONE", **more})
    settled(cloud)
    return str(made["FunctionUrl"])


def test_requests_reach_the_function_as_events(deploy: Any, cloud: Cloud) -> None:
    url = opened(cloud, deploy(ECHO))
    event = ask(cloud, url, "POST", "a/b%20c?x=1&x=2&y=", json={"k": 1}, headers={"X-Own": "v", "Cookie": "a=1; b=2"}).json()
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/a/b c", "x=1&x=2&y=")
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert (event["headers"]["x-own"], event["cookies"]) == ("v", ["a=1", "b=2"])
    assert (json.loads(event["body"]), event["isBase64Encoded"]) == ({"k": 1}, False)
    context = event["requestContext"]
    assert context["http"]["method"] == "POST"
    assert context["apiId"] == context["domainPrefix"] == url.split("/")[2].split(".")[0]
    assert context["accountId"] == "anonymous"
    binary = ask(cloud, url, "PUT", content=b"\x00\xff", headers={"Content-Type": "image/png"}).json()
    assert (base64.b64decode(binary["body"]), binary["isBase64Encoded"]) == (b"\x00\xff", True)


def test_results_become_answers(deploy: Any, cloud: Cloud) -> None:
    url = opened(cloud, deploy("""
def handler(event, context):
    headers = {"X-Own": "v", "Content-Type": "text/html"}
    return {"/text": "plain", "/full": {"statusCode": 201, "headers": headers, "body": "<p>", "cookies": ["a=1", "b=2"]},
            "/bytes": {"statusCode": 200, "body": "AP8=", "isBase64Encoded": True},
            "/bad": {"statusCode": "no"}, "/list": [1], "/fail": None}[event["rawPath"]] or 1 / 0
"""))
    assert (ask(cloud, url, path="text").text, ask(cloud, url, path="list").json()) == ("plain", [1])
    full = ask(cloud, url, path="full")
    assert (full.status_code, full.text, full.headers["x-own"], full.headers["content-type"]) == (201, "<p>", "v", "text/html")
    assert full.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert ask(cloud, url, path="bytes").content == b"\x00\xff"
    assert (ask(cloud, url, path="bad").status_code, ask(cloud, url, path="fail").status_code) == (502, 502)


def test_pages_of_allowed_origins_may_read(deploy: Any, cloud: Cloud) -> None:
    url = opened(cloud, deploy(ECHO), Cors={"AllowOrigins": ["https://good.example"], "AllowMethods": ["GET", "PUT"],
                                            "AllowHeaders": ["x-own"], "ExposeHeaders": ["x-told"], "MaxAge": 60,
                                            "AllowCredentials": True})
    asked = ask(cloud, url, "OPTIONS", headers={"Origin": "https://good.example", "Access-Control-Request-Method": "PUT"})
    assert asked.headers["access-control-allow-methods"] == "GET,PUT"
    assert asked.headers["access-control-allow-headers"] == "x-own"
    assert asked.headers["access-control-max-age"] == "60"
    answer = ask(cloud, url, headers={"Origin": "https://good.example"})
    assert answer.headers["access-control-allow-origin"] == "https://good.example"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "x-told"
    assert "access-control-allow-origin" not in ask(cloud, url, headers={"Origin": "https://bad.example"}).headers


def test_signatures_are_asked_for_and_policies_count(deploy: Any, start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    role = cloud.client("iam").create_role(RoleName="runner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    client = cloud.client("lambda")
    import io
    import zipfile
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("app.py", ECHO)
    client.create_function(FunctionName="f", Role=role, Runtime="python3.11", Handler="app.handler",
                           Code={"ZipFile": out.getvalue()})
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="$LATEST")
    signed_url = client.create_function_url_config(FunctionName="f", AuthType="AWS_IAM")["FunctionUrl"]
    open_url = client.create_function_url_config(FunctionName="f", AuthType="NONE", Qualifier="live")["FunctionUrl"]
    settled(cloud)

    def signed(key: str, secret: str) -> httpx.Response:
        host = signed_url.split("/")[2]
        asked = AWSRequest("GET", f"http://{host}/", headers={"Host": host})
        SigV4Auth(Credentials(key, secret), "lambda", "us-east-1").add_auth(asked)
        return ask(cloud, signed_url, headers=dict(asked.headers))

    assert ask(cloud, signed_url).status_code == 403
    iam = cloud.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    assert signed(key["AccessKeyId"], key["SecretAccessKey"]).status_code == 403
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "lambda:InvokeFunctionUrl", "Resource": "*"}]}))
    event = signed(key["AccessKeyId"], key["SecretAccessKey"]).json()
    assert event["requestContext"]["authorizer"]["iam"]["userArn"] == f"arn:aws:iam::{cloud.account}:user/u"
    assert signed(key["AccessKeyId"], "wrong").status_code == 403
    assert ask(cloud, open_url).json() == {"Message": "Forbidden"}
    client.add_permission(FunctionName="f", Qualifier="live", StatementId="all", Principal="*", FunctionUrlAuthType="NONE",
                          Action="lambda:InvokeFunctionUrl")
    assert ask(cloud, open_url).json()["requestContext"]["accountId"] == "anonymous"


def test_answers_may_come_in_pieces(deploy: Any, cloud: Cloud) -> None:
    url = opened(cloud, deploy(files={"index.js": """
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  const headers = {'X-Own': 'v', 'Content-Type': 'text/plain'};
  const http = awslambda.HttpResponseStream.from(stream, {statusCode: 206, headers});
  for (let i = 0; i < 3; i++) { http.write(`${i}`); await new Promise(done => setTimeout(done, 200)); }
  http.end();
});"""}, Runtime="nodejs20.x", Handler="index.handler"), InvokeMode="RESPONSE_STREAM")
    answer = ask(cloud, url)
    assert (answer.status_code, answer.text, answer.headers["x-own"]) == (206, "012", "v")


def test_addresses_are_told_changed_and_ended(deploy: Any, cloud: Cloud) -> None:
    function = deploy(ECHO)
    client, name = function.client, function.name
    url = opened(cloud, function)
    assert client.get_function_url_config(FunctionName=name)["FunctionUrl"] == url
    changed = client.update_function_url_config(FunctionName=name, AuthType="AWS_IAM", Cors={"AllowOrigins": ["*"]})
    assert (changed["AuthType"], changed["Cors"], changed["FunctionUrl"]) == ("AWS_IAM", {"AllowOrigins": ["*"]}, url)
    assert ask(cloud, url).status_code == 403
    assert [c["FunctionUrl"] for c in client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]] == [url]
    for call, code in ((client.create_function_url_config, "ResourceConflictException"),):
        with pytest.raises(ClientError) as problem:
            call(FunctionName=name, AuthType="NONE")
        assert problem.value.response["Error"]["Code"] == code
    client.delete_function_url_config(FunctionName=name)
    assert ask(cloud, url).json() == {"Message": "Forbidden"}
    with pytest.raises(ClientError) as problem:
        client.get_function_url_config(FunctionName=name)
    assert problem.value.response["Error"]["Code"] == "ResourceNotFoundException"
