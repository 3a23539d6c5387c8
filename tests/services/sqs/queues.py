"""What the tests of queues share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError


@contextmanager
def refused(code: str, words: str = "") -> Iterator[None]:
    """The call inside fails with this code, and these words in its message."""
    with pytest.raises(ClientError) as caught:
        yield
    told = caught.value.response["Error"]
    assert told["Code"] == code, told
    assert words in told["Message"], told


def make(sqs: Any, name: str = "jobs", **attributes: str) -> str:
    """A queue's URL."""
    return str(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def attributes_of(sqs: Any, url: str, *names: str) -> dict[str, str]:
    return dict(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names or ("All",))).get("Attributes", {}))


def counts(sqs: Any, url: str) -> tuple[int, int, int]:
    """How many messages are visible, in flight, delayed."""
    told = attributes_of(sqs, url)
    return tuple(int(told[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible", "Delayed"))  # type: ignore[return-value]


def send(sqs: Any, url: str, *bodies: str, **members: Any) -> None:
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body, **members)


def receive(sqs: Any, url: str, most: int = 10, **members: Any) -> list[dict[str, Any]]:
    return list(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most, **members).get("Messages", []))


def bodies(messages: list[dict[str, Any]]) -> list[str]:
    return [message["Body"] for message in messages]
