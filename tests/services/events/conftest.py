"""What the tests of EventBridge share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call
from cumulet.kernel.access.contract import root_of
from services.sqs.queues import make


@pytest.fixture
def events(cloud: Cloud) -> Iterator[Any]:
    """What a test leaves would fire whenever another test moves the clock."""
    found = cloud.client("events")
    yield found
    for each in found.list_rules()["Rules"]:
        found.disable_rule(Name=each["Name"])


class Inbox:
    """A queue, and what came to it."""

    def __init__(self, cloud: Cloud, name: str, **attributes: str) -> None:
        self._sqs = cloud.client("sqs")
        self._cloud = cloud
        self._url = make(self._sqs, name, **attributes)
        self.arn = f"arn:aws:sqs:us-east-1:{cloud.account}:{name}"

    def messages(self) -> list[dict[str, Any]]:
        """All that came, once, when nothing is due any more."""
        self._cloud.clock.idle()
        found: list[dict[str, Any]] = []
        while got := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, MessageAttributeNames=["All"],
                                               MessageSystemAttributeNames=["All"]).get("Messages"):
            for each in got:
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
            found += got
        return found

    def bodies(self) -> list[str]:
        return [each["Body"] for each in self.messages()]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies()]


@pytest.fixture
def inbox(cloud: Cloud) -> Inbox:
    return Inbox(cloud, "inbox")


def connect(events: Any, inbox: Inbox, pattern: Any, name: str = "rule", bus: str = "default", **target: Any) -> str:
    """A rule that tells a queue; its ARN."""
    arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)["RuleArn"]
    told = events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "inbox", "Arn": inbox.arn, **target}])
    assert told["FailedEntryCount"] == 0
    return str(arn)


def put(events: Any, detail: Any = None, kind: str = "Test", source: str = "my.app", **entry: Any) -> dict[str, Any]:
    told = events.put_events(Entries=[{"Source": source, "DetailType": kind, "Detail": json.dumps(detail or {}), **entry}])
    return dict(told["Entries"][0])


def inside(cloud: Cloud, fn: Callable[[Call], Any]) -> Any:
    """Several calls as one transaction, as the root of the test's account."""
    kernel = cloud.kernel
    return cloud.thread.call(kernel.store.run(lambda tx: fn(
        Call(kernel, tx, "cloudcontrol", "Test", cloud.account, "us-east-1", root_of(cloud.account), kernel.clock.now(),
             endpoint=kernel.endpoint))))
