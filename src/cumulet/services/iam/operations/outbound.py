"""Outbound web identity federation: an account's issuer of tokens, on and off. STS gives the tokens."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation, principals

_issuers = principals.issuers


@operation
def enable_outbound_web_identity_federation(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOutboundWebIdentityFederation.html"""
    row = _issuers.of_account(call)
    if row is not None and row.enabled:
        raise error.FeatureEnabledException("Outbound web identity federation is already enabled for this account.")
    if row is None:
        row = _issuers.begin(call)
    else:
        row.enabled = True
        call.put(row)
    return {"IssuerIdentifier": _issuers.url(call, row)}


@operation
def disable_outbound_web_identity_federation(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOutboundWebIdentityFederation.html"""
    row = _issuers.of_account(call)
    if row is None or not row.enabled:
        raise _disabled()
    row.enabled = False
    call.put(row)


@operation
def get_outbound_web_identity_federation_info(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOutboundWebIdentityFederationInfo.html"""
    row = _issuers.of_account(call)
    if row is None or not row.enabled:
        raise _disabled()
    return {"IssuerIdentifier": _issuers.url(call, row), "JwtVendingEnabled": True}


def _disabled() -> AwsError:
    return error.FeatureDisabledException("Outbound web identity federation is disabled for this account.")
