"""Receipt handles and task handles: opaque to clients, and the key of what they stand for."""

from __future__ import annotations

import binascii
from typing import NamedTuple

from cumulet.kernel import error

_PREFIX = "AQEB"               # as AWS's begin: clients have been seen to look at it
_ID = 36                       # length of a UUID


class Receipt(NamedTuple):
    """One receipt of one message. The message's id makes it unguessable."""

    queue: int
    sequence: int
    receives: int
    id: str


def receipt_handle(queue: int, sequence: int, receives: int, message_id: str) -> str:
    text = f"{queue}:{sequence}:{receives}:{message_id}"
    return _PREFIX + binascii.b2a_base64(text.encode(), newline=False).decode()


def read_receipt(handle: str, queue: int) -> Receipt:
    """The receipt that a handle stands for; ReceiptHandleIsInvalid when it is none, or of another queue."""
    try:
        if handle.startswith(_PREFIX):
            number, sequence, receives, message_id = binascii.a2b_base64(handle[4:], strict_mode=True).decode().split(":")
            if int(number) == queue and len(message_id) == _ID:
                return Receipt(queue, int(sequence), int(receives), message_id)
    except ValueError:
        pass
    raise error.ReceiptHandleIsInvalid(f'The input receipt handle "{handle}" is not a valid receipt handle.')


def task_handle(task: str, source_arn: str) -> str:
    return binascii.b2a_base64(f"{task} {source_arn}".encode(), newline=False).decode()


def read_task_handle(handle: str) -> tuple[str, str]:
    """Task id and source ARN."""
    try:
        task, _, source = binascii.a2b_base64(handle, strict_mode=True).decode().partition(" ")
        if source:
            return task, source
    except ValueError:
        pass
    raise error.InvalidParameterValue("The value for TaskHandle parameter is invalid.")
