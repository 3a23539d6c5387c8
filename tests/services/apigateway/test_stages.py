"""What stages do beside serving: throttles, keys and plans, caches, canaries, logs and metrics."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.apigateway.conftest import Api
from services.apigateway.test_definitions import refusal, replace


def settled(api: Api) -> None:
    """What was answered is told a moment later; moving the clock waits for it."""
    api.cloud.clock.advance(1)


def test_a_stage_throttles_its_methods(api: Api) -> None:
    api.mock("/slow", body="ok")
    api.mock("/fast", body="ok")
    api.deploy()
    api.client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        replace("/~1slow/GET/throttling/rateLimit", "1"), replace("/~1slow/GET/throttling/burstLimit", "2")])
    assert [api.ask("/slow").status_code for _ in range(4)].count(429) >= 1
    refused = next(answer for answer in (api.ask("/slow") for _ in range(5)) if answer.status_code == 429)
    assert refused.json() == {"message": "Too Many Requests"}
    assert refused.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert api.ask("/fast").text == "ok"


def keyed(api: Api, **plan: Any) -> tuple[str, str, dict[str, str]]:
    """A plan with a key for a method that asks for one: their ids, and the header."""
    api.mock("/k", body="$context.identity.apiKeyId", method={"apiKeyRequired": True})
    api.deploy()
    made = api.client.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "test"}], **plan)["id"]
    key = api.client.create_api_key(name="k", enabled=True)
    api.client.create_usage_plan_key(usagePlanId=made, keyId=key["id"], keyType="API_KEY")
    return made, key["id"], {"x-api-key": key["value"]}


def test_keys_and_quotas(api: Api) -> None:
    plan, key, header = keyed(api, quota={"limit": 3, "period": "DAY"})
    client = api.client
    for headers in ({}, {"x-api-key": "x" * 20}):
        answer = api.ask("/k", headers=headers)
        assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert [api.ask("/k", headers=header).text for _ in range(3)] == [key] * 3
    refused = api.ask("/k", headers=header)
    assert (refused.status_code, refused.json(), refused.headers["x-amzn-errortype"]) == (
        429, {"message": "Limit Exceeded"}, "LimitExceededException")
    day = time.strftime("%Y-%m-%d", time.gmtime(api.cloud.clock.now()))
    named = {"usagePlanId": plan, "keyId": key}
    assert client.get_usage(usagePlanId=plan, startDate=day, endDate=day)["items"] == {key: [[3, 0]]}
    assert client.update_usage(**named, patchOperations=[replace("/remaining", "2")])["items"] == {key: [[3, 2]]}
    assert api.ask("/k", headers=header).status_code == 200
    api.cloud.clock.advance(86_400)
    assert [api.ask("/k", headers=header).status_code for _ in range(4)] == [200, 200, 200, 429]
    client.update_api_key(apiKey=key, patchOperations=[replace("/enabled", "false")])
    assert api.ask("/k", headers=header).status_code == 403


def test_plans_throttle_their_keys(api: Api) -> None:
    _, _, header = keyed(api, throttle={"rateLimit": 1, "burstLimit": 1})
    statuses = [api.ask("/k", headers=header).status_code for _ in range(4)]
    assert statuses[0] == 200
    assert 429 in statuses


def test_keys_and_plans_are_kept(api: Api) -> None:
    client = api.client
    plan, key, _ = keyed(api)
    assert "value" not in client.get_api_key(apiKey=key)
    assert len(client.get_api_key(apiKey=key, includeValue=True)["value"]) == 40
    assert refusal(client.create_api_key, name="short", value="x")[0] == "BadRequestException"
    own = client.create_api_key(name="own", value="v" * 20, generateDistinctId=False, tags={"a": "1"})
    assert own["id"] == own["value"]
    assert refusal(client.create_api_key, value="v" * 20) == ("ConflictException", "API Key already exists")
    assert [each["name"] for each in client.get_api_keys(nameQuery="o")["items"]] == ["own"]
    assert len(list(client.get_paginator("get_api_keys").paginate(PaginationConfig={"PageSize": 1}))) == 2
    assert client.get_usage_plan_key(usagePlanId=plan, keyId=key)["name"] == "k"
    assert [each["id"] for each in client.get_usage_plan_keys(usagePlanId=plan)["items"]] == [key]
    assert [each["id"] for each in client.get_usage_plans(keyId=key)["items"]] == [plan]
    assert len(client.get_usage_plans()["items"]) == 1
    changed = client.update_usage_plan(usagePlanId=plan, patchOperations=[
        replace("/name", "q"), replace("/throttle/rateLimit", "5"), replace("/quota/limit", "9", "add"),
        replace("/quota/period", "WEEK", "add"), replace(f"/apiStages/{api.id}:test/throttle/~1k~1GET/rateLimit", "3")])
    assert (changed["name"], changed["throttle"], changed["quota"]) == ("q", {"rateLimit": 5.0}, {"limit": 9, "period": "WEEK"})
    assert changed["apiStages"][0]["throttle"] == {"/k/GET": {"rateLimit": 3.0}}
    assert client.get_usage_plan(usagePlanId=plan)["name"] == "q"
    assert refusal(client.delete_usage_plan, usagePlanId=plan)[0] == "BadRequestException"
    client.update_usage_plan(usagePlanId=plan, patchOperations=[replace("/apiStages", f"{api.id}:test", "remove")])
    client.delete_usage_plan_key(usagePlanId=plan, keyId=key)
    assert refusal(client.get_usage_plan_key, usagePlanId=plan, keyId=key)[0] == "NotFoundException"
    client.delete_usage_plan(usagePlanId=plan)
    assert refusal(client.get_usage_plan, usagePlanId=plan) == ("NotFoundException", "Invalid Usage Plan ID specified")
    client.delete_api_key(apiKey=key)
    assert refusal(client.get_api_key, apiKey=key) == ("NotFoundException", "Invalid API Key identifier specified")
    arn = f"arn:aws:apigateway:us-east-1::/apikeys/{own['id']}"
    client.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert client.get_tags(resourceArn=arn)["tags"] == {"a": "1", "b": "2"}


def test_keys_are_imported(api: Api) -> None:
    client = api.client
    plan = client.create_usage_plan(name="p")["id"]
    rows = [f'one,{"a" * 20},d,true,"{plan}"', f"two,{'b' * 20},,false,nothing", "bad,x,,,"]
    text = "\n".join(["Name,key,description,Enabled,usageplanIds", *rows])
    found = client.import_api_keys(body=text.encode(), format="csv")
    assert len(found["ids"]) == 2
    assert len(found["warnings"]) == 2
    assert [each["name"] for each in client.get_usage_plan_keys(usagePlanId=plan)["items"]] == ["one"]
    assert refusal(client.import_api_keys, body=b"key,name\nx,y\n", format="csv",
                   failOnWarnings=True)[0] == "BadRequestException"


def test_answers_are_cached_for_their_time(api: Api) -> None:
    named = api.method("/c", requestParameters={"method.request.querystring.q": False})
    client = api.client
    client.put_method_response(**named, statusCode="200")
    client.put_integration(**named, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'},
                           cacheKeyParameters=["method.request.querystring.q"])
    client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": "$context.requestId"})
    api.deploy(cacheClusterEnabled=True, cacheClusterSize="0.5")
    client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        replace("/*/*/caching/enabled", "true"), replace("/*/*/caching/requireAuthorizationForCacheControl", "false")])
    first = api.ask("/c?q=1").text
    assert api.ask("/c?q=1").text == first
    other = api.ask("/c?q=2").text
    assert other != first
    api.cloud.clock.advance(301)
    second = api.ask("/c?q=1").text
    assert second != first
    fresh = api.ask("/c?q=1", headers={"Cache-Control": "max-age=0"}).text
    assert fresh != second
    assert api.ask("/c?q=1").text == fresh
    client.flush_stage_cache(restApiId=api.id, stageName="test")
    assert api.ask("/c?q=1").text != fresh
    client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        replace("/*/*/caching/requireAuthorizationForCacheControl", "true"),
        replace("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403")])
    assert api.ask("/c?q=1", headers={"Cache-Control": "max-age=0"}).status_code == 403


def test_a_canary_gets_its_part_and_is_promoted(api: Api) -> None:
    named = api.mock("/c", body="old $stageVariables.v")
    api.deploy(variables={"v": "1"})
    client = api.client
    client.update_integration_response(**named, statusCode="200", patchOperations=[
        replace("/responseTemplates/application~1json", "new $stageVariables.v")])
    canary = api.deploy(canarySettings={"percentTraffic": 0, "stageVariableOverrides": {"v": "2"}})
    assert api.ask("/c").text == "old 1"
    client.update_stage(restApiId=api.id, stageName="test", patchOperations=[replace("/canarySettings/percentTraffic", "50")])
    assert {api.ask("/c").text for _ in range(40)} == {"old 1", "new 2"}
    promoted = client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        {"op": "copy", "from": "/canarySettings/stageVariableOverrides", "path": "/variables"},
        {"op": "copy", "from": "/canarySettings/deploymentId", "path": "/deploymentId"},
        {"op": "remove", "path": "/canarySettings"}])
    assert (promoted["deploymentId"], promoted["variables"]) == (canary, {"v": "2"})
    assert api.ask("/c").text == "new 2"


def test_requests_are_logged_and_counted(api: Api) -> None:
    api.mock("/l", body="ok")
    api.deploy()
    client, logs = api.client, api.cloud.client("logs")
    logs.create_log_group(logGroupName="access")
    role = "arn:aws:iam::000000000000:role/r"
    assert "cloudwatchRoleArn" not in client.get_account()
    assert client.update_account(patchOperations=[replace("/cloudwatchRoleArn", role)])["cloudwatchRoleArn"] == role
    client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        replace("/accessLogSettings/destinationArn", f"arn:aws:logs:us-east-1:{api.cloud.account}:log-group:access"),
        replace("/accessLogSettings/format", '{"id": "$context.requestId", "status": $context.status, "p": "$context.path", '
                                             '"who": "$context.authorizer.principalId"}'),
        replace("/*/*/logging/loglevel", "INFO"), replace("/*/*/metrics/enabled", "true")])
    answer = api.ask("/l")
    assert api.ask("/nothing").status_code == 403
    settled(api)
    lines = [each["message"] for each in logs.filter_log_events(logGroupName="access")["events"]]
    assert f'{{"id": "{answer.headers["x-amzn-requestid"]}", "status": 200, "p": "/test/l", "who": "-"}}' in lines
    assert len(lines) == 2
    traced = logs.filter_log_events(logGroupName=f"API-Gateway-Execution-Logs_{api.id}/test")["events"]
    assert any("Method completed with status: 200" in each["message"] for each in traced)
    found = metrics(api)
    assert found[("Count", "test", "")] == 2
    assert found[("4XXError", "test", "")] == 1
    assert found[("Count", "test", "/l")] == 1
    assert ("Latency", "test", "") in found


def metrics(api: Api) -> dict[tuple[str, str, str], float]:
    """The sums of the API's metrics: name, stage, resource."""
    cloudwatch = api.cloud.client("cloudwatch")
    now, found = api.cloud.clock.now(), {}
    whole = {"ApiName": "api", "Stage": "test"}
    for dimensions in (whole, {**whole, "Resource": "/l", "Method": "GET"}):
        for name in ("Count", "4XXError", "Latency"):
            points = cloudwatch.get_metric_statistics(
                Namespace="AWS/ApiGateway", MetricName=name, StartTime=now - 3600, EndTime=now + 3600, Period=7200,
                Statistics=["Sum"], Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            )["Datapoints"]
            if points:
                found[(name, "test", dimensions.get("Resource", ""))] = sum(each["Sum"] for each in points)
    return found


def test_certificates_links_and_sdk_types(api: Api) -> None:
    client = api.client
    made = client.generate_client_certificate(description="d", tags={"a": "1"})
    named = {"clientCertificateId": made["clientCertificateId"]}
    assert made["pemEncodedCertificate"].startswith("-----BEGIN CERTIFICATE-----")
    assert client.update_client_certificate(**named, patchOperations=[replace("/description", "e")])["description"] == "e"
    assert client.get_client_certificate(**named)["description"] == "e"
    assert len(client.get_client_certificates()["items"]) == 1
    api.mock()
    api.deploy()
    client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        replace("/clientCertificateId", made["clientCertificateId"])])
    assert refusal(client.delete_client_certificate, **named)[0] == "BadRequestException"
    client.delete_stage(restApiId=api.id, stageName="test")
    client.delete_client_certificate(**named)
    assert refusal(client.get_client_certificate, **named)[0] == "NotFoundException"
    balancer = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/n/1"
    link = client.create_vpc_link(name="l", targetArns=[balancer])["id"]
    assert client.get_vpc_link(vpcLinkId=link)["status"] == "AVAILABLE"
    assert client.update_vpc_link(vpcLinkId=link, patchOperations=[replace("/name", "m")])["name"] == "m"
    assert [each["id"] for each in client.get_vpc_links()["items"]] == [link]
    client.delete_vpc_link(vpcLinkId=link)
    assert refusal(client.get_vpc_link, vpcLinkId=link)[0] == "NotFoundException"
    assert client.get_sdk_type(id="java")["friendlyName"] == "Java SDK"
    assert {each["id"] for each in client.get_sdk_types()["items"]} >= {"java", "javascript", "swift"}
    with pytest.raises(ClientError) as problem:
        client.get_sdk(restApiId=api.id, stageName="test", sdkType="java")
    assert problem.value.response["Error"]["Code"] == "NotImplemented"
