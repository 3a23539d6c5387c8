"""Capacity providers: instances of one's own for functions. They are kept as they are described; no instance is started, and
functions that ask for one are refused by name (`CapacityProviderConfig`)."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, parse_arn

from ..resources import CapacityProvider
from ..settings import stamp

_MOST = 1000                          # in an account and region


def _name(text: str) -> str:
    """A provider is named or given by its ARN."""
    arn = parse_arn(text)
    return text if arn is None else arn.resource.partition(":")[2]


def _shown(call: Call, row: CapacityProvider, state: str = "") -> dict[str, Any]:
    return {"CapacityProviderArn": call.arn(row), "State": state or row.state, "VpcConfig": row.VpcConfig,
            "PermissionsConfig": row.PermissionsConfig, "InstanceRequirements": row.InstanceRequirements,
            "CapacityProviderScalingConfig": row.CapacityProviderScalingConfig, "KmsKeyArn": row.KmsKeyArn,
            "LastModified": stamp(row.modified), "PropagateTags": row.PropagateTags, "TelemetryConfig": row.TelemetryConfig}


def _scaling(given: dict[str, Any] | None) -> dict[str, Any]:
    """With AWS's values for what is not said; raises when a mode lacks its policies, or has those of the other."""
    wanted = {"MaxVCpuCount": 400, "ScalingMode": "Auto", **(given or {})}
    if wanted["ScalingMode"] == "Manual" and not wanted.get("ScalingPolicies"):
        raise error.InvalidParameterValueException("ScalingPolicies must be specified when ScalingMode is Manual.")
    if wanted["ScalingMode"] == "Auto" and wanted.get("ScalingPolicies"):
        raise error.InvalidParameterValueException("ScalingPolicies cannot be specified when ScalingMode is Auto.")
    return wanted


def _propagated(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given and given.get("ExplicitTags") and given.get("Mode") != "Explicit":
        raise error.InvalidParameterValueException("ExplicitTags can only be specified when Mode is Explicit.")
    return given


@operation
def create_capacity_provider(call: Call, CapacityProviderName: str, VpcConfig: dict[str, list[str]],
                             PermissionsConfig: dict[str, str], InstanceRequirements: dict[str, list[str]] | None = None,
                             CapacityProviderScalingConfig: dict[str, Any] | None = None, KmsKeyArn: str | None = None,
                             Tags: dict[str, str] | None = None, PropagateTags: dict[str, Any] | None = None,
                             TelemetryConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateCapacityProvider.html"""
    table, name = call.table(CapacityProvider), _name(CapacityProviderName)
    if table.get(name) is not None:
        raise error.ResourceConflictException(f"Capacity provider already exists: {name}")
    if table.count() >= _MOST:
        raise error.CapacityProviderLimitExceededException("The maximum number of capacity providers for your account has been"
                                                           " exceeded.")
    required = InstanceRequirements or {}
    if required.get("AllowedInstanceTypes") and required.get("ExcludedInstanceTypes"):
        raise error.InvalidParameterValueException(
            "AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified together.")
    row = CapacityProvider(
        CapacityProviderName=name, VpcConfig=VpcConfig, PermissionsConfig=PermissionsConfig, KmsKeyArn=KmsKeyArn,
        InstanceRequirements={"Architectures": ["x86_64"], **required},
        CapacityProviderScalingConfig=_scaling(CapacityProviderScalingConfig), PropagateTags=_propagated(PropagateTags),
        TelemetryConfig=TelemetryConfig, tags=Tags or {}, created=call.now, modified=call.now)
    call.put(row)
    return {"CapacityProvider": _shown(call, row)}


@operation
def get_capacity_provider(call: Call, CapacityProviderName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetCapacityProvider.html"""
    return {"CapacityProvider": _shown(call, call.get(CapacityProvider, _name(CapacityProviderName)))}


@operation
def update_capacity_provider(call: Call, CapacityProviderName: str, CapacityProviderScalingConfig: dict[str, Any] | None = None,
                             PropagateTags: dict[str, Any] | None = None,
                             TelemetryConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateCapacityProvider.html"""
    row = call.get(CapacityProvider, _name(CapacityProviderName))
    if CapacityProviderScalingConfig is not None:
        row.CapacityProviderScalingConfig = _scaling(CapacityProviderScalingConfig)
    row.PropagateTags = _propagated(PropagateTags) or row.PropagateTags
    row.TelemetryConfig = TelemetryConfig or row.TelemetryConfig
    row.modified = call.now
    call.put(row)
    return {"CapacityProvider": _shown(call, row)}


@operation
def delete_capacity_provider(call: Call, CapacityProviderName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCapacityProvider.html"""
    row = call.get(CapacityProvider, _name(CapacityProviderName))
    call.table(CapacityProvider).delete(row.CapacityProviderName)
    return {"CapacityProvider": _shown(call, row, "Deleting")}


@operation
def list_capacity_providers(call: Call, State: str | None = None, page: Page[CapacityProvider] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListCapacityProviders.html"""
    rows = [row for row in call.table(CapacityProvider).scan(after=page.after) if State in (None, row.state)]
    return {"CapacityProviders": [_shown(call, row) for row in page.cut(rows, lambda row: row.CapacityProviderName)]}
