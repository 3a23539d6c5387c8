"""Ruby functions run by the ruby on PATH; where there is none, their invocation says what to install."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Deploy

HANDLER = """
require "helper"
def handler(event:, context:)
  puts "said #{event}"
  raise KeyError, "no such thing" if event["fail"]
  exit 3 if event["exit"]
  { event: event, name: context.function_name, arn: context.invoked_function_arn, left: context.get_remaining_time_in_millis,
    count: Helper.next, trace: ENV["_X_AMZN_TRACE_ID"], memory: context.memory_limit_in_mb }
end
module Shop
  class Desk
    def self.serve(event:, context:) = event["n"] + 1
  end
end
"""
HELPER = "module Helper\n  @count = 0\n  def self.next = @count += 1\nend\n"


@pytest.fixture
def ruby(deploy: Deploy) -> Deploy:
    def make(handler: str = "app.handler", text: str = HANDLER, **more: Any) -> Any:
        return deploy(files={"app.rb": text, "helper.rb": HELPER}, Runtime="ruby3.3", Handler=handler, MemorySize=256, **more)

    return make


def test_ruby_functions_run_where_ruby_is_and_say_what_is_missing_elsewhere(ruby: Deploy) -> None:
    function = ruby()
    if shutil.which("ruby") is None:
        with pytest.raises(ClientError, match=r"needs the program ruby \(3.0 or later\) on PATH. Install Ruby") as problem:
            function()
        assert problem.value.response["Error"]["Code"] == "InvalidRuntimeException"
        return
    answer = function.raw({"n": 1, "text": "ü"})
    said = answer["Payload"]
    assert (said["event"], said["name"], said["arn"], said["count"]) == ({"n": 1, "text": "ü"}, function.name, function.arn, 1)
    assert 0 < said["left"] <= 10_000
    assert said["trace"].startswith("Root=1-")
    assert said["memory"] == "256"
    assert 'said {"n"' in answer["Log"]
    assert function({})["count"] == 2
    failed = function.raw({"fail": True})
    assert (failed["FunctionError"], failed["Payload"]["errorType"]) == ("Unhandled", "Function<KeyError>")
    assert failed["Payload"]["errorMessage"] == "no such thing"
    assert "app.rb:5:in" in failed["Payload"]["stackTrace"][0]
    assert "Error raised from handler method" in failed["Log"]
    assert function({})["count"] == 3
    assert function.raw({"exit": True})["Payload"]["errorType"] == "Runtime.ExitError"
    assert function({})["count"] == 1
    function.client.update_function_configuration(FunctionName=function.name, Handler="app.Shop::Desk.serve")
    assert function({"n": 4}) == 5
    for handler, kind in (("app.nothing", "Init<NameError>"), ("nowhere.handler", "Init<LoadError>"),
                          ("app", "Init<ArgumentError>")):
        function.client.update_function_configuration(FunctionName=function.name, Handler=handler)
        assert function.raw({})["Payload"]["errorType"] == kind
