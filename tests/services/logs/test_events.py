"""Events: AWS's rules of putting them, and reading them page by page in both directions."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from services.sqs.queues import refused


def messages_of(told: dict[str, Any]) -> list[str]:
    return [event["message"] for event in told["events"]]


def test_events_come_back_in_order(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    told = put(["first", "second\nline", "ümlaut 🎈"], sequenceToken="anything")
    assert told["nextSequenceToken"]
    assert "rejectedLogEventsInfo" not in told
    found = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True)["events"]
    assert [e["message"] for e in found] == ["first", "second\nline", "ümlaut 🎈"]
    assert [e["timestamp"] - found[0]["timestamp"] for e in found] == [0, 1, 2]
    assert all(abs(e["ingestionTime"] / 1000 - cloud.clock.now()) < 5 for e in found)
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (found[0]["timestamp"], found[2]["timestamp"])
    assert stream["lastIngestionTime"] == found[0]["ingestionTime"]
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == sum(len(e["message"].encode()) + 26 for e in found)


def test_a_batch_is_in_order_and_within_a_day(cloud: Cloud, logs: Any, group: str) -> None:
    now = int(cloud.clock.now() * 1000)

    def put(*times: int, message: str = "x") -> dict[str, Any]:
        return dict(logs.put_log_events(logGroupName=group, logStreamName="one",
                                        logEvents=[{"timestamp": now + t, "message": message} for t in times]))

    with refused("InvalidParameterException", "must be in chronological order"):
        put(0, -1)
    with refused("InvalidParameterException", "cannot span more than 24 hours"):
        put(-86_400_001, 0)
    with refused("InvalidParameterException", "Upload too large: 1048577 bytes exceeds limit of 1048576"):
        put(0, message="x" * (1_048_576 - 25))
    day = 86_400_000
    assert put(-15 * day, -14 * day - 5000, 0, 3_600_000, 7_300_000, 7_400_000)["rejectedLogEventsInfo"] == {
        "tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 4}
    assert len(logs.get_log_events(logGroupName=group, logStreamName="one")["events"]) == 2
    put(0, message="x" * (1_048_576 - 26))


def test_pages_forward_and_backward(logs: Any, group: str, put: Any) -> None:
    for i in range(7):
        put([f"{i}{j}" for j in range(10)], at=-100 + i)
    wanted = [f"{i}{j}" for i in range(7) for j in range(10)]

    def get(**members: Any) -> dict[str, Any]:
        return dict(logs.get_log_events(logGroupName=group, logStreamName="one", limit=25, **members))

    page, found = get(startFromHead=True), []
    while page["events"]:
        found += messages_of(page)
        before, page = page, get(startFromHead=True, nextToken=page["nextForwardToken"])
    assert found == wanted
    assert page["nextForwardToken"] == before["nextForwardToken"]
    assert messages_of(get(nextToken=page["nextBackwardToken"])) == wanted[-25:]

    page, found = get(), []
    last = page["nextForwardToken"]
    while page["events"]:
        found = messages_of(page) + found
        before, page = page, get(nextToken=page["nextBackwardToken"])
    assert found == wanted
    assert page["nextBackwardToken"] == before["nextBackwardToken"]
    put(["new"], at=-1)
    assert messages_of(get(nextToken=last)) == ["new"]
    with refused("InvalidParameterException", "The specified nextToken is invalid."):
        get(nextToken="nonsense")


def test_a_range_of_time_leaves_out_its_end(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put(["a", "b", "c", "d"])
    times = [e["timestamp"] for e in logs.get_log_events(logGroupName=group, logStreamName="one")["events"]]
    told = logs.get_log_events(logGroupName=group, logStreamName="one", startTime=times[1], endTime=times[3])
    assert messages_of(told) == ["b", "c"]
    assert messages_of(logs.filter_log_events(logGroupName=group, startTime=times[1], endTime=times[2])) == ["b", "c"]
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
    assert messages_of(logs.filter_log_events(logGroupIdentifier=arn, startTime=times[3])) == ["d"]
    with refused("InvalidParameterException", "Either LogGroup name or LogGroup identifier"):
        logs.filter_log_events(startTime=1)


def test_streams_that_are_written_event_by_event_are_read_in_order_of_time(logs: Any, group: str, put: Any) -> None:
    """Small blocks are merged on the way, also those that overlap others in time."""
    logs.create_log_stream(logGroupName=group, logStreamName="two")
    wanted = []
    for i in range(300):
        at = -50_000 + (i * 37) % 300 * 100
        put([f"event {at}"], stream="one" if i % 3 else "two", at=at)
        wanted.append((at, f"event {at}"))
    found, pages = [], 0
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 70}):
        found += messages_of(page)
        pages += 1
    assert found == [message for _, message in sorted(wanted)]
    assert pages == 5
    backward = []
    token: dict[str, Any] = {"startFromHead": False}
    while token:
        told = logs.filter_log_events(logGroupName=group, limit=70, **token)
        backward += messages_of(told)
        token = {"nextToken": told["nextToken"]} if "nextToken" in told else {}
    assert backward == found[::-1]


def test_filters_by_stream_and_pattern(logs: Any, group: str, put: Any) -> None:
    for name in ("two", "twenty"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    put(["ERROR one", "ok one"])
    put(["ERROR two"], stream="two", at=-50)
    put(["ERROR twenty", '{"level": "error", "n": 5}'], stream="twenty", at=-40)

    def found(**members: Any) -> list[str]:
        return messages_of(logs.filter_log_events(logGroupName=group, **members))

    assert found(filterPattern="ERROR") == ["ERROR one", "ERROR two", "ERROR twenty"]
    assert found(filterPattern="ERROR", logStreamNames=["one", "two"]) == ["ERROR one", "ERROR two"]
    assert found(filterPattern="ERROR", logStreamNamePrefix="tw") == ["ERROR two", "ERROR twenty"]
    assert found(logStreamNamePrefix="none") == []
    assert found(filterPattern='{ $.level = "error" && $.n >= 5 }') == ['{"level": "error", "n": 5}']
    event = logs.filter_log_events(logGroupName=group, filterPattern="twenty")["events"][0]
    assert event["logStreamName"] == "twenty"
    assert len(event["eventId"]) == 56
    with refused("InvalidParameterException", "mutually exclusive"):
        found(logStreamNames=["one"], logStreamNamePrefix="o")
    with refused("InvalidParameterException", "Invalid character(s) in term 'a-b'"):
        found(filterPattern="a-b")
    with refused("ResourceNotFoundException", "The specified log stream does not exist."):
        found(logStreamNames=["none"])
