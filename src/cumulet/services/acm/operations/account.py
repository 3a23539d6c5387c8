"""Settings of an account: when warnings of an approaching end begin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from ..background import watch
from ..events import ACCOUNT, DAYS_BEFORE_EXPIRY, days_before_expiry
from ..resources import Account, Certificate

_REMEMBERED = 3600.0


@operation
def get_account_configuration(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_GetAccountConfiguration.html"""
    return {"ExpiryEvents": {"DaysBeforeExpiry": days_before_expiry(call)}}


@operation
def put_account_configuration(call: Call, IdempotencyToken: str, ExpiryEvents: Mapping[str, int] = {}) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_PutAccountConfiguration.html"""
    before = call.table(Account).get(ACCOUNT)
    if before is not None and before.token == IdempotencyToken and before.at > call.now - _REMEMBERED:
        return
    days = ExpiryEvents.get("DaysBeforeExpiry", DAYS_BEFORE_EXPIRY)
    if days > DAYS_BEFORE_EXPIRY:
        raise error.ValidationException(f"DaysBeforeExpiry must be between 1 and {DAYS_BEFORE_EXPIRY}.")
    call.put(Account(name=ACCOUNT, days_before_expiry=days, token=IdempotencyToken, at=call.now))
    for row in call.table(Certificate).scan():
        if row.status == "ISSUED":
            watch(call, row)
