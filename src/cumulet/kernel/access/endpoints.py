"""By which VPC endpoint a request came: its host says so, and EC2 knows the endpoint and its policy.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import AwsError
from ..wire import hosts
from . import actions, gather
from .contract import Endpoint
from .engine import Named

if TYPE_CHECKING:
    from ..call import Call


def entered(call: Call, id: str) -> Endpoint:
    """The endpoint that the request's host names. Raises when it leads nowhere, or not to this service."""
    found = known(call, id)
    if found is None:
        raise AwsError("InvalidVpcEndpointId.NotFound", f"The Vpc Endpoint Id '{id}' does not exist", 404)
    if call.service not in found.models:
        raise AwsError("UnknownOperationException", f"The VPC endpoint {id} is for {found.service}.", 404)
    return found


def known(call: Call, id: str) -> Endpoint | None:
    """An endpoint by its id, whoever's and wherever it is; None when there is none."""
    if "ec2" not in call.cloud.catalog.apis:
        return None
    ask = getattr(call.cloud.catalog.load("ec2").access, "endpoint", None)
    return ask(call, id) if ask is not None else None


def entered_by(call: Call) -> Endpoint | None:
    """The endpoint by which a service's caller came; None where the request came otherwise."""
    id = hosts.look(call.request.host).vpce if call.request is not None else ""
    return known(call, id) if id else None


def policies(endpoint: Endpoint | None, action: str) -> tuple[Named, ...] | None:
    """What the endpoint says about an action of the service that it is for; None where it has no say."""
    if endpoint is None or action.partition(":")[0] not in {actions.prefix_of(model) for model in endpoint.models}:
        return None
    return gather.guards([(f"policy of {endpoint.id}", endpoint.policy)])
