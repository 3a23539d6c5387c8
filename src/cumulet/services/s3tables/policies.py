"""The policies of table buckets and of tables.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-resource-based-policies.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from .faults import bad_request

_ACTION = re.compile(r"\*|s3tables:[A-Za-z*?]+", re.IGNORECASE)


def checked(text: str, arn: str) -> str:
    """The policy, unless it is none, or not for this bucket or table."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_request("The policy is not valid JSON.") from None
    said = document.get("Statement") if isinstance(document, dict) else None
    statements = said if isinstance(said, list) else [said]
    if not statements or not all(_is_statement(one, arn) for one in statements):
        raise bad_request("The specified resource policy is not valid.")
    return text


def _is_statement(said: Any, arn: str) -> bool:
    """Has it an effect, principals, actions of this service, and resources within what it is the policy of?"""
    if not isinstance(said, dict) or said.get("Effect") not in ("Allow", "Deny"):
        return False
    if ("Principal" in said) == ("NotPrincipal" in said):
        return False
    actions, resources = _texts(said, "Action"), _texts(said, "Resource")
    return bool(actions) and bool(resources) and all(_ACTION.fullmatch(one) for one in actions) and all(
        one == "*" or one.startswith(arn) for one in resources)


def _texts(said: dict[str, Any], name: str) -> list[str]:
    """The values of an element or of its negation."""
    value = said.get(name, said.get("Not" + name, []))
    return [str(one) for one in (value if isinstance(value, list) else [value])]
