"""Who calls. (First form: lenient keys.)"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from .contract import Identity, root_of

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/")


def identify(cloud: Any, tx: Any, request: Any, route: Any) -> Identity:
    found = _CREDENTIAL.search(request.headers.get("authorization") or
                               unquote(request.query).replace("X-Amz-Credential=", "Credential="))
    if not found:
        return Identity(root_of(cloud.settings.account))
    key = found[1]
    return Identity(root_of(key if len(key) == 12 and key.isdigit() else cloud.settings.account, key), found[2])
