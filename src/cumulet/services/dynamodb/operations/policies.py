"""Resource policies: put, get, delete."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import policies

Doc = dict[str, Any]


@operation
def put_resource_policy(call: Call, ResourceArn: str, Policy: str, ExpectedRevisionId: str | None = None,
                        ConfirmRemoveSelfResourceAccess: bool = False) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html"""
    place = policies.find(call, ResourceArn)
    return {"RevisionId": policies.put(call, place, Policy, ExpectedRevisionId, ConfirmRemoveSelfResourceAccess)}


@operation
def get_resource_policy(call: Call, ResourceArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html"""
    found = policies.current(policies.find(call, ResourceArn), None)
    if found is None:
        raise policies.missing(ResourceArn)
    return {"Policy": found.text, "RevisionId": found.revision}


@operation
def delete_resource_policy(call: Call, ResourceArn: str, ExpectedRevisionId: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html"""
    place = policies.find(call, ResourceArn)
    found = policies.current(place, ExpectedRevisionId)
    if found is None:
        if ExpectedRevisionId is not None:
            raise policies.missing(ResourceArn)
        return {}
    policies.remove(place)
    return {"RevisionId": found.revision}
