"""The page where the owner of a domain approves a certificate of ACM: the link of a validation mail leads here."""

from __future__ import annotations

from html import escape
from urllib.parse import unquote

from ..kernel.access.contract import ANONYMOUS
from ..kernel.call import Call
from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Response
from ..kernel.store.contract import Transaction
from .pages import Answering, from_here, html

_TITLE = "Certificate approval"


class Approvals:
    """What is answered below `/_acm`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def page(self, request: Request) -> Response:
        parts = [unquote(part) for part in request.path.split("/")[2:]]
        if len(parts) != 5 or request.method not in ("GET", "HEAD", "POST"):
            return html(_TITLE, "<p>There is no such page.</p>", 404)
        if request.method != "POST":
            return html(_TITLE, f"<p>A certificate is asked for {escape(parts[3])}, by account {escape(parts[0])}.</p>\n"
                        f'<form method="post" action="{escape(request.path)}"><button>I approve</button></form>')
        if not from_here(request):
            return html(_TITLE, "<p>Pages of other origins may not approve anything.</p>", 403)
        if await self.cloud.store.run(lambda tx: self._approve(tx, request, *parts)):
            return html(_TITLE, "<p>Approved.</p>")
        return html(_TITLE, "<p>This link is not valid, or not any more.</p>", 404)

    def _approve(self, tx: Transaction, request: Request, account: str, region: str, id: str, name: str, secret: str) -> bool:
        from ..services.acm import background

        self.cloud.catalog.load("acm")
        call = Call(self.cloud, tx, "acm", "Approve", account, region, ANONYMOUS, self.cloud.clock.now(), request,
                    self.cloud.chance.uuid(), self.cloud.endpoint)
        return background.approve(call, id, name, secret)


def mount(cloud: Cloud) -> None:
    """Put the page on a cloud."""
    cloud.faces["_acm"] = Answering(_TITLE, Approvals(cloud).page)
