"""What functions write is found in CloudWatch Logs."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def lines(cloud: Cloud, group: str, wanted: str, seconds: float = 10.0) -> list[dict[str, Any]]:
    """The events of a group, once one of them has this text."""
    logs = cloud.client("logs")
    end = time.monotonic() + seconds
    while True:
        try:
            found = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            found = []
        if any(wanted in e["message"] for e in found):
            return found
        assert time.monotonic() < end, [e["message"] for e in found]
        time.sleep(0.05)


def test_each_environment_has_a_stream_with_its_lines(deploy: Any, cloud: Cloud) -> None:
    function = deploy("import logging\ndef handler(event, context):\n    print('said', event)\n"
                      "    logging.error('two\\nlines')\n    return context.log_stream_name", name="talker")
    stream = function({"n": 1})
    found = lines(cloud, "/aws/lambda/talker", "REPORT")
    assert {e["logStreamName"] for e in found} == {stream}
    messages = [e["message"] for e in found]
    assert messages[0].startswith("START RequestId: ")
    assert messages[1] == "said {'n': 1}"
    assert messages[2].endswith("two\nlines")
    assert messages[3].startswith("END RequestId: ")
    function({"n": 2})
    assert len(lines(cloud, "/aws/lambda/talker", "said {'n': 2}")) > len(found)


def test_errors_and_ends_are_logged(deploy: Any, cloud: Cloud) -> None:
    function = deploy("import os\ndef handler(event, context):\n    print('last words', end='', flush=True)\n"
                      "    os._exit(1)", name="dying")
    function.raw()
    messages = [e["message"] for e in lines(cloud, "/aws/lambda/dying", "Runtime.ExitError")]
    assert "last wordsRequestId:" in messages[1] or messages[1] == "last words"
    assert any("Error: Runtime exited with error: exit status 1" in m for m in messages)


def test_the_group_may_be_another_one(deploy: Any, cloud: Cloud) -> None:
    function = deploy("def handler(event, context):\n    print('here')\n    return context.log_group_name", name="moved",
                      LoggingConfig={"LogGroup": "ours"})
    assert function() == "ours"
    assert lines(cloud, "ours", "here")
    assert function.client.get_function_configuration(FunctionName="moved")["LoggingConfig"]["LogGroup"] == "ours"


LOGGER = """
import logging
log = logging.getLogger("shop")
def handler(event, context):
    print("plain")
    log.debug("quiet")
    log.info("sold", extra={"amount": 3})
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("odd")
    if event:
        raise ValueError("no")
"""
CONSOLE = """
exports.handler = async event => {
  console.debug('quiet');
  console.info('sold %d', 3);
  console.log({amount: 3});
  console.error('odd', new RangeError('far'));
  if (event.fail) throw new TypeError('no');
};
"""


def objects(messages: list[str]) -> list[dict[str, Any]]:
    return [json.loads(message) for message in messages if message.startswith("{")]


def test_python_logs_in_json(deploy: Any, cloud: Cloud) -> None:
    function = deploy(LOGGER, name="structured", LoggingConfig={"LogFormat": "JSON"})
    assert function.client.get_function_configuration(FunctionName="structured")["LoggingConfig"] == {
        "LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", "LogGroup": "/aws/lambda/structured"}
    answer = function.raw(True)
    request = answer["ResponseMetadata"]["RequestId"]
    messages = [e["message"] for e in lines(cloud, "/aws/lambda/structured", "platform.report")]
    assert messages == answer["Log"].splitlines()
    start, sold, odd, failed, done, report = objects(messages)
    assert messages[1] == "plain"
    assert (start["type"], start["record"]["requestId"], start["record"]["version"]) == ("platform.start", request, "$LATEST")
    assert sold.pop("timestamp").endswith("Z")
    assert sold == {"level": "INFO", "message": "sold", "logger": "shop", "requestId": request, "amount": 3}
    assert (odd["level"], odd["errorType"], odd["errorMessage"]) == ("ERROR", "ZeroDivisionError", "division by zero")
    assert odd["location"].startswith("/var/task/app.py:handler:")
    assert (failed["level"], failed["errorType"], failed["requestId"]) == ("ERROR", "ValueError", request)
    assert (done["type"], done["record"]["status"]) == ("platform.runtimeDone", "error")
    assert (report["type"], report["record"]["status"], report["record"]["errorType"]) == (
        "platform.report", "error", "ValueError")
    assert report["record"]["metrics"]["memorySizeMB"] == 128


def test_levels_choose_what_is_kept(deploy: Any) -> None:
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR", "SystemLogLevel": "DEBUG"}
    function = deploy(LOGGER, name="chosen", LoggingConfig=config)
    kept = [(o.get("type") or o["level"]) for o in objects(function.raw(False)["Log"].splitlines())]
    assert kept == ["platform.initRuntimeDone", "platform.initReport", "platform.start", "ERROR", "platform.runtimeDone",
                    "platform.report"] or kept[2:] == ["platform.start", "ERROR", "platform.runtimeDone", "platform.report"]
    client = function.client
    client.update_function_configuration(FunctionName="chosen", LoggingConfig={
        "ApplicationLogLevel": "TRACE", "SystemLogLevel": "WARN"})
    told = [o.get("message") for o in objects(function.raw(False)["Log"].splitlines())]
    assert told == ["quiet", "sold", "odd"]
    client.update_function_configuration(FunctionName="chosen", LoggingConfig={"LogFormat": "Text"})
    assert client.get_function_configuration(FunctionName="chosen")["LoggingConfig"] == {
        "LogFormat": "Text", "LogGroup": "/aws/lambda/chosen"}
    assert function.raw(False)["Log"].startswith("START RequestId: ")
    with pytest.raises(ClientError, match='LogLevel is not supported when LogFormat is set to "Text"'):
        client.update_function_configuration(FunctionName="chosen", LoggingConfig={"SystemLogLevel": "WARN"})


def test_node_logs_in_json(deploy: Any) -> None:
    function = deploy(files={"index.js": CONSOLE}, Runtime="nodejs20.x", Handler="index.handler", MemorySize=256,
                      LoggingConfig={"LogFormat": "JSON"})
    answer = function.raw({"fail": True})
    _, sold, amount, odd, failed, _, report = objects(answer["Log"].splitlines())
    assert sold.pop("timestamp").endswith("Z")
    assert sold == {"level": "INFO", "requestId": answer["ResponseMetadata"]["RequestId"], "message": "sold 3"}
    assert amount["message"] == {"amount": 3}
    assert (odd["level"], odd["errorType"], odd["errorMessage"]) == ("ERROR", "RangeError", "far")
    assert failed["message"]["errorType"] == "TypeError"
    assert failed["message"]["stackTrace"][0] == "TypeError: no"
    assert report["type"] == "platform.report"
    client = function.client
    client.update_function_configuration(FunctionName=function.name, LoggingConfig={"ApplicationLogLevel": "DEBUG"})
    assert '"message":"quiet"' in function.raw({})["Log"]
