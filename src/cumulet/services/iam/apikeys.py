"""API keys: service-specific credentials whose secret a service takes as a bearer token.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256

from cumulet.kernel import Call, Principal

from .resources import ServiceCredential, User

# Service principal → what its keys begin with, and their names.
API_KEYS = {"bedrock.amazonaws.com": ("ABSK", "BedrockAPIKey"), "logs.amazonaws.com": ("ACWL", "LogsAPIKey")}
_NAME = re.compile(r"\w+-\w+-at-(\d{12})")


def whose(call: Call, token: str) -> Principal | None:
    """The user whose key for the asked service it is, while the key is active and has not expired."""
    service = f"{call.service}.amazonaws.com"
    begin = API_KEYS.get(service, ("",))[0]
    if not begin or not token.startswith(begin):
        return None
    try:
        name = base64.b64decode(token[len(begin):], validate=True).decode().partition(":")[0]
    except ValueError:
        return None
    named = _NAME.fullmatch(name)
    if named is None:
        return None
    there = call.elsewhere(named[1])
    row = there.table(ServiceCredential).find("digest", sha256(token.encode()).digest())
    if row is None or row.service != service or not row.active or (row.expires is not None and row.expires <= call.now):
        return None
    user = there.table(User).find("id", row.user)
    if user is None:
        return None
    arn = there.arn(user)
    return Principal("user", there.account, arn, user.UserId, arn)
