"""What exists in Cloud Control: requests and how they ended."""

from __future__ import annotations

import msgspec

from cumulet.kernel import stored


@stored(key=("token",), indexes={"client": ("client_token",), "age": ("at", "token")})
class ResourceRequest(msgspec.Struct, kw_only=True):
    """One request. asked: what it asked for, to tell a repeated client token from a new use of it."""

    token: str
    operation: str
    type_name: str
    identifier: str
    asked: str
    at: float
    model: str | None = None
    client_token: str | None = None
    error_code: str | None = None
    message: str | None = None
