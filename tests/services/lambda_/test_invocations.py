"""Invocations: real code in real sandboxes, over the wire."""

from __future__ import annotations

import base64
import io
import json
import re
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def refused(call: Any, **members: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as problem:
        call(**members)
    found: dict[str, Any] = problem.value.response
    return found


def test_a_python_function_answers(deploy: Any) -> None:
    function = deploy("def handler(event, context): return {'got': event, 'id': context.aws_request_id}")
    answer = function.raw({"a": [1, "ü"]})
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["Payload"] == {"got": {"a": [1, "ü"]}, "id": answer["ResponseMetadata"]["RequestId"]}
    assert function()["got"] == {}


def test_a_nodejs_function_answers(deploy: Any) -> None:
    answer = "({got: event, left: context.getRemainingTimeInMillis()})"
    for name, source in {"index.js": f"exports.handler = async (event, context) => {answer}",
                         "index.mjs": f"export const handler = (event, context, done) => done(null, {answer})"}.items():
        function = deploy(name=name.replace(".", "-"), files={name: source}, Runtime="nodejs22.x", Handler="index.handler")
        answer = function({"a": 1})
        assert answer["got"] == {"a": 1}
        assert answer["left"] > 0
        assert function({"b": 2})["got"] == {"b": 2}


def test_a_bootstrap_of_ones_own_answers(deploy: Any) -> None:
    """The first example of AWS's tutorial."""
    bootstrap = """#!/bin/sh
set -euo pipefail
source $LAMBDA_TASK_ROOT/"$(echo $_HANDLER | cut -d. -f1).sh"
while true
do
  HEADERS="$(mktemp)"
  EVENT_DATA=$(curl -sS -LD "$HEADERS" "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next")
  REQUEST_ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  RESPONSE=$($(echo "$_HANDLER" | cut -d. -f2) "$EVENT_DATA")
  curl "http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/$REQUEST_ID/response"  -d "$RESPONSE"
done
"""
    function = deploy(files={"bootstrap": bootstrap, "function.sh": 'handler () { echo "{\\"echo\\": $1}"; }'},
                      Runtime="provided.al2023", Handler="function.handler")
    assert function({"a": 1}) == {"echo": {"a": 1}}
    assert function({"b": 1}) == {"echo": {"b": 1}}


def test_the_environment_is_lambdas(deploy: Any, cloud: Cloud) -> None:
    function = deploy("""
import os, sys
def handler(event, context):
    tmp, told = os.statvfs("/tmp"), ("memory_limit_in_mb", "invoked_function_arn", "log_group_name", "log_stream_name")
    return {"env": dict(os.environ), "path": sys.path, "cwd": os.getcwd(), "tmp": tmp.f_blocks * tmp.f_frsize,
            "context": {k: getattr(context, k) for k in told}, "left": context.get_remaining_time_in_millis()}
""", name="env", Environment={"Variables": {"MINE": "yes"}}, MemorySize=256, EphemeralStorage={"Size": 600})
    said = function()
    env, context = said["env"], said["context"]
    assert (env["MINE"], env["_HANDLER"], env["AWS_REGION"]) == ("yes", "app.handler", "us-east-1")
    assert env["AWS_LAMBDA_FUNCTION_NAME"] == "env"
    assert (env["AWS_EXECUTION_ENV"], env["LAMBDA_TASK_ROOT"], env["TZ"]) == ("AWS_Lambda_python3.11", "/var/task", ":UTC")
    assert env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == context["memory_limit_in_mb"] == "256"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=[0-9a-f]{8}:1",
                        env["_X_AMZN_TRACE_ID"])
    assert said["path"][:3] == ["/var/task", "/opt/python/lib/python3.11/site-packages", "/opt/python"]
    assert said["cwd"] == "/var/task"
    assert said["tmp"] == 600 << 20
    assert context["invoked_function_arn"] == function.arn
    assert context["log_group_name"] == "/aws/lambda/env"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["log_stream_name"])
    assert 9000 < said["left"] <= 10_000


def test_sdks_inside_reach_this_cloud(deploy: Any, cloud: Cloud) -> None:
    cloud.client("s3").create_bucket(Bucket=f"from-{cloud.account}")
    function = deploy("""
import boto3
def handler(event, context):
    s3 = boto3.client("s3")
    s3.put_object(Bucket=event, Key="a", Body=b"inside")
    return [boto3.client("sts").get_caller_identity()["Account"], s3.get_object(Bucket=event, Key="a")["Body"].read().decode()]
""", MemorySize=256)
    assert function(f"from-{cloud.account}") == [cloud.account, "inside"]


def test_a_function_has_the_rights_of_its_role(deploy: Any, cloud: Cloud) -> None:
    iam = cloud.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                                                     "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    function = deploy("""
import boto3
def handler(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]
""", name="who", Role=role, MemorySize=256)
    assert function() == f"arn:aws:sts::{cloud.account}:assumed-role/runner/who"


def test_environments_are_used_again_until_something_changes(deploy: Any) -> None:
    function = deploy("import os\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n"
                      "    return [count, os.environ.get('NEW')]")
    assert [function() for _ in range(3)] == [[1, None], [2, None], [3, None]]
    time.sleep(2)                                        # it was frozen meanwhile
    assert function() == [4, None]
    function.client.update_function_configuration(FunctionName=function.name, Environment={"Variables": {"NEW": "1"}})
    assert function() == [1, "1"]
    published = function.client.publish_version(FunctionName=function.name)["Version"]
    assert function(Qualifier=published) == [1, "1"]
    assert function(Qualifier="$LATEST") == [2, "1"]


def test_log_lines_are_as_lambda_writes_them(deploy: Any) -> None:
    function = deploy("import logging\ndef handler(event, context):\n    print('said', event)\n"
                      "    logging.warning('two\\nlines')\n    return 1")
    answer = function.raw({"n": 1})
    request = answer["ResponseMetadata"]["RequestId"]
    lines = answer["Log"].splitlines()
    assert lines[0] == f"START RequestId: {request} Version: $LATEST"
    assert lines[1] == "said {'n': 1}"
    assert re.fullmatch(rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request}\ttwo", lines[2])
    assert lines[3:5] == ["lines", f"END RequestId: {request}"]
    assert re.fullmatch(rf"REPORT RequestId: {request}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t"
                        r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t", lines[5])
    again = function.raw()
    assert "Init Duration" not in again["Log"]
    assert "said {}" in again["Log"]
    assert "LogResult" not in function.client.invoke(FunctionName=function.name)
    long = function.raw({"long": "x" * 9000})
    assert len(base64.b64decode(long["LogResult"])) == 4096


# --- what goes wrong ---


def test_errors_of_a_handler_are_told(deploy: Any) -> None:
    function = deploy("class Odd(Exception): pass\ndef inner(): raise Odd('no')\ndef handler(event, context): inner()")
    answer = function.raw()
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    said = answer["Payload"]
    assert (said["errorType"], said["errorMessage"]) == ("Odd", "no")
    assert said["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert len(said["stackTrace"]) == 2
    assert 'File "/var/task/app.py", line 2, in inner' in said["stackTrace"][1]
    assert "[ERROR] Odd: no\nTraceback (most recent call last):" in answer["Log"]


@pytest.mark.parametrize(("body", "handler", "kind", "message"), [
    ("import nothing_here\ndef handler(e, c): pass", "app.handler", "Runtime.ImportModuleError",
     "Unable to import module 'app': No module named 'nothing_here'"),
    ("def handler(e, c): pass", "app.other", "Runtime.HandlerNotFound", "Handler 'other' missing on module 'app'"),
    ("def handler(e, c) pass", "app.handler", "Runtime.UserCodeSyntaxError",
     "Syntax error in module 'app': expected ':' (app.py, line 1)"),
    ("x = 1 / 0\ndef handler(e, c): pass", "app.handler", "ZeroDivisionError", "division by zero"),
    ("def handler(e, c): return object()", "app.handler", "Runtime.MarshalError",
     "Unable to marshal response: Object of type object is not JSON serializable"),
    ("def handler(e, c): pass", "handler", "Runtime.MalformedHandlerName",
     "Bad handler 'handler': not enough values to unpack (expected 2, got 1)")])
def test_what_cannot_be_loaded_is_told(deploy: Any, body: str, handler: str, kind: str, message: str) -> None:
    answer = deploy(body, Handler=handler).raw()
    assert answer["FunctionError"] == "Unhandled"
    assert (answer["Payload"]["errorType"], answer["Payload"]["errorMessage"]) == (kind, message)
    assert answer["Payload"]["requestId"] in (answer["ResponseMetadata"]["RequestId"], "")


def test_errors_of_nodejs_are_told(deploy: Any) -> None:
    def outcome(source: str, handler: str = "index.handler") -> dict[str, Any]:
        name = f"node-{abs(hash(source + handler))}"
        answer = deploy(name=name, files={"index.js": source}, Runtime="nodejs20.x", Handler=handler).raw()
        assert answer["FunctionError"] == "Unhandled"
        found: dict[str, Any] = answer["Payload"]
        return found

    said = outcome("exports.handler = async () => { throw new RangeError('far') }")
    assert (said["errorType"], said["errorMessage"], said["trace"][0]) == ("RangeError", "far", "RangeError: far")
    assert outcome("exports.handler = (e, c, done) => done(new Error('no'))")["errorMessage"] == "no"
    named = "exports.handler = async () => { const e = new Error('odd'); e.name = 'Größe\\r\\n\\r\\n'; throw e }"
    assert outcome(named)["errorType"] == "Größe\r\n\r\n"
    assert outcome("exports.handler = 1")["errorType"] == "Runtime.HandlerNotFound"
    assert outcome("require('none')")["errorType"] == "Runtime.ImportModuleError"
    assert outcome("exports.handler = {", "index.handler")["errorType"] == "Runtime.UserCodeSyntaxError"
    assert outcome("exports.handler = () => { setTimeout(() => { throw new Error('late') }, 1); return new Promise(() => {}) }"
                   )["errorMessage"] == "late"


def test_a_function_that_takes_too_long_is_ended(deploy: Any) -> None:
    function = deploy("import time\ndef handler(event, context):\n    print('begun', flush=True)\n"
                      "    time.sleep(event)\n    return 1", Timeout=1)
    assert function(0) == 1
    began = time.monotonic()
    answer = function.raw(5)
    assert 0.9 < time.monotonic() - began < 3
    request = answer["ResponseMetadata"]["RequestId"]
    assert answer["FunctionError"] == "Unhandled"
    assert answer["Payload"] == {"errorType": "Sandbox.Timedout",
                                 "errorMessage": f"RequestId: {request} Error: Task timed out after 1.00 seconds"}
    assert re.search(rf"Z {request} Task timed out after 1\.00 seconds\n", answer["Log"])
    assert "begun" in answer["Log"]
    assert answer["Log"].endswith("Status: timeout\n")
    assert "Init Duration" in function.raw(0)["Log"]     # in a new environment


def test_a_runtime_that_ends_is_told(deploy: Any) -> None:
    function = deploy("import os, signal, sys\ndef handler(event, context):\n    if event == 'exit': os._exit(3)\n"
                      "    if event == 'quit': sys.exit(0)\n    if event == 'kill': os.kill(os.getpid(), 9)\n    return 'fine'")
    for event, message in (("exit", "Runtime exited with error: exit status 3"),
                           ("kill", "Runtime exited with error: signal: killed"),
                           ("quit", "Runtime exited without providing a reason")):
        answer = function.raw(event)
        request = answer["ResponseMetadata"]["RequestId"]
        assert answer["Payload"] == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request} Error: {message}"}
        assert answer["FunctionError"] == "Unhandled"
        assert "Status: error\tError Type: Runtime.ExitError" in answer["Log"]
        assert function("") == "fine"


def test_a_function_has_only_its_memory(deploy: Any) -> None:
    function = deploy("def handler(event, context):\n    x = bytearray(event << 20)\n    return len(x)", MemorySize=256)
    assert function(10) == 10 << 20
    assert function.raw(2000)["Payload"]["errorType"] == "MemoryError"
    shared = deploy("import mmap, time\ndef handler(event, context):\n    m = mmap.mmap(-1, 1 << 30)\n"
                    "    for i in range(0, 1 << 30, 4096):\n        m[i] = 1\n"
                    "        if i % (1 << 22) == 0: time.sleep(0.01)\n", name="shared")
    answer = shared.raw()
    assert answer["Payload"]["errorType"] == "Runtime.OutOfMemory"
    assert answer["Payload"]["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")


def test_runtimes_that_are_not_here_are_refused_with_what_to_install(deploy: Any) -> None:
    function = deploy(Runtime="python3.8")
    said = refused(function.client.invoke, FunctionName=function.name)
    assert said["Error"]["Code"] == "InvalidRuntimeException"
    assert "python3.8 on PATH" in said["Error"]["Message"]
    dotnet = deploy(name="dotnet", Runtime="dotnet8")
    assert "no runtime client for dotnet" in refused(dotnet.client.invoke, FunctionName="dotnet")["Error"]["Message"]


def test_bad_invocations_are_refused(deploy: Any, cloud: Cloud) -> None:
    function = deploy()
    client = function.client
    missing = refused(client.invoke, FunctionName="none")
    assert missing["Error"]["Code"] == "ResourceNotFoundException"
    assert missing["Error"]["Message"] == f"Function not found: arn:aws:lambda:us-east-1:{cloud.account}:function:none"
    assert refused(client.invoke, FunctionName=function.name, Qualifier="7")["Error"]["Code"] == "ResourceNotFoundException"
    assert refused(client.invoke, FunctionName=function.name, Qualifier="none")["Error"]["Code"] == "ResourceNotFoundException"
    assert refused(client.invoke, FunctionName=function.name, Payload=b"{")["Error"]["Code"] == "InvalidRequestContentException"
    large = refused(client.invoke, FunctionName=function.name, Payload=json.dumps("x" * 6_300_000))
    assert (large["Error"]["Code"], large["ResponseMetadata"]["HTTPStatusCode"]) == ("RequestTooLargeException", 413)
    assert client.invoke(FunctionName=function.name, InvocationType="DryRun")["StatusCode"] == 204
    echo = function("x" * 6_000_000)
    assert len(echo) == 6_000_000
    big = deploy("def handler(event, context): return 'x' * event", name="big")
    for size in (6_400_000, 9_000_000):                  # the second one is refused before it is read whole
        assert big.raw(size)["Payload"]["errorType"] == "Function.ResponseSizeTooLarge"
    assert big(1) == "x"


def test_aliases_with_weights_give_to_both_versions(deploy: Any) -> None:
    function = deploy("def handler(event, context): return context.function_version")
    client = function.client
    for description in ("one", "two"):
        client.update_function_configuration(FunctionName=function.name, Description=description)
        client.publish_version(FunctionName=function.name)
    client.create_alias(FunctionName=function.name, Name="live", FunctionVersion="1",
                        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    answers = [function.raw(Qualifier="live") for _ in range(40)]
    assert {a["Payload"] for a in answers} == {"1", "2"}
    assert all(a["Payload"] == a["ExecutedVersion"] for a in answers)


def test_events_at_once_run_beside_each_other(deploy: Any) -> None:
    function = deploy("import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return event")
    with ThreadPoolExecutor(6) as threads:
        began = time.monotonic()
        assert list(threads.map(function, range(6))) == list(range(6))
    assert time.monotonic() - began < 2.5


def test_what_a_client_tells_of_itself_reaches_the_function(deploy: Any) -> None:
    function = deploy("def handler(event, context):\n    told = context.client_context\n"
                      "    return [told.custom, told.client.app_title]")
    told = base64.b64encode(json.dumps({"custom": {"k": "v"}, "client": {"app_title": "demo"}}).encode()).decode()
    assert function(ClientContext=told) == [{"k": "v"}, "demo"]


def test_status_tells_of_sandboxes_and_environments(deploy: Any, cloud: Cloud) -> None:
    deploy()()
    told = httpx.get(f"{cloud.endpoint}/_cumulet/status").json()["drivers"]
    assert told["sandboxes"]["running"] >= 1
    assert told["sandboxes"]["kind"] == "namespace"
    assert told["functions"]["environments"] >= told["functions"]["free"] >= 1


def test_the_environments_of_a_deleted_function_end(deploy: Any, start_cloud: Any) -> None:
    cloud = Cloud(start_cloud(), "111122223333")
    client = cloud.client("lambda")

    def environments() -> int:
        return int(httpx.get(f"{cloud.endpoint}/_cumulet/status").json()["drivers"]["functions"]["environments"])

    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as z:
        z.writestr("app.py", "def handler(event, context): return 1")
    client.create_function(FunctionName="f", Role="arn:aws:iam::111122223333:role/r", Runtime="python3.11",
                           Handler="app.handler", Code={"ZipFile": package.getvalue()})
    client.invoke(FunctionName="f")
    assert environments() == 1
    client.delete_function(FunctionName="f")
    end = time.monotonic() + 5
    while environments():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_traces_go_through_and_are_sampled_when_asked(deploy: Any) -> None:
    function = deploy("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']",
                      TracingConfig={"Mode": "Active"})
    assert ";Sampled=1;Lineage=" in function()


def test_what_is_not_honoured_is_refused(deploy: Any) -> None:
    for members in ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": []}},
                    {"PackageType": "Image"}):
        with pytest.raises(ClientError) as problem:
            deploy(**members)
        assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="Reserved keys used in this request: AWS_REGION"):
        deploy(Environment={"Variables": {"AWS_REGION": "x"}})
