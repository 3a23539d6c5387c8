"""Durable executions: a function says what it did, and is invoked again when there is more for it to do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, Start
from services.lambda_.conftest import ROLE, Deployed, zipped

# What SDKs do around a handler: `say` sends updates, `known` holds the operations, `given` is the input.
FRAME = """
import boto3, json
client = boto3.client("lambda")
class Turn:
    def __init__(self, event):
        self.arn, self.token, self.fresh = event["DurableExecutionArn"], event["CheckpointToken"], event["UpdatedOperationIds"]
        operations = event["InitialExecutionState"]["Operations"]
        self.given = json.loads(operations[0]["ExecutionDetails"]["InputPayload"])
        self.known = {o["Id"]: o for o in operations[1:]}
    def say(self, *updates, **more):
        got = client.checkpoint_durable_execution(
            DurableExecutionArn=self.arn, CheckpointToken=self.token, Updates=list(updates), **more)
        self.token = got.get("CheckpointToken")
        self.known.update({o["Id"]: o for o in got["NewExecutionState"]["Operations"]})
        return got
    def update(self, id, kind, action, **more):
        return self.say({"Id": id, "Type": kind, "Action": action, **more})
PENDING = {"Status": "PENDING"}
def done(result):
    return {"Status": "SUCCEEDED", "Result": json.dumps(result)}
def handler(event, context):
    return turn(Turn(event))
"""
STEP_AND_WAIT = FRAME + """
def turn(t):
    if "work" not in t.known:
        t.say({"Id": "work", "Type": "STEP", "Action": "START", "Name": "work"},
              {"Id": "work", "Type": "STEP", "Action": "SUCCEED", "Payload": str(t.given["n"] + 1)})
        t.update("rest", "WAIT", "START", WaitOptions={"WaitSeconds": 3600})
    if t.known["rest"]["Status"] != "SUCCEEDED":
        return PENDING
    return done([t.known["work"]["StepDetails"]["Result"], t.fresh])
"""
Made = Callable[..., "Durable"]


class Durable:
    """A durable function, and the last execution of it."""

    def __init__(self, cloud: Cloud, function: Any) -> None:
        self.clock, self.client, self.name, self.function = cloud.clock, function.client, function.name, function
        self.arn = ""

    def begin(self, given: Any, **more: Any) -> str:
        self.arn = self.client.invoke(FunctionName=self.name, Qualifier="$LATEST", InvocationType="Event",
                                      Payload=json.dumps(given), **more)["DurableExecutionArn"]
        return self.arn

    def get(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get_durable_execution(DurableExecutionArn=self.arn)
        return told

    def events(self, **more: Any) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = self.client.get_durable_execution_history(
            DurableExecutionArn=self.arn, MaxItems=1000, **more)["Events"]
        return told

    def until(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The event of a kind in the history, once it is there."""
        end = time.monotonic() + 20
        while True:
            found = [event for event in self.events() if event["EventType"] == kind]
            if len(found) >= count:
                return found[-1]
            assert time.monotonic() < end, [event["EventType"] for event in self.events()]
            time.sleep(0.02)

    def after(self, seconds: float, turns: int) -> None:
        """Once so many turns are over, time passes."""
        self.until("InvocationCompleted", turns)
        self.clock.advance(seconds)

    def result(self) -> Any:
        self.until("ExecutionSucceeded")
        return json.loads(self.get()["Result"])


@pytest.fixture
def durable(deploy: Any, cloud: Cloud) -> Made:
    def make(body: str, **more: Any) -> Durable:
        return Durable(cloud, deploy(body, MemorySize=256, **{"DurableConfig": {"ExecutionTimeout": 90_000}, **more}))

    return make


def code(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


def test_a_function_goes_on_after_its_wait_with_what_it_did(durable: Made) -> None:
    function = durable(STEP_AND_WAIT)
    arn = function.begin({"n": 1}, DurableExecutionName="first")
    assert arn.startswith(f"{function.function.arn}:$LATEST/durable-execution/first/")
    function.until("InvocationCompleted")
    told = function.get()
    assert (told["Status"], told["InputPayload"], told["Version"]) == ("RUNNING", '{"n": 1}', "$LATEST")
    assert told["DurableConfig"] == {"RetentionPeriodInDays": 14, "ExecutionTimeout": 90_000}
    function.clock.advance(3601)
    assert function.result() == ["2", ["rest"]]
    kinds = [event["EventType"] for event in function.events()]
    assert kinds == ["ExecutionStarted", "StepStarted", "StepSucceeded", "WaitStarted", "InvocationCompleted", "WaitSucceeded",
                     "InvocationCompleted", "ExecutionSucceeded"]
    work = function.events()[2]
    assert (work["Name"], work["StepSucceededDetails"]["Result"]) == ("work", {"Payload": "2", "Truncated": False})
    assert function.events()[5]["WaitSucceededDetails"]["Duration"] >= 3600
    assert [e["EventId"] for e in function.events(ReverseOrder=True)] == list(range(8, 0, -1))
    bare = function.events(IncludeExecutionData=False)[0]["ExecutionStartedDetails"]
    assert bare["Input"] == {"Truncated": True}
    pages = function.client.get_paginator("get_durable_execution_history").paginate(
        DurableExecutionArn=arn, PaginationConfig={"PageSize": 3})
    assert [len(page["Events"]) for page in pages] == [3, 3, 2]
    without = function.client.get_durable_execution(DurableExecutionArn=arn, IncludeExecutionData=False)
    assert (without["ExecutionDataIncluded"], "Result" in without, "InputPayload" in without) == (False, False, False)


def test_who_waits_gets_the_result_or_the_error(durable: Made) -> None:
    function = durable(FRAME + "def turn(t):\n"
                       "    bad = {'ErrorType': 'Bad', 'ErrorMessage': 'so'}\n"
                       "    if t.given == 'bad': return {'Status': 'FAILED', 'Error': bad}\n"
                       "    if t.given == 'odd': return {'else': 1}\n"
                       "    if t.given == 'idle': return PENDING\n"
                       "    if t.given == 'large':\n"
                       "        t.update('all', 'EXECUTION', 'SUCCEED', Payload='\"much\"')\n"
                       "        return {'Status': 'SUCCEEDED', 'Result': ''}\n"
                       "    return done(t.given)", DurableConfig={"ExecutionTimeout": 900, "RetentionPeriodInDays": 1})
    answer = function.function.raw("x", Qualifier="$LATEST", LogType=None)
    assert (answer["Payload"], answer["ExecutedVersion"]) == ("x", "$LATEST")
    assert "/durable-execution/" in answer["DurableExecutionArn"]
    assert function.function("large", Qualifier="$LATEST") == "much"
    for given, message in (("odd", "Invalid Status in invocation output."),
                           ("idle", "Cannot return PENDING status with no pending operations.")):
        failed = function.function.raw(given, Qualifier="$LATEST")
        assert (failed["FunctionError"], failed["Payload"]["errorMessage"]) == ("Unhandled", message)
    failed = function.function.raw("bad", Qualifier="$LATEST")
    assert failed["Payload"] == {"errorType": "Bad", "errorMessage": "so"}
    function.arn = failed["DurableExecutionArn"]
    assert function.get()["Error"] == {"ErrorType": "Bad", "ErrorMessage": "so"}
    function.clock.advance(86_401)
    assert code(function.client.get_durable_execution, DurableExecutionArn=function.arn) == "ResourceNotFoundException"


def test_what_cannot_be_begun_is_refused(durable: Made, deploy: Any) -> None:
    function = durable(STEP_AND_WAIT)
    client, name = function.client, function.name
    with pytest.raises(ClientError, match="unqualified ARN"):
        client.invoke(FunctionName=name)
    with pytest.raises(ClientError, match="greater than 15 minutes"):
        client.invoke(FunctionName=name, Qualifier="$LATEST")
    arn = function.begin({"n": 1}, DurableExecutionName="once")
    assert function.begin({"n": 1}, DurableExecutionName="once") == arn
    assert code(client.invoke, FunctionName=name, Qualifier="$LATEST", InvocationType="Event", Payload=b'{"n": 2}',
                DurableExecutionName="once") == "DurableExecutionAlreadyStartedException"
    assert code(client.invoke_with_response_stream, FunctionName=name, Qualifier="$LATEST") == "InvalidParameterValueException"
    plain = deploy(name="plain")
    assert code(client.invoke, FunctionName="plain", DurableExecutionName="x") == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="cannot enable durable execution"):
        client.update_function_configuration(FunctionName=plain.name, DurableConfig={"ExecutionTimeout": 60})
    now = client.update_function_configuration(FunctionName=name, DurableConfig={"RetentionPeriodInDays": 3})
    assert now["DurableConfig"] == {"ExecutionTimeout": 90_000, "RetentionPeriodInDays": 3}
    unknown = f"{function.function.arn}:$LATEST/durable-execution/no/no"
    assert code(client.get_durable_execution, DurableExecutionArn=unknown) == "ResourceNotFoundException"


def test_executions_are_listed_stopped_and_deleted(durable: Made, cloud: Cloud) -> None:
    function = durable(STEP_AND_WAIT)
    client, name = function.client, function.name
    arns = []
    for n in range(3):
        arns.append(function.begin({"n": n}, DurableExecutionName=f"e{n}"))
        function.until("InvocationCompleted")
        cloud.clock.advance(10)

    def listed(**more: Any) -> list[str]:
        pages = client.get_paginator("list_durable_executions_by_function").paginate(
            FunctionName=name, PaginationConfig={"PageSize": 2}, **more)
        return [e["DurableExecutionName"] for page in pages for e in page["DurableExecutions"]]

    assert listed() == ["e2", "e1", "e0"]
    assert listed(ReverseOrder=True) == ["e0", "e1", "e2"]
    assert listed(DurableExecutionName="e1") == ["e1"]
    assert code(client.delete_durable_execution, DurableExecutionArn=arns[0]) == "ResourceConflictException"
    stopped = client.stop_durable_execution(DurableExecutionArn=arns[0], Error={"ErrorMessage": "enough"})["StopTimestamp"]
    assert client.stop_durable_execution(DurableExecutionArn=arns[0])["StopTimestamp"] == stopped
    function.arn = arns[0]
    assert (function.get()["Status"], function.get()["Error"]) == ("STOPPED", {"ErrorMessage": "enough"})
    assert function.until("ExecutionStopped")["ExecutionStoppedDetails"]["Error"]["Payload"] == {"ErrorMessage": "enough"}
    assert listed(Statuses=["STOPPED"]) == ["e0"]
    assert listed(Statuses=["RUNNING"], Qualifier="$LATEST") == ["e2", "e1"]
    middle = client.get_durable_execution(DurableExecutionArn=arns[1])["StartTimestamp"]
    second = timedelta(seconds=1)
    assert (listed(StartedAfter=middle + second), listed(StartedBefore=middle - second)) == (["e2"], ["e0"])
    client.delete_durable_execution(DurableExecutionArn=arns[0])
    assert listed() == ["e2", "e1"]
    client.delete_function(FunctionName=name)
    assert code(client.get_durable_execution, DurableExecutionArn=arns[1]) == "ResourceNotFoundException"


ASKS = FRAME + """
def turn(t):
    if "ask" not in t.known:
        t.update("ask", "CALLBACK", "START", Name="ask", CallbackOptions=t.given)
    ask = t.known["ask"]
    if ask["Status"] == "STARTED":
        return PENDING
    return done([ask["Status"], ask["CallbackDetails"].get("Result"), ask["CallbackDetails"].get("Error")])
"""


def test_callbacks_are_answered_from_outside(durable: Made) -> None:
    function = durable(ASKS)
    client = function.client

    def ask(**options: int) -> str:
        function.begin(options)
        function.until("InvocationCompleted")
        return str(function.until("CallbackStarted")["CallbackStartedDetails"]["CallbackId"])

    callback = ask()
    client.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')
    assert function.result() == ["SUCCEEDED", '"yes"', None]
    assert code(client.send_durable_execution_callback_success, CallbackId=callback) == "InvalidParameterValueException"
    client.send_durable_execution_callback_failure(CallbackId=ask(), Error={"ErrorType": "No", "ErrorMessage": "not today"})
    assert function.result() == ["FAILED", None, {"ErrorType": "No", "ErrorMessage": "not today"}]
    callback = ask(TimeoutSeconds=100, HeartbeatTimeoutSeconds=30)
    for _ in range(3):
        function.clock.advance(25)
        client.send_durable_execution_callback_heartbeat(CallbackId=callback)
    assert function.get()["Status"] == "RUNNING"
    function.clock.advance(26)
    status, _, problem = function.result()
    assert (status, problem["ErrorType"]) == ("TIMED_OUT", "Callback.Timeout")
    assert code(client.send_durable_execution_callback_success, CallbackId=callback) == "CallbackTimeoutException"
    callback = ask(HeartbeatTimeoutSeconds=30)
    function.clock.advance(31)
    assert function.result()[2]["ErrorType"] == "Callback.Heartbeat"
    assert code(client.send_durable_execution_callback_heartbeat, CallbackId=callback) == "CallbackTimeoutException"
    assert code(client.send_durable_execution_callback_heartbeat, CallbackId="bm9uZQ==") == "InvalidParameterValueException"


def test_steps_are_tried_again_when_their_time_comes(durable: Made) -> None:
    function = durable(FRAME + """
def turn(t):
    step = t.known.get("try")
    if step and step["Status"] == "PENDING":
        return PENDING
    t.update("try", "STEP", "START")
    attempt = t.known["try"]["StepDetails"]["Attempt"]
    if attempt < 2:
        t.update("try", "STEP", "RETRY", StepOptions={"NextAttemptDelaySeconds": 60},
                 **({"Error": {"ErrorMessage": "no"}} if attempt else {"Payload": "seen"}))
        return PENDING
    t.update("try", "STEP", "FAIL", Error={"ErrorType": "Never"})
    return done([attempt, t.known["try"]["Status"], t.known["try"]["StepDetails"]["Attempt"]])
""")
    function.begin({})
    function.after(61, 1)
    function.after(61, 2)
    assert function.result() == [2, "FAILED", 3]
    events = [e for e in function.events() if e["EventType"].startswith("Step")]
    assert [e["EventType"] for e in events] == ["StepStarted", "StepSucceeded", "StepStarted", "StepFailed", "StepStarted",
                                                "StepFailed"]
    assert events[3]["StepFailedDetails"]["RetryDetails"] == {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 60}


def test_functions_that_fail_are_asked_again_and_given_up_after_hours(durable: Made) -> None:
    function = durable(FRAME + """
def turn(t):
    if "one" in t.known: return done(1)
    t.say({"Id": "one", "Type": "CONTEXT", "Action": "START"}, {"Id": "one", "Type": "CONTEXT", "Action": "SUCCEED"})
    raise ValueError("on purpose")
""")
    function.begin({})
    failure = function.until("InvocationCompleted")["InvocationCompletedDetails"]["Error"]["Payload"]
    assert (failure["ErrorType"], failure["ErrorMessage"]) == ("ValueError", "on purpose")
    function.clock.advance(2)
    assert function.result() == 1
    hopeless = durable("def handler(event, context): raise ValueError('again')", name="hopeless")
    hopeless.begin({})
    hopeless.after(6 * 3600 + 1, 1)
    end = time.monotonic() + 20          # one may be under way when the hours are over, and another pause follows
    while not any(event["EventType"] == "ExecutionFailed" for event in hopeless.events()) and time.monotonic() < end:
        time.sleep(0.05)
        hopeless.clock.advance(900)
    hopeless.until("ExecutionFailed")
    assert hopeless.get()["Error"]["ErrorMessage"] == "again"


def test_an_execution_has_its_time(durable: Made) -> None:
    function = durable(STEP_AND_WAIT, DurableConfig={"ExecutionTimeout": 120})
    function.begin({"n": 1})
    function.after(121, 1)
    assert (function.get()["Status"], function.get()["Error"]["ErrorMessage"]) == ("TIMED_OUT", "Execution timed out")
    assert function.until("ExecutionTimedOut")


CHAINS = FRAME + """
def turn(t):
    if "other" not in t.known:
        t.update("other", "CHAINED_INVOKE", "START", Payload='{"q": 1}', ChainedInvokeOptions={"FunctionName": t.given})
    other = t.known["other"]
    return PENDING if other["Status"] == "STARTED" else done([other["Status"], other["ChainedInvokeDetails"]])
"""


def test_other_functions_are_invoked_and_waited_for(durable: Made, deploy: Any) -> None:
    deploy("def handler(event, context):\n    if event['q'] > 1: return\n    return [event, 'answered']", name="plain")
    deploy("def handler(event, context): raise ValueError('bad')", name="failing")
    function = durable(CHAINS)
    function.begin("plain")
    assert function.result() == ["SUCCEEDED", {"Result": '[{"q": 1}, "answered"]'}]
    assert function.until("ChainedInvokeStarted")["ChainedInvokeStartedDetails"]["FunctionName"] == "plain"
    function.begin("failing")
    status, told = function.result()
    assert (status, told["Error"]["ErrorType"], told["Error"]["ErrorMessage"]) == ("FAILED", "ValueError", "bad")
    function.begin("nobody")
    status, told = function.result()
    assert (status, told["Error"]["ErrorType"]) == ("FAILED", "ResourceNotFoundException")
    inner = durable(FRAME + "def turn(t): return done(['durable', t.given])", name="inner")
    function.begin(f"{inner.function.arn}:$LATEST")
    assert function.result() == ["SUCCEEDED", {"Result": '["durable", {"q": 1}]'}]


def test_paused_executions_are_not_invoked_until_they_go_on(durable: Made) -> None:
    function = durable(STEP_AND_WAIT)
    client = function.client
    arn = function.begin({"n": 1})
    function.until("InvocationCompleted")
    for _ in range(2):
        client.pause_durable_execution(DurableExecutionArn=arn, Reason="look", ExecutionTimeoutPaused=True, ClientToken="t1")
    told = function.get()
    assert told["Status"] == "PAUSED"
    assert (told["PauseDetails"]["Reason"], told["PauseDetails"]["ExecutionTimeoutPaused"]) == ("look", True)
    assert "ExpectedExecutionTimeoutTimestamp" not in told
    assert code(client.pause_durable_execution, DurableExecutionArn=arn) == "ResourceConflictException"
    function.clock.advance(100_000)
    function.until("WaitSucceeded")
    assert function.get()["Status"] == "PAUSED"
    assert [event["EventType"] for event in function.events()].count("InvocationCompleted") == 1
    client.resume_durable_execution(DurableExecutionArn=arn, Reason="seen")
    assert function.result() == ["2", ["rest"]]
    assert function.until("ExecutionPaused")["ExecutionPausedDetails"]["Reason"]["Payload"] == "look"
    assert function.until("ExecutionResumed")["ExecutionResumedDetails"]["Reason"]["Payload"] == "seen"
    assert code(client.resume_durable_execution, DurableExecutionArn=arn) == "ResourceConflictException"


def test_a_pause_ends_the_turn_that_goes_on_at_its_next_checkpoint(durable: Made) -> None:
    function = durable(FRAME + """
def turn(t):
    if "one" not in t.known:
        t.update("one", "CONTEXT", "START")
        client.pause_durable_execution(DurableExecutionArn=t.arn)
        status = client.get_durable_execution(DurableExecutionArn=t.arn)["Status"]
        got = t.update("one", "CONTEXT", "SUCCEED", Payload=status)
        return done("too early") if "CheckpointToken" in got else PENDING
    return done(t.known["one"]["ContextDetails"]["Result"])
""")
    function.begin({})
    function.until("InvocationCompleted")
    assert function.get()["Status"] == "PAUSED"
    function.client.resume_durable_execution(DurableExecutionArn=function.arn)
    assert function.result() == "PAUSING"


def test_checkpoints_are_made_in_order_and_once(durable: Made) -> None:
    function = durable(FRAME + """
def turn(t):
    def refused(fn, **members):
        try:
            fn(DurableExecutionArn=t.arn, **members)
        except client.exceptions.InvalidParameterValueException as problem:
            return str(problem).partition(": ")[2]
        return "taken"
    first, said = t.token, []
    again = t.say({"Id": "c", "Type": "CONTEXT", "Action": "START"}, ClientToken="same")
    same = client.checkpoint_durable_execution(DurableExecutionArn=t.arn, CheckpointToken=first, ClientToken="same")
    said.append(same["CheckpointToken"] == again["CheckpointToken"])
    said.append(refused(client.checkpoint_durable_execution, CheckpointToken=first))
    said.append(refused(client.get_durable_execution_state, CheckpointToken=first))
    for id, kind, action, more in (
            ("c", "STEP", "START", {}), ("w", "WAIT", "START", {}), ("w", "WAIT", "CANCEL", {}), ("s", "STEP", "CANCEL", {}),
            ("s", "STEP", "START", {"ParentId": "nobody"})):
        said.append(refused(client.checkpoint_durable_execution, CheckpointToken=t.token, Updates=[
            {"Id": id, "Type": kind, "Action": action, **more}]))
    t.say(*({"Id": f"s{n}", "Type": "STEP", "Action": "SUCCEED", "ParentId": "c", "Payload": str(n)} for n in range(4)))
    t.update("w", "WAIT", "START", WaitOptions={"WaitSeconds": 5})
    t.update("w", "WAIT", "CANCEL")
    def state():
        marker, pages = {}, []
        while True:
            page = client.get_durable_execution_state(DurableExecutionArn=t.arn, CheckpointToken=t.token, MaxItems=3, **marker)
            pages.append([o["Id"] for o in page["Operations"]])
            if "NextMarker" not in page: return pages
            marker = {"Marker": page["NextMarker"]}
    before = state()
    t.update("c", "CONTEXT", "SUCCEED", Payload="all")
    return done([said, before[0][1:], before[1:], state()[0][1:], t.known["w"]["Status"]])
""")
    function.begin({})
    said, page, more, after, wait = function.result()
    assert said == [True, "Invalid checkpoint token", "Invalid checkpoint token", "Inconsistent operation type: c is CONTEXT.",
                    "WaitOptions.WaitSeconds is required to START WAIT.", "Cannot CANCEL an operation that has not started: w.",
                    "Invalid STEP action: CANCEL.", "Invalid ParentId: nobody is not a context of this execution."]
    assert (page, more) == (["c", "s0"], [["s1", "s2", "s3"], ["w"]])
    assert (after, wait) == (["c", "w"], "CANCELLED")
    assert function.until("WaitCancelled")


HANGS_ONCE = FRAME + """
import time
def turn(t):
    if t.given["n"] != 2: return waits(t)
    if "one" in t.known: return done("again")
    t.say({"Id": "one", "Type": "CONTEXT", "Action": "START"}, {"Id": "one", "Type": "CONTEXT", "Action": "SUCCEED"})
    time.sleep(60)
""" + STEP_AND_WAIT.removeprefix(FRAME).replace("def turn", "def waits")


def test_executions_outlive_the_server(start_cloud: Start, tmp_path: Path) -> None:
    thread = start_cloud(data=tmp_path / "state")
    cloud = Cloud(thread, "111122223333")
    client = cloud.client("lambda")
    made = client.create_function(FunctionName="f", Role=ROLE, Runtime="python3.11", Handler="app.handler", Timeout=100,
                                  MemorySize=256, Code={"ZipFile": zipped({"app.py": HANGS_ONCE})},
                                  DurableConfig={"ExecutionTimeout": 90_000})
    function = Durable(cloud, Deployed(client, "f", made["FunctionArn"]))
    waits = function.begin({"n": 1})
    function.until("InvocationCompleted")
    works = function.begin({"n": 2})
    function.until("ContextSucceeded")
    thread.stop()
    cloud = Cloud(start_cloud(data=tmp_path / "state"), cloud.account)
    function.client, function.clock = cloud.client("lambda"), cloud.clock
    function.arn = works                                 # it was at work: it is invoked again, and knows what it did
    assert function.result() == "again"
    function.arn = waits
    cloud.clock.advance(3601)
    assert function.result() == ["2", ["rest"]]
