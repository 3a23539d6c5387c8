"""What others verify an account's web identity tokens by: the discovery document and the keys of its issuer."""

from __future__ import annotations

import orjson

from ..kernel.access import issuers
from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Response
from .pages import Answering, html

_KEYS, _ABOUT = "/.well-known/jwks.json", "/.well-known/openid-configuration"
_HEADERS = [("Content-Type", "application/json"), ("Cache-Control", "max-age=300"), ("Access-Control-Allow-Origin", "*")]


class Tokens:
    """What is answered below `/_tokens`."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def page(self, request: Request) -> Response:
        id, slash, rest = request.path.removeprefix(issuers.PATH).partition("/")
        row = await self.cloud.store.run(lambda tx: tx.table(issuers.TokenIssuer, "", "").get(id))
        if row is None or request.method not in ("GET", "HEAD"):
            return html("Tokens", "<p>There is no such issuer.</p>", 404)
        if slash + rest == _KEYS:
            return Response(200, [*_HEADERS], row.public.encode())
        if slash + rest == _ABOUT:
            address = f"{request.scheme}://{request.host}{issuers.PATH}{id}"
            return Response(200, [*_HEADERS], orjson.dumps(issuers.discovery(address)))
        return html("Tokens", "<p>There is no such page.</p>", 404)


def mount(cloud: Cloud) -> None:
    """Put the issuers on a cloud."""
    cloud.faces["_tokens"] = Answering("Tokens", Tokens(cloud).page)
