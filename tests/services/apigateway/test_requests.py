"""Requests to deployed APIs: which method they reach, mocks, templates, parameters, the API's own answers."""

from __future__ import annotations

import gzip
import json

import httpx

from services.apigateway.conftest import Api


def test_requests_reach_their_method_by_host_and_by_path(api: Api) -> None:
    api.mock("/pets/{id}", body='{"id": "$input.params(\'id\')"}')
    api.mock("/pets/mine", body='{"mine": true}')
    api.mock("/files/{path+}", "ANY", body='{"path": "$input.params(\'path\')", "verb": "$context.httpMethod"}')
    api.deploy()
    assert api.ask("/pets/7%20a").json() == {"id": "7 a"}
    assert api.ask("/pets/mine").json() == {"mine": True}
    assert api.ask("/files/a/b/c", "PUT").json() == {"path": "a/b/c", "verb": "PUT"}
    by_path = httpx.get(f"{api.cloud.endpoint}/restapis/{api.id}/test/_user_request_/pets/8")
    assert by_path.json() == {"id": "8"}
    assert by_path.headers["x-amzn-requestid"]
    for answer in (api.ask("/nothing"), api.ask("/pets/7", "POST"), api.ask("/pets")):
        assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})
        assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert (api.ask("/pets/7", stage="none").status_code, api.ask("/x", stage="none").json()) == (403, {"message": "Forbidden"})


def test_a_stage_serves_its_deployment(api: Api) -> None:
    named = api.mock(body="one")
    first = api.deploy()
    api.client.update_integration_response(**named, statusCode="200", patchOperations=[
        {"op": "replace", "path": "/responseTemplates/application~1json", "value": "two"}])
    assert api.ask().text == "one"
    api.deploy()
    assert api.ask().text == "two"
    api.client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        {"op": "replace", "path": "/deploymentId", "value": first}])
    assert api.ask().text == "one"


def test_templates_see_the_request(api: Api) -> None:
    template = """#set($in = $input.path('$'))
{"name": "$in.name", "first": $in.list[0].n, "names": [#foreach($e in $in.list)$e.n#if($foreach.hasNext),#end#end],
 "all": $input.json('$.list[*].n'), "flag": $in.flag, "size": $in.list.size(), "q": "$input.params('q')",
 "header": "$input.params('X-Own')", "stage": "$context.stage", "v": "$stageVariables.v",
 "source": "$context.identity.sourceIp", "js": "$util.escapeJavaScript($in.name)", "up": "$in.name.toUpperCase()",
 "url": "$util.urlEncode('a b')", "b64": "$util.base64Encode('x')", "if": #if($in.flag)1#{else}2#end,
 "parsed": $util.parseJson('{"k": 5}').k, "deep": $input.json('$..n'), "none": $input.json('$.none')}"""
    named = api.mock(verb="POST", body=template)
    api.client.update_method(**named, patchOperations=[])
    api.deploy(variables={"v": "1"})
    answer = api.ask("/?q=w", "POST", json={"name": "it's", "flag": True, "list": [{"n": 1}, {"n": 2}]}, headers={"X-Own": "h"})
    # A mock's answer maps the body that its request's template made: here the status alone.
    assert answer.status_code == 200
    found = named | {"type": "MOCK"}
    api.client.put_integration(**found, passthroughBehavior="WHEN_NO_MATCH", requestTemplates={
        "application/json": '#set($context.responseOverride.x = 1){"statusCode": 200, "name": $input.json(\'$.name\'), '
                            '"flag": true, "list": $input.json(\'$.list\')}'})
    api.client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": template})
    api.deploy()
    said = api.ask("/?q=w", "POST", json={"name": "it's", "flag": True, "list": [{"n": 1}, {"n": 2}]},
                   headers={"X-Own": "h"}).text
    told = json.loads(said.replace("\\'", "'"))
    assert told.pop("source") == "127.0.0.1"
    assert told == {
        "name": "it's", "first": 1, "names": [1, 2], "all": [1, 2], "flag": True, "size": 2, "q": "w", "header": "h",
        "stage": "test", "v": "1", "js": "it's", "up": "IT'S", "url": "a+b", "b64": "eA==", "if": 1, "parsed": 5,
        "deep": [1, 2], "none": ""}


def test_loops_of_templates_end(api: Api) -> None:
    loop = "#foreach($a in [1..{}])#foreach($b in [1..{}])x#end#end"
    for path, sizes in (("/few", (10, 10)), ("/long", (10**9, 1)), ("/many", (1000, 1000))):
        api.mock(path, body=loop.format(*sizes))
    api.deploy()
    assert api.ask("/few").text == "x" * 100
    for path in ("/long", "/many"):
        assert api.ask(path).status_code == 500


def test_templates_may_not_leave_their_names(api: Api) -> None:
    for text in ("$input.__class__", "$input.body.format('x')", "$input['__class__']"):
        api.mock(f"/t{abs(hash(text))}", body=text)
    api.deploy()
    for text in ("$input.__class__", "$input.body.format('x')", "$input['__class__']"):
        assert api.ask(f"/t{abs(hash(text))}").json() == {"message": "Internal server error"}


def test_statuses_are_selected_and_headers_mapped(api: Api) -> None:
    named = api.method("/s", requestParameters={"method.request.querystring.s": False})
    client = api.client
    client.put_integration(**named, type="MOCK", requestTemplates={
        "application/json": "{\"statusCode\": $input.params('s')}"})
    for status in ("200", "404"):
        client.put_method_response(**named, statusCode=status, responseParameters={
            "method.response.header.X-Told": True, "method.response.header.X-Query": False,
            "method.response.header.X-Stage": False})
    client.put_integration_response(**named, statusCode="200")
    client.put_integration_response(**named, statusCode="404", selectionPattern="4\\d\\d", responseTemplates={
        "application/json": "no"}, responseParameters={
            "method.response.header.X-Told": "'fixed'", "method.response.header.X-Query": "context.resourcePath",
            "method.response.header.X-Stage": "context.stage"})
    api.deploy()
    assert api.ask("/s?s=200").status_code == 200
    answer = api.ask("/s?s=404")
    assert (answer.status_code, answer.text) == (404, "no")
    assert [answer.headers[name] for name in ("x-told", "x-query", "x-stage")] == ["fixed", "/s", "test"]
    assert api.ask("/s?s=x").json() == {"message": "Internal server error"}


def test_a_template_overrides_status_and_headers(api: Api) -> None:
    api.mock("/o", body='#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Tea = "pot")no')
    api.deploy()
    answer = api.ask("/o")
    assert (answer.status_code, answer.text, answer.headers["x-tea"]) == (418, "no", "pot")


def test_bodies_pass_or_are_refused_by_the_passthrough_behaviour(api: Api) -> None:
    for passing in ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"):
        api.mock(f"/{passing}", "POST", body="ok", passthroughBehavior=passing)
    api.deploy()
    body, headers = '{"statusCode": 200}', {"Content-Type": "text/plain"}
    assert api.ask("/WHEN_NO_MATCH", "POST", headers=headers, content=body).text == "ok"
    for passing in ("WHEN_NO_TEMPLATES", "NEVER"):
        answer = api.ask(f"/{passing}", "POST", headers=headers, content=body)
        assert (answer.status_code, answer.json()) == (415, {"message": "Unsupported Media Type"})
        assert api.ask(f"/{passing}", "POST", json={}).text == "ok"


def test_requests_are_validated(api: Api) -> None:
    client = api.client
    client.create_model(restApiId=api.id, name="Pet", contentType="application/json", schema=json.dumps({
        "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["name"],
        "properties": {"name": {"type": "string"}, "age": {"type": "integer", "maximum": 30}}}))
    validator = client.create_request_validator(restApiId=api.id, name="all", validateRequestBody=True,
                                                validateRequestParameters=True)["id"]
    api.mock("/pets", "POST", body="ok", method={
        "requestValidatorId": validator, "requestModels": {"application/json": "Pet"},
        "requestParameters": {"method.request.querystring.q": True, "method.request.header.X-Own": True}})
    client.put_gateway_response(restApiId=api.id, responseType="BAD_REQUEST_BODY", statusCode="422", responseTemplates={
        "application/json": '{"why": "$context.error.validationErrorString", "stage": "$context.stage"}'},
        responseParameters={"gatewayresponse.header.X-Why": "'body'"})
    api.deploy()
    good = {"headers": {"X-Own": "1"}}
    assert api.ask("/pets?q=1", "POST", json={"name": "a"}, **good).text == "ok"
    missing = api.ask("/pets", "POST", json={"name": "a"})
    assert (missing.status_code, missing.json()) == (400, {"message": "Missing required request parameters: [q, X-Own]"})
    wrong = api.ask("/pets?q=1", "POST", json={"age": 31}, **good)
    assert (wrong.status_code, wrong.headers["x-why"]) == (422, "body")
    assert 'missing required properties (["name"])' in wrong.text
    assert api.ask("/pets?q=1", "POST", content="{", **good).status_code == 422


def test_answers_are_compressed_from_a_size_on(api: Api) -> None:
    api.mock("/large", body="x" * 2000)
    api.mock("/small", body="x")
    api.client.update_rest_api(restApiId=api.id, patchOperations=[
        {"op": "replace", "path": "/minimumCompressionSize", "value": "1000"}])
    api.deploy()
    answer = api.ask("/large", headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["content-encoding"], answer.text) == ("gzip", "x" * 2000)
    assert len(gzip.compress(b"x" * 2000)) > int(answer.headers["content-length"]) - 50
    assert "content-encoding" not in api.ask("/small", headers={"Accept-Encoding": "gzip"}).headers
    assert "content-encoding" not in api.ask("/large", headers={"Accept-Encoding": "identity"}).headers


def test_an_api_may_have_no_host_of_its_own(api: Api) -> None:
    api.mock(body="ok")
    api.client.update_rest_api(restApiId=api.id, patchOperations=[
        {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}])
    api.deploy()
    assert (api.ask().status_code, api.ask().json()) == (403, {"message": "Forbidden"})


def test_a_model_that_refers_to_nothing_fetches_nothing(api: Api) -> None:
    api.client.create_model(restApiId=api.id, name="Bad", contentType="application/json",
                            schema='{"$ref": "https://apigateway.amazonaws.com/restapis/x/models/None"}')
    validator = api.client.create_request_validator(restApiId=api.id, validateRequestBody=True)["id"]
    api.mock("/m", "POST", method={"requestValidatorId": validator, "requestModels": {"application/json": "Bad"}})
    api.deploy()
    assert (api.ask("/m", "POST", json={}).status_code, api.ask("/m", "POST", json={}).json()) == (
        400, {"message": "Invalid request body"})


def test_expressions_that_never_end_do(api: Api) -> None:
    named = api.mock("/e", "GET")
    api.client.put_method_response(**named, statusCode="500")
    api.client.put_integration_response(**named, statusCode="500", selectionPattern="(2|20|0)+x")
    api.deploy()
    assert api.ask("/e").status_code == 200
