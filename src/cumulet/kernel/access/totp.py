"""Codes of virtual MFA devices: RFC 6238, SHA-1, six digits, thirty seconds.

The wall clock counts, as it does for signatures: authenticators go by theirs. A device keeps how far it is off, and the step
of the last code that counted, so that no code counts twice.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..call import Call
    from .tables import VirtualMFADevice

STEP = 30
SEED_BYTES = 40                      # 64 characters in base 32, as AWS's seeds
_ENABLE, _RESYNC, _USE = 4, 2880, 1  # steps that a clock may be off: when enabled, when synchronised, at a sign-in


def code(seed: bytes, step: int) -> str:
    """The code of one step of thirty seconds since 1970."""
    digest = hmac.digest(seed, step.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def _is(seed: bytes, step: int, given: str) -> bool:
    return hmac.compare_digest(code(seed, step).encode(), given.encode())


def seal(call: Call, serial: str, seed: bytes) -> bytes:
    """A seed as it is kept."""
    return call.seal(seed, b"mfa" + serial.encode())


def synchronise(call: Call, device: VirtualMFADevice, first: str, second: str, again: bool = False) -> bool:
    """Two codes that follow each other: learn how far the device is off. The row is changed; the caller stores it."""
    seed, now = _seed(call, device), _step(call)
    for distance in sorted(range(-_RESYNC, _RESYNC + 1) if again else range(-_ENABLE, _ENABLE + 1), key=abs):
        step = now + distance
        if _is(seed, step, first) and _is(seed, step + 1, second):
            device.drift, device.last = distance, step + 1
            return True
    return False


def check_totp(call: Call, device: VirtualMFADevice | None, owner: str, given: str) -> bool:
    """Is it a code of this user's device (by unique id; the root's is the account), of now, that has not been used? Notes its
    use."""
    if device is None or device.user != owner:
        return False
    seed, middle = _seed(call, device), _step(call) + device.drift
    for step in range(middle - _USE, middle + _USE + 2):       # one more ahead: the second code of enabling is used already
        if step > device.last and _is(seed, step, given):
            device.drift, device.last = device.drift + max(-1, min(1, step - middle)), step
            call.put(device)
            return True
    return False


def _step(call: Call) -> int:
    return int(call.cloud.clock.wall()) // STEP


def _seed(call: Call, device: VirtualMFADevice) -> bytes:
    return call.unseal(device.seed, b"mfa" + device.SerialNumber.encode())
