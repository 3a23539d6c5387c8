"""What functions write is found in CloudWatch Logs."""

from __future__ import annotations

import time
from typing import Any

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
