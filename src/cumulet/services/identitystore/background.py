"""What happens unasked: with an instance of IAM Identity Center goes its identity store."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, on

from .resources import Group, Membership, User


@on("aws.sso", "Instance Deleted")
def store_goes(call: Call, event: dict[str, Any]) -> None:
    """Nobody can ask for its users any more; here they go as well."""
    for kind in (Membership, Group, User):
        call.table(kind).delete_all(event["detail"]["identityStoreId"])
