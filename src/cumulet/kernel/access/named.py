"""Whom policies name. Users and roles of the caller's account must exist; of other accounts we know only that they may.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from ..resources.arns import parse_arn
from .tables import Role, User

if TYPE_CHECKING:
    from ..call import Call

_OF_SERVICES = "aws-service-role/"     # made by services, of which not all are here


def exists(call: Call, name: str) -> bool:
    """Is there whom this ARN names, as far as we can know?"""
    arn = parse_arn(name)
    if arn is None or arn.service != "iam" or arn.account != call.account:
        return True
    kind, _, rest = arn.resource.partition("/")
    if kind not in ("user", "role") or rest.startswith(_OF_SERVICES):
        return True
    row: Any = call.table(User if kind == "user" else Role).get(rest.rpartition("/")[2])
    return row is not None and call.arn(row) == name


def missing(call: Call, policy: str) -> str | None:
    """The first user or role of the caller's account that a policy names and that is not there."""
    return next((name for name in _named(policy) if not exists(call, name)), None)


def _named(policy: str) -> Iterator[str]:
    """What stands behind "AWS" in the Principal elements of a policy that was found to be one."""
    said = orjson.loads(policy).get("Statement", [])
    for statement in said if isinstance(said, list) else [said]:
        principal = statement.get("Principal", statement.get("NotPrincipal"))
        names = principal.get("AWS") if isinstance(principal, dict) else None
        yield from names if isinstance(names, list) else [names] if names else []
