"""Policy documents as they come and go."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from cumulet.kernel import error, principals

MANAGED, TRUST = 6144, 2048
INLINE = {"user": 2048, "group": 5120, "role": 10240}


def checked(document: Any, trust: bool = False) -> str:
    """The text of a document that is a policy; raises MalformedPolicyDocument. (Peers may give it as a value.)"""
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        principals.check_policy(text, trust)
    except principals.MalformedPolicy as problem:
        raise error.MalformedPolicyDocumentException(str(problem)) from None
    return text


def size(text: str) -> int:
    """Characters without white space: what quotas count."""
    return len("".join(text.split()))


def encoded(text: str) -> str:
    """As answers carry it."""
    return quote(text, safe="~")
