"""Managed policies of both kinds seen alike: the account's own rows, and AWS's catalogue."""

from __future__ import annotations

import base64
from collections import Counter
from hashlib import sha256

from cumulet.kernel import Call, error, principals

from .resources import Attachment, ManagedPolicy, PolicyVersion, Role, User

_LONGEST_NUMBER = 10                # letters of a version: no policy has had more
_NOT_YOURS = "Policy is outside your own account."


def policy(call: Call, arn: str) -> ManagedPolicy:
    """The account's policy, or AWS's; raises NoSuchEntity."""
    return shared(arn) or call.get(ManagedPolicy, arn)


def known(call: Call, arn: str) -> ManagedPolicy | None:
    """As `policy`, None when there is none."""
    return shared(arn) or call.table(ManagedPolicy).get(arn)


def own(call: Call, arn: str) -> ManagedPolicy:
    """A policy that the account may change: AWS's are not."""
    if shared(arn) is not None:
        raise error.InvalidInputException(_NOT_YOURS)
    return call.get(ManagedPolicy, arn)


def shared(arn: str) -> ManagedPolicy | None:
    """A policy of AWS's as a row. Its document is read only when asked for: `version`."""
    found = principals.aws_policies.find(arn)
    return None if found is None else _row(found)


def all_shared() -> list[ManagedPolicy]:
    """AWS's policies, in order of their ARNs."""
    return [_row(one) for one in principals.aws_policies.listing()]


def _row(one: principals.aws_policies.AwsPolicy) -> ManagedPolicy:
    known_as = base64.b32encode(sha256(one.arn.encode()).digest()).decode()[:17]
    return ManagedPolicy(PolicyArn=one.arn, ManagedPolicyName=one.name, PolicyId="ANPA" + known_as, folded=one.name.lower(),
                         Path=one.path, default=one.version, latest=int(one.version[1:]), updated=one.updated,
                         created=one.created)


def version(call: Call, row: ManagedPolicy, name: str) -> PolicyVersion:
    """One version of a policy; of AWS's policies the catalogue holds the default version."""
    number = int(name[1:]) if name[1:].isdigit() and len(name) <= _LONGEST_NUMBER else 0
    text = principals.aws_policies.document(row.PolicyArn)
    if text is not None:
        if name == row.default:
            return PolicyVersion(policy=row.PolicyArn, number=number, document=text, created=row.updated)
    elif (found := call.table(PolicyVersion).get(row.PolicyArn, number)) is not None:
        return found
    raise error.NoSuchEntityException(f"Policy {row.PolicyArn} version {name} does not exist or is not attachable.")


class Usage:
    """How often each policy is attached, and is a boundary: counted once for a whole listing."""

    def __init__(self, call: Call) -> None:
        count = 'SELECT "{0}", COUNT(*) FROM {{table}} WHERE scope = {{scope}} AND "{0}" IS NOT NULL GROUP BY "{0}"'
        self.attached = Counter(dict(call.table(Attachment).sql(count.format("policy"))))
        self.bounds = Counter(dict(call.table(User).sql(count.format("PermissionsBoundary"))))
        self.bounds.update(dict(call.table(Role).sql(count.format("PermissionsBoundary"))))


def is_attached(call: Call, arn: str) -> bool:
    return bool(call.table(Attachment).count(arn, index="policy"))


def is_boundary(call: Call, arn: str) -> bool:
    return bool(call.table(User).count(arn, index="boundary") or call.table(Role).count(arn, index="boundary"))
