"""A queue against a model of it: whatever is sent, received, hidden, deleted, and however the clock moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from conftest import Cloud
from services.sqs.queues import counts, make

TIMEOUT = 30
RETENTION = 3600
REMEMBERED = 300


@dataclass
class Expected:
    """A message as it should be. `due` is when it can be received again."""

    body: str
    group: str
    due: float
    sent: float
    receives: int = 0
    handle: str = ""
    deleted: bool = False


@dataclass
class Model:
    """All messages in the order in which they were sent, and the moment."""

    now: float = 0.0
    messages: list[Expected] = field(default_factory=list)

    def live(self) -> list[Expected]:
        return [m for m in self.messages if not m.deleted and m.sent > self.now - RETENTION]

    def visible(self) -> list[Expected]:
        return [m for m in self.live() if m.due <= self.now]

    def counts(self) -> tuple[int, int, int]:
        hidden = [m for m in self.live() if m.due > self.now]
        return len(self.visible()), sum(1 for m in hidden if m.receives), sum(1 for m in hidden if not m.receives)

    def blocked(self, group: str) -> bool:
        return any(m.group == group and m.due > self.now and m.receives for m in self.live())


class QueueMachine(RuleBasedStateMachine):
    """What standard and FIFO queues have in common."""

    cloud: Cloud
    fifo = False
    names = iter(range(1_000_000))

    def __init__(self) -> None:
        super().__init__()
        self.sqs = self.cloud.client("sqs")
        # The clock stands still between its moves, so that the model knows the moment.
        self.cloud.thread.call(self.freeze())
        self.model = Model(self.cloud.clock.now())
        name = f"model-{next(self.names)}"
        kind = {"FifoQueue": "true"} if self.fifo else {}
        self.url = make(self.sqs, name + (".fifo" if self.fifo else ""), VisibilityTimeout=str(TIMEOUT),
                        MessageRetentionPeriod=str(RETENTION), **kind)
        self.sent = 0

    async def freeze(self) -> None:
        self.cloud.kernel.clock.freeze()

    async def thaw(self) -> None:
        self.cloud.kernel.clock.thaw()

    def teardown(self) -> None:
        self.sqs.delete_queue(QueueUrl=self.url)
        self.cloud.thread.call(self.thaw())

    @rule(seconds=st.sampled_from([1, 5, 15, 31, 100, 280, 301, 1800]))
    def time_passes(self, seconds: float) -> None:
        self.cloud.clock.advance(seconds)
        self.model.now += seconds

    @rule(most=st.integers(1, 10), timeout=st.sampled_from([None, 0, 10, 60]))
    def receive(self, most: int, timeout: int | None) -> None:
        members = {} if timeout is None else {"VisibilityTimeout": timeout}
        got = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"],
                                       **members).get("Messages", [])
        self.check_received(got, most)
        for message in got:
            expected = next(m for m in self.model.messages if m.body == message["Body"])
            expected.receives += 1
            expected.due = self.model.now + (TIMEOUT if timeout is None else timeout)
            expected.handle = message["ReceiptHandle"]
            assert message["Attributes"]["ApproximateReceiveCount"] == str(expected.receives)

    def check_received(self, got: list[dict[str, Any]], most: int) -> None:
        raise NotImplementedError

    def received(self) -> list[Expected]:
        return [m for m in self.model.messages if m.handle]

    @rule(choice=st.integers(0, 50))
    def delete(self, choice: int) -> None:
        received = self.received()
        if received:
            message = received[choice % len(received)]
            if self.fifo and message in self.model.visible():      # its handle has expired
                return
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message.handle)
            message.deleted = True

    @rule(choice=st.integers(0, 50), timeout=st.sampled_from([0, 5, 50]))
    def change(self, choice: int, timeout: int) -> None:
        in_flight = [m for m in self.received() if m in self.model.live() and m.due > self.model.now]
        if in_flight:
            message = in_flight[choice % len(in_flight)]
            self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=message.handle, VisibilityTimeout=timeout)
            message.due = self.model.now + timeout

    @invariant()
    def the_counts_agree(self) -> None:
        assert counts(self.sqs, self.url) == self.model.counts()


class StandardQueueMachine(QueueMachine):
    @rule(count=st.integers(1, 4), delay=st.sampled_from([0, 0, 20]))
    def send(self, count: int, delay: int) -> None:
        entries = [{"Id": str(n), "MessageBody": str(self.sent + n), "DelaySeconds": delay} for n in range(count)]
        assert len(self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)["Successful"]) == count
        self.model.messages += [Expected(e["MessageBody"], "", self.model.now + delay, self.model.now) for e in entries]
        self.sent += count

    def check_received(self, got: list[dict[str, Any]], most: int) -> None:
        visible = {m.body for m in self.model.visible()}
        given = [m["Body"] for m in got]
        assert len(given) == len(set(given)) == min(most, len(visible))
        assert set(given) <= visible


class FifoQueueMachine(QueueMachine):
    fifo = True

    def __init__(self) -> None:
        super().__init__()
        self.remembered: dict[str, float] = {}

    @rule(group=st.sampled_from("ab"), count=st.integers(1, 3))
    def send_several(self, group: str, count: int) -> None:
        for _ in range(count):
            self.put(group, "")

    @rule(group=st.sampled_from("ab"), deduplication=st.sampled_from("xy"))
    def send_perhaps_again(self, group: str, deduplication: str) -> None:
        self.put(group, deduplication)

    def put(self, group: str, deduplication: str) -> None:
        body = str(self.sent)
        self.sent += 1
        token = deduplication or f"unique-{body}"
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=token)
        if self.remembered.get(token, -1e9) <= self.model.now - REMEMBERED:
            self.remembered[token] = self.model.now
            self.model.messages.append(Expected(body, group, self.model.now, self.model.now))

    def check_received(self, got: list[dict[str, Any]], most: int) -> None:
        free: dict[str, list[str]] = {}
        for message in self.model.visible():
            if not self.model.blocked(message.group):
                free.setdefault(message.group, []).append(message.body)
        given: dict[str, list[str]] = {}
        for message in got:
            given.setdefault(message["Attributes"]["MessageGroupId"], []).append(message["Body"])
        for group, texts in given.items():
            assert texts == free[group][:len(texts)]
        assert len(got) == min(most, sum(map(len, free.values())))


@pytest.mark.parametrize("machine", [StandardQueueMachine, FifoQueueMachine])
def test_a_queue_agrees_with_its_model(cloud: Cloud, machine: type[QueueMachine]) -> None:
    machine.cloud = cloud
    run_state_machine_as_test(machine, settings=settings(
        max_examples=30, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)))
