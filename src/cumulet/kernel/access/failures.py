"""What EC2 says of a refusal beside its sentence: a sealed message, which `sts:DecodeAuthorizationMessage` opens for those
who may know why.

https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

import orjson

from ..store.keyring import SealingProblem

if TYPE_CHECKING:
    from ..call import Call
    from .engine import Outcome, Question

_CONTEXT = b"authorization failure of "


def encoded(call: Call, question: Question, outcome: Outcome) -> str:
    """The decision, readable in this account alone."""
    principal, region = question.principal, call.region
    statement = {"statementId": outcome.by.rpartition(", ")[2], "effect": "DENY", "source": outcome.by}
    matched = [statement] if outcome.explicit else []
    told = {
        "allowed": False, "explicitDeny": outcome.explicit, "matchedStatements": {"items": matched},
        "failures": {"items": []},
        "context": {"principal": {"id": principal.id, "arn": principal.arn}, "action": question.action,
                    "resource": question.resource, "conditions": {"items": [
                        {"key": "aws:Region", "values": {"items": [{"value": region}]}},
                        {"key": "aws:Service", "values": {"items": [{"value": call.service}]}},
                        {"key": "aws:Account", "values": {"items": [{"value": question.owner or call.account}]}}]}}}
    sealed = call.seal(orjson.dumps(told), _CONTEXT + principal.account.encode())
    return base64.urlsafe_b64encode(sealed).decode()


def decode_failure(call: Call, message: str) -> str | None:
    """What was encoded for this account; None when this is no such message."""
    try:
        sealed = base64.b64decode(message, altchars=b"-_", validate=True)
        return call.unseal(sealed, _CONTEXT + call.account.encode()).decode()
    except (binascii.Error, ValueError, SealingProblem):
        return None
