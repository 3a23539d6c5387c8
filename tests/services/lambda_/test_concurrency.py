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


def test_provisioned_environments_are_ready_before_they_are_asked(deploy: Any) -> None:
    function = deploy("import os\nbegun = os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\n"
                      "def handler(event, context): return begun")
    client, name = function.client, function.name
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")

    def code(call: Any, **members: Any) -> str:
        with pytest.raises(ClientError) as problem:
            call(FunctionName=name, **members)
        return str(problem.value.response["Error"]["Code"])

    put = client.put_provisioned_concurrency_config
    assert code(put, Qualifier="$LATEST", ProvisionedConcurrentExecutions=1) == "InvalidParameterValueException"
    assert code(put, Qualifier="live", ProvisionedConcurrentExecutions=1001) == "InvalidParameterValueException"
    assert code(client.get_provisioned_concurrency_config, Qualifier="live") == "ProvisionedConcurrencyConfigNotFoundException"
    made = put(FunctionName=name, Qualifier="live", ProvisionedConcurrentExecutions=2)
    assert (made["Status"], made["RequestedProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 2)
    end = time.monotonic() + 20
    while client.get_provisioned_concurrency_config(FunctionName=name, Qualifier="live")["Status"] != "READY":
        assert time.monotonic() < end
        time.sleep(0.05)
    answer = function.raw(Qualifier="live")
    assert answer["Payload"] == "provisioned-concurrency"
    assert "Init Duration" not in answer["Log"]
    assert function() == "on-demand"
    listed = client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"]
    assert [(c["FunctionArn"], c["AvailableProvisionedConcurrentExecutions"]) for c in listed] == [(f"{function.arn}:live", 2)]
    client.delete_provisioned_concurrency_config(FunctionName=name, Qualifier="live")
    assert client.list_provisioned_concurrency_configs(FunctionName=name)["ProvisionedConcurrencyConfigs"] == []
