"""Copies of a secret, elsewhere: the same values under another key."""

from __future__ import annotations

from cumulet.kernel import Call

from .resources import Secret, Version
from .sealing import opened, sealed


def copy_into(call: Call, secret: Secret, there: Call, copy: Secret) -> None:
    """The values and all that is said of a secret, in a copy of it elsewhere."""
    copy.Description, copy.tags, copy.stages = secret.Description, dict(secret.tags), dict(secret.stages)
    copy.changed, copy.policy = secret.changed, secret.policy
    copy.rotation_on, copy.rotation_lambda = secret.rotation_on, secret.rotation_lambda
    copy.rotation_rules, copy.rotated, copy.next_end = secret.rotation_rules, secret.rotated, secret.next_end
    table = there.table(Version)
    kept = {id: call.table(Version).get(secret.Id, id) for id in set(secret.stages.values())}
    new = []
    for version in kept.values():
        before = table.get(copy.Id, version.id) if version is not None else None
        if version is None or (before is not None and before.kind):
            continue
        made = Version(secret=copy.Id, id=version.id, created=version.created, kind=version.kind)
        if version.kind:
            sealed(there, copy, made, opened(call, version))
        new.append(made)
    # Nothing was written until here: a key that refuses leaves the copy as it was.
    for gone in table.scan(copy.Id):
        if gone.id not in kept:
            table.delete(copy.Id, gone.id)
    for made in new:
        table.put(made)
    there.put(copy)
