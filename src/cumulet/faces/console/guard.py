"""Which requests the console's API takes: from its own page, asked for by a name of this machine, with a session's token.

A page of another origin can make a browser send requests, but sets no header of ours without our leave, which nobody gets; a
page whose name was made to lead here (DNS rebinding) sends its own name as the host.

What somebody stored in a bucket is served at the same host as the console, by S3: a browser that shows it as a page is told to
give it no origin, so that it is none of ours.
"""

from __future__ import annotations

from ...kernel.http.message import Request, Respond, Response, Upgrade
from .. import names

TOKEN = "x-cumulet-token"
_PAGES = frozenset({"document", "iframe", "frame", "embed", "object"})
_SANDBOX = ("Content-Security-Policy", "sandbox allow-scripts allow-forms allow-popups allow-downloads")


def refusal(request: Request, host: str = "") -> str:
    """Why this request is not from our own page; "" when it may be. host: the name that the server was told to listen on."""
    if not _is_ours(request.host, host):
        return "The console answers to localhost and to addresses, not to other names."
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        return "Pages of other origins may not use the console."
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return "Pages of other origins may not use the console."
    return ""


def _is_ours(said: str, host: str) -> bool:
    """A name that leads to this machine wherever it is asked for, or an address, which no DNS can bend."""
    name = names.name_of(said)
    return bool(name) and (name in ("localhost", host.lower()) or names.is_address(name))


def shielded(request: Request, respond: Respond, host: str = "") -> Respond:
    """`respond`, with a sandbox around what a browser shows as a page at a host where the console is, too."""
    if request.headers.get("sec-fetch-dest") not in _PAGES or not _is_ours(request.host, host):
        return respond

    def answer(response: Response | Upgrade) -> None:
        response.headers.append(_SANDBOX)
        respond(response)

    return answer
