"""Queue URLs: the account and the name are in the path, whatever the host is."""

from __future__ import annotations

from functools import lru_cache

from cumulet.kernel import Call, error, parse_arn

from .resources import Queue


def url_of(call: Call, name: str, account: str = "") -> str:
    return f"{call.endpoint}/{account or call.account}/{name}"


def queue_at(call: Call, url: str) -> tuple[Call, Queue]:
    """The queue of a URL, and the call as seen from its account."""
    account, name = place(url)
    if account != call.account:
        call = _there(call, account, url)
    return call, call.get(Queue, name)


def queue_in_use(call: Call, url: str) -> tuple[Call, Queue]:
    """The same for those who send and receive and change nothing of the queue itself: the row is shared."""
    account, name = place(url)
    if account != call.account:
        call = _there(call, account, url)
    return call, call.table(Queue).known(name) or call.get(Queue, name)


def _there(call: Call, account: str, url: str) -> Call:
    if not account:
        raise error.InvalidAddress(f"The address {url} is not valid for this endpoint.")
    return call.elsewhere(account)


@lru_cache(4096)
def place(url: str) -> tuple[str, str]:
    """The account and the name of a queue's URL, empty where it is none."""
    parts = url.rsplit("/", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and len(parts[1]) == 12 and parts[1].isdigit() else ("", "")


def queue_of(call: Call, arn: str, parameter: str) -> Queue:
    """The queue of an ARN of this account and region; ResourceNotFoundException when there is none."""
    parts = parse_arn(arn)
    if parts is None or parts.service != "sqs" or not parts.resource:
        raise error.InvalidParameterValue(f"You must use this format to specify the {parameter}: arn:<partition>:<service>:"
                                          "<region>:<account-id>:<resource-id>")
    queue = call.table(Queue).get(parts.resource) if (parts.account, parts.region) == (call.account, call.region) else None
    if queue is None:
        raise error.ResourceNotFoundException(f"The resource that you specified for the {parameter} parameter doesn't exist.")
    return queue
