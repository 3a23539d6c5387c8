"""Responses in pieces."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError


def events(function: Any, payload: Any = None, **more: Any) -> list[tuple[float, dict[str, Any]]]:
    """What came, and after how many seconds."""
    began = time.monotonic()
    answer = function.client.invoke_with_response_stream(FunctionName=function.name, Payload=json.dumps(payload), **more)
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    return [(time.monotonic() - began, event) for event in answer["EventStream"]]


def test_pieces_come_as_they_are_written(deploy: Any) -> None:
    function = deploy(files={"index.js": """
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  for (let i = 0; i < 3; i++) {
    stream.write(`piece ${i} of ${event.name};`);
    await new Promise(done => setTimeout(done, 400));
  }
  if (event.fail) throw new RangeError('broke off');
  stream.end();
});"""}, Runtime="nodejs20.x", Handler="index.handler")
    found = events(function, {"name": "x"}, LogType="Tail")
    chunks = [e["PayloadChunk"]["Payload"] for _, e in found[:-1]]
    assert b"".join(chunks) == b"piece 0 of x;piece 1 of x;piece 2 of x;"
    assert len(chunks) == 3
    assert found[-1][0] - found[0][0] > 0.9
    assert b"REPORT RequestId" in base64.b64decode(found[-1][1]["InvokeComplete"]["LogResult"])
    assert function.client.invoke(FunctionName=function.name, Payload=b'{"name": "y"}')["Payload"].read() \
        == b"piece 0 of y;piece 1 of y;piece 2 of y;"
    broken = events(function, {"name": "z", "fail": True})
    assert broken[-1][1]["InvokeComplete"]["ErrorCode"] == "Unhandled"
    assert json.loads(broken[-1][1]["InvokeComplete"]["ErrorDetails"])["errorType"] == "RangeError"
    assert events(function, {"name": "x"})[-1][1] == {"InvokeComplete": {}}


def test_functions_that_do_not_stream_answer_in_one_piece(deploy: Any) -> None:
    function = deploy("def handler(event, context):\n    if event: raise KeyError(event)\n    return {'a': 1}")
    assert [e for _, e in events(function)] == [{"PayloadChunk": {"Payload": b'{"a": 1}'}}, {"InvokeComplete": {}}]
    [(_, last)] = events(function, "x")
    assert json.loads(last["InvokeComplete"]["ErrorDetails"])["errorType"] == "KeyError"
    assert function.client.invoke_with_response_stream(FunctionName=function.name, InvocationType="DryRun")["StatusCode"] == 204
    with pytest.raises(ClientError, match="Function not found"):
        function.client.invoke_with_response_stream(FunctionName="none")
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        function.client.invoke_with_response_stream(FunctionName=function.name)
