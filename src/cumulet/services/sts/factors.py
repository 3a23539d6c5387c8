"""The second factor: a code of the caller's own device."""

from __future__ import annotations

import msgspec

from cumulet.kernel import Call, Principal, error, principals

from .sessions import invalid


def second_factor(call: Call, who: Principal, serial: str | None, code: str | None) -> Principal:
    """The caller as one who gave a code, when one was given; raises when it is wrong."""
    if serial is None and code is None:
        return who
    if serial is None or code is None:
        raise invalid("SerialNumber and TokenCode must be given together.")
    device = call.table(principals.VirtualMFADevice).get(serial)
    if who.kind not in ("user", "root") or not principals.check_totp(call, device, who.id, code):
        raise error.AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ", 403)
    return msgspec.structs.replace(who, mfa_at=call.now)
