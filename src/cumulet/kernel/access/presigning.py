"""Addresses that a service gives away for its caller: signed in the query, good for a while, with the caller's own rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from msgspec import structs

from ..http.message import Request
from . import handing, sigv4
from .contract import Principal

if TYPE_CHECKING:
    from ..call import Call

Keys = tuple[tuple[str, tuple[str, ...]], ...]


def presigned(call: Call, who: Principal, method: str, path: str, query: str, seconds: int, keys: Keys = ()) -> str:
    """An address of S3 on this machine, signed with temporary credentials of `who`.

    path and query: percent-encoded.  keys: condition keys that the request carries (`aws:calledvia`).
    """
    there = call.elsewhere(who.account)
    given = handing.temporary(there, structs.replace(who, keys=(*who.keys, *keys)), max(seconds, 900))
    date = datetime.fromtimestamp(call.cloud.clock.wall(), UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = sigv4.Scope(given.id, date[:8], call.region, "s3")
    asked = urlencode({"X-Amz-Algorithm": sigv4.HMAC, "X-Amz-Credential": f"{scope.key}/{scope.text}", "X-Amz-Date": date,
                       "X-Amz-Expires": seconds, "X-Amz-Security-Token": given.token, "X-Amz-SignedHeaders": "host"},
                      quote_via=quote, safe=sigv4.SAFE)
    host = f"127.0.0.1:{call.cloud.endpoint.rpartition(':')[2]}"          # functions find this cloud there as well
    target = f"{path}?{query}&{asked}" if query else f"{path}?{asked}"
    canonical = sigv4.canonical_request(Request(method, target, {"host": host}), "host", sigv4.UNSIGNED, once=True)
    signature = sigv4.signature(given.secret, scope, sigv4.string_to_sign(sigv4.HMAC, date, scope, canonical))
    return f"http://{host}{target}&X-Amz-Signature={signature}"
