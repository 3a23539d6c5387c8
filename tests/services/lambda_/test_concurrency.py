"""How many events run at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_reserved_concurrency_is_the_most_that_runs(deploy: Any) -> None:
    function = deploy("import time\ndef handler(event, context):\n    time.sleep(event)\n    return 1")
    client = function.client
    assert client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)[
        "ReservedConcurrentExecutions"] == 1
    assert client.get_function_concurrency(FunctionName=function.name)["ReservedConcurrentExecutions"] == 1
    assert client.get_function(FunctionName=function.name)["Concurrency"] == {"ReservedConcurrentExecutions": 1}
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 999
    assert function(0) == 1
    busy = threading.Thread(target=function, args=(1.5,))
    busy.start()
    time.sleep(0.5)
    with pytest.raises(ClientError) as problem:
        function(0)
    said = problem.value.response
    assert (said["Error"]["Code"], said["Error"]["Message"]) == ("TooManyRequestsException", "Rate Exceeded.")
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert said["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    busy.join()
    assert function(0) == 1
    client.delete_function_concurrency(FunctionName=function.name)
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName=function.name)
    assert "Concurrency" not in client.get_function(FunctionName=function.name)


def test_something_is_left_for_all_others(deploy: Any) -> None:
    function = deploy()
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=901)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=900)
    function.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="Rate Exceeded"):
        function()
