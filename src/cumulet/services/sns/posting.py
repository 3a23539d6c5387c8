"""Messages to web servers: posted by tasks, tried again by the subscription's delivery policy, then a dead letter.

https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from cumulet.kernel import AwsError, Call, task, timer

from . import feedback, retrying
from .dead_letters import bury
from .measuring import DELIVERED, FAILED, NOT_REDRIVEN, REDRIVEN, note
from .resources import Pace, Subscription, Topic
from .sealing import seal, unseal

_SECONDS = 15.0                        # a server that has not answered by then has failed
_TOLD = 1024                           # bytes of an answer that logs and dead letters tell
_AGENT = "Amazon Simple Notification Service Agent"


class Letter(msgspec.Struct, kw_only=True):
    """One message to one server. kind: what it is to the server (Notification, SubscriptionConfirmation, …)."""

    subscription: str
    topic: str
    url: str
    kind: str
    id: str
    at: float                          # when it was published
    body: str
    raw: bool = False
    attributes: dict[str, dict[str, Any]] = {}     # of a raw message: a dead letter carries them


def post(call: Call, topic: Topic, letter: Letter) -> None:
    """Send it after this transaction."""
    call.task(post_now, letter=seal(call, topic, msgspec.msgpack.encode(letter)))


@timer
def post_later(call: Call, letter: bytes, failures: int, paced: bool) -> None:
    """A pause is over."""
    call.task(post_now, letter=letter, failures=failures, paced=paced)


@task(retries=5)
async def post_now(call: Call, letter: bytes, failures: int = 0, paced: bool = False) -> None:
    """One attempt, and what follows from it. paced: it has waited for its turn."""
    kept = msgspec.msgpack.decode(await call.run(unseal, letter), type=Letter)
    headers = await call.run(_headers, kept, None if paced else (letter, failures))
    if headers is not None:
        answer = await call.send(kept.url, kept.body.encode(), headers, _SECONDS)
        said = answer.text or answer.body[:_TOLD].decode("utf-8", "replace")
        await call.run(_settle, kept, letter, failures, answer.status, said)


def _headers(call: Call, letter: Letter, unpaced: tuple[bytes, int] | None) -> dict[str, str] | None:
    """What goes with the body; None when there is nothing to do now: the subscription is gone, or it is not its turn yet."""
    row = call.table(Subscription).get(letter.subscription)
    if row is None and letter.kind != "UnsubscribeConfirmation":
        return None
    policy = _policy(call, row)
    if policy.per_second and letter.kind == "Notification" and unpaced is not None:
        slot = _slot(call, letter, policy.per_second)
        if slot > call.now:
            sealed, failures = unpaced
            call.at(slot, post_later, letter=sealed, failures=failures, paced=True)
            return None
    topic_arn = letter.subscription.rpartition(":")[0]
    headers = {"x-amz-sns-message-type": letter.kind, "x-amz-sns-message-id": letter.id, "x-amz-sns-topic-arn": topic_arn,
               "x-amz-sns-subscription-arn": letter.subscription, "Content-Type": policy.content, "User-Agent": _AGENT}
    if letter.kind == "SubscriptionConfirmation":
        del headers["x-amz-sns-subscription-arn"]
    if letter.raw:
        headers["x-amz-sns-rawdelivery"] = "true"
    parts = urlsplit(letter.url)
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _policy(call: Call, subscription: Subscription | None) -> retrying.Policy:
    if subscription is None:
        return retrying.effective(None, None)
    topic = call.table(Topic).known(subscription.topic)
    return retrying.effective(topic.DeliveryPolicy if topic is not None else None, subscription.DeliveryPolicy)


def _slot(call: Call, letter: Letter, per_second: int) -> float:
    """When it may go, of a subscription that takes so many a second."""
    before = call.table(Pace).get(letter.subscription)
    at = max(call.now, before.free if before is not None else 0.0)
    call.put(Pace(subscription=letter.subscription, free=at + 1.0 / per_second))
    return at


def _settle(call: Call, letter: Letter, sealed: bytes, failures: int, status: int, text: str) -> None:
    """Done, or again after a pause, or given up."""
    row = call.table(Subscription).get(letter.subscription)
    if letter.kind == "Notification":              # of servers, every attempt that fails counts
        note(call, letter.topic, DELIVERED if 200 <= status < 300 else FAILED)
    if 200 <= status < 300:
        _note(call, letter, row, failures, status, text)
        return
    passing = status == 0 or status == 429 or status >= 500      # other answers are the client's error: never tried again
    pauses = _policy(call, row).retry
    if passing and failures < len(pauses):
        call.at(call.now + pauses[failures], post_later, letter=sealed, failures=failures + 1, paced=False)
        return
    _note(call, letter, row, failures, status, text)
    if row is not None and row.RedrivePolicy is not None and letter.kind == "Notification":
        said = f"The endpoint answered with status {status}." if status else f"The endpoint did not answer: {text}."
        problem = AwsError(str(status) if status else "ConnectionFailure", said)
        buried = bury(call, row.TopicArn, row.RedrivePolicy, letter.body, letter.attributes, problem)
        note(call, letter.topic, REDRIVEN if buried else NOT_REDRIVEN)


def _note(call: Call, letter: Letter, subscription: Subscription | None, failures: int, status: int, text: str) -> None:
    """In the delivery status log, where the topic has one."""
    topic = call.table(Topic).known(letter.topic)
    if topic is not None and subscription is not None and letter.kind == "Notification":
        feedback.of_topic(call, topic.feedback, subscription.Protocol, subscription.TopicArn, feedback.Outcome(
            letter.id, letter.body, letter.at, letter.url, 200 <= status < 300, text, status, failures + 1))
