"""Secrets go: at once, or when their recovery window ends."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .resources import Rotation, Secret, Version


def remove(call: Call, secret: Secret) -> None:
    """End a secret and all of its versions."""
    call.table(Version).delete_all(secret.Id)
    call.table(Rotation).delete(secret.Id)
    call.table(Secret).delete(secret.Id)
    call.cancel(end, secret.Id)


@timer
def end(call: Call, arn: str) -> None:
    """The recovery window is over."""
    secret = call.table(Secret).get(arn)
    if secret is not None and secret.leaving is not None and secret.leaving <= call.now:
        remove(call, secret)
