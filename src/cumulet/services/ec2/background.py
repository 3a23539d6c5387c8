"""What happens unasked in EC2: deleted interface endpoints go."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .resources import VpcEndpoint


@timer
def endpoint_gone(call: Call, id: str) -> None:
    """Its network interfaces are gone, and so is it."""
    call.table(VpcEndpoint).delete(id)
