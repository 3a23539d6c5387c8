"""Bearer tokens: the secrets of service-specific credentials, which some services take instead of a signature. IAM knows whose
they are: its `access.bearer(call, token)` gives the user, or None.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Call
from ..errors import AwsError
from ..http.message import Request
from ..wire.contract import Route
from . import credentials, faults
from .contract import ANONYMOUS, Identity

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction


def identify(cloud: Cloud, tx: Transaction, request: Request, route: Route, token: str) -> Identity:
    """Whose token it is, for the service that is asked."""
    ask = getattr(cloud.catalog.load("iam").access, "bearer", None) if "iam" in cloud.catalog.apis else None
    call = Call(cloud, tx, route.op.service, route.op.name, cloud.settings.account, route.region or cloud.settings.region,
                ANONYMOUS, cloud.clock.now(), request, "", "")
    found = ask(call, token) if ask is not None else None
    if found is None:
        raise AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", 401)
    kind = faults.kind_of(route.op.service, route.op.protocol)
    credentials.refuse_closed(tx, found.account, route.region, "", kind, call.now)
    return Identity(found, route.region)
