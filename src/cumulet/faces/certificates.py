"""The certificate that notifications are signed with, at the address that they name as SigningCertURL."""

from __future__ import annotations

from collections.abc import Callable

from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Response
from ..kernel.store.contract import Transaction
from .pages import Answering, html

_PREFIX = "/_sns/SimpleNotificationService-"


class Certificates:
    """What is answered below `/_sns`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def page(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return html("Certificate", "<p>This method is not allowed.</p>", 405)
        pem = await self.cloud.store.run(self._find(request.path))
        if pem is None:
            return html("Certificate", "<p>There is no such certificate.</p>", 404)
        return Response(200, [("Content-Type", "application/x-pem-file"), ("Cache-Control", "max-age=86400")], pem)

    def _find(self, path: str) -> Callable[[Transaction], bytes | None]:
        from ..services.sns.resources import SigningKey

        self.cloud.catalog.load("sns")
        fingerprint = path.removeprefix(_PREFIX).removesuffix(".pem")

        def find(tx: Transaction) -> bytes | None:
            found = tx.table(SigningKey, "", "").get("notifications")
            return found.certificate if found is not None and found.fingerprint == fingerprint else None
        return find


def mount(cloud: Cloud) -> None:
    """Put the certificate on a cloud."""
    cloud.faces["_sns"] = Answering("Certificate", Certificates(cloud).page)
