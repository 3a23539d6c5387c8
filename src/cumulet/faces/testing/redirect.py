"""Clients that were made before a test began: what botocore would send to AWS goes to the test's cloud, and nothing leaves
this machine.

botocore asks its HTTP session to send each request, whenever its client was made. That one method is exchanged while a
test is pointed at a cloud. CUMULET_ALLOW_AWS=1 lets addresses that are neither AWS's nor this machine's through.
"""

from __future__ import annotations

import ipaddress
import os
import re
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from ...kernel.access.keys import made_here

_AWS = re.compile(r"(?:^|\.)(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.(?:aws|amazonwebservices\.(?:com\.cn|eu))|on\.aws)$")
_KEY = re.compile(r"(Credential=)([^/]+)(/)")
_ORIGINAL: Callable[[Any, Any], Any] = URLLib3Session.send


class LeftThisMachine(RuntimeError):
    """A client of AWS was about to talk to somebody else than the test's cloud."""


class Target(NamedTuple):
    """Where requests go, and the account that strangers' keys are taken for."""

    endpoint: str
    account: str


_targets: list[Target] = []            # the innermost last
_lock = threading.Lock()


def begin(target: Target) -> None:
    """From now on requests to AWS go there."""
    with _lock:
        _targets.append(target)
        URLLib3Session.send = _send


def end(target: Target) -> None:
    """As it was before."""
    with _lock:
        _targets.remove(target)
        if not _targets:
            URLLib3Session.send = _ORIGINAL


def _send(session: Any, request: Any) -> Any:
    """What stands in the place of URLLib3Session.send."""
    targets = _targets
    if not targets:
        return _ORIGINAL(session, request)
    target = targets[-1]
    url = urlsplit(request.url)
    host = url.hostname or ""
    if _AWS.search(host):
        return _sent(session, request, target, url.netloc)
    if not is_here(host) and f"{url.scheme}://{url.netloc}" != target.endpoint and os.environ.get("CUMULET_ALLOW_AWS") != "1":
        raise LeftThisMachine(f"A test was about to send a request to {host}. It goes nowhere: only this machine may be talked "
                              "to (CUMULET_ALLOW_AWS=1 allows others).")
    return _ORIGINAL(session, request)


def _sent(session: Any, request: Any, target: Target, host: str) -> Any:
    """Send a request to the cloud that was meant for AWS: for the same host, under a key that the cloud understands."""
    meant = request.url
    request.url = target.endpoint + meant[meant.index(host) + len(host):]
    request.headers["Host"] = host
    _reassign(request.headers, target.account)
    try:
        proxied = session._proxy_config.proxy_url_for(request.url) is not None
        return _ORIGINAL(URLLib3Session(timeout=session._timeout) if proxied else session, request)
    finally:
        request.url = meant


def _reassign(headers: Any, account: str) -> None:
    """A key that neither names an account nor was made by a cloud becomes the account's own, and its token goes."""
    signed = headers.get("Authorization")
    if signed is None:
        return
    if isinstance(signed, bytes):
        signed = signed.decode("latin-1")
    found = _KEY.search(signed)
    if found is None or re.fullmatch(r"\d{12}", found[2]) or made_here(found[2]):
        return
    headers["Authorization"] = _KEY.sub(lambda m: m[1] + account + m[3], signed, count=1)
    if "X-Amz-Security-Token" in headers:
        del headers["X-Amz-Security-Token"]


def is_here(host: str) -> bool:
    """Is this host this machine?"""
    if host == "localhost" or host.endswith((".localhost", ".localhost.localstack.cloud")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
