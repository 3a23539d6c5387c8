"""Policies looked at by themselves: validated, and checked for what they grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..checks import Reason, granted, newly_granted, public
from ..statements import Statement, Unreadable, read
from ..validation import findings


@operation(accepts=("locale",))
def validate_policy(call: Call, policyDocument: str, policyType: str, validatePolicyResourceType: str | None = None,
                    page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html"""
    if validatePolicyResourceType is not None and policyType != "RESOURCE_POLICY":
        raise error.ValidationException("validatePolicyResourceType is for resource policies only.",
                                        reason="fieldValidationFailed")
    start = int(page.after or 0)
    listed = list(enumerate(findings(policyDocument, policyType, validatePolicyResourceType), 1))[start:]
    return {"findings": [finding for _, finding in page.cut(listed, lambda one: one[0])]}


@operation
def check_access_not_granted(call: Call, policyDocument: str, access: Sequence[Mapping[str, Sequence[str]]],
                             policyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html"""
    if not access or not (access[0].get("actions") or access[0].get("resources")):
        raise error.InvalidParameterException("Access must name actions or resources.")
    wanted = access[0]
    return _result(granted(_read(policyDocument), wanted.get("actions") or ["*"], wanted.get("resources") or ["*"]),
                   "The policy document does not grant access to perform the listed actions or resources.",
                   "The policy document grants access to perform one or more of the listed actions or resources.")


@operation
def check_no_new_access(call: Call, newPolicyDocument: str, existingPolicyDocument: str, policyType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html"""
    return _result(newly_granted(_read(newPolicyDocument), _read(existingPolicyDocument)),
                   "The modified permissions do not grant new access compared to your existing policy.",
                   "The modified permissions grant new access compared to your existing policy.")


@operation
def check_no_public_access(call: Call, policyDocument: str, resourceType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoPublicAccess.html"""
    return _result(public(call, policyDocument, _read(policyDocument)),
                   "The resource policy does not grant public access for the given resource type.",
                   "The resource policy grants public access for the given resource type.")


def _read(text: str) -> list[Statement]:
    try:
        return read(text)
    except Unreadable as problem:
        raise error.InvalidParameterException(f"The policy document is not valid: {problem}") from problem


def _result(reasons: Sequence[Reason], passed: str, failed: str) -> dict[str, Any]:
    return {"result": "FAIL" if reasons else "PASS", "message": failed if reasons else passed,
            "reasons": [{"description": one.text, "statementIndex": one.number, "statementId": one.sid or None}
                        for one in reasons] or None}
