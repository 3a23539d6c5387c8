"""Layers: versions published, told, ended, and given to other accounts."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, Page, error, operation, parse_arn

from .. import layers
from ..package import fault, fetched, sha256
from ..resources import LayerCode, LayerVersion
from ..settings import stamp

_MISSING = "The resource you requested does not exist."


def _there(call: Call, name: str) -> tuple[Call, str]:
    """A layer by its name or ARN."""
    arn = parse_arn(name)
    return (call, name) if arn is None else (call.elsewhere(arn.account, arn.region), arn.resource.split(":")[1])


def _version(call: Call, name: str, number: int) -> tuple[Call, LayerVersion]:
    here, short = _there(call, name)
    row = here.table(LayerVersion).get(short, number)
    if row is None or row.deleted:
        raise error.ResourceNotFoundException(_MISSING)
    return here, row


def _listed(call: Call, row: LayerVersion) -> dict[str, Any]:
    return {"LayerVersionArn": layers.arn_of(call, row.name, row.number), "Version": row.number,
            "Description": row.description, "CreatedDate": stamp(row.created), "CompatibleRuntimes": row.runtimes,
            "CompatibleArchitectures": row.architectures, "LicenseInfo": row.license}


def _shown(call: Call, row: LayerVersion) -> dict[str, Any]:
    return _listed(call, row) | {"LayerArn": layers.arn_of(call, row.name),
                                 "Content": {"CodeSha256": row.code_sha256, "CodeSize": row.code_size}}


@operation
def publish_layer_version(call: Call, LayerName: str, Content: dict[str, Any], Description: str = "",
                          CompatibleRuntimes: list[str] | None = None, CompatibleArchitectures: list[str] | None = None,
                          LicenseInfo: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html"""
    here, name = _there(call, LayerName)
    package, direct = fetched(call, Content)
    if wrong := fault(package, direct):
        raise error.InvalidParameterValueException(wrong)
    last = here.table(LayerVersion).scan(name, reverse=True, limit=1)
    row = LayerVersion(name=name, number=last[0].number + 1 if last else 1, description=Description,
                       runtimes=CompatibleRuntimes, architectures=CompatibleArchitectures, license=LicenseInfo,
                       code_sha256=sha256(package), code_size=len(package), created=call.now)
    here.put(row)
    here.put(LayerCode(layer=name, number=row.number, package=package))
    return _shown(here, row)


@operation
def get_layer_version(call: Call, LayerName: str, VersionNumber: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersion.html"""
    here, row = _version(call, LayerName, VersionNumber)
    return _shown(here, row)


@operation
def get_layer_version_by_arn(call: Call, Arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html"""
    parts = layers.split(Arn)
    if parts is None:
        raise error.ResourceNotFoundException(_MISSING)
    here, row = _version(call.elsewhere(parts[0], parts[1]), parts[2], parts[3])
    return _shown(here, row)


@operation
def delete_layer_version(call: Call, LayerName: str, VersionNumber: int) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteLayerVersion.html"""
    here, name = _there(call, LayerName)
    here.table(LayerVersion).change(name, VersionNumber, deleted=True)


@operation
def list_layer_versions(call: Call, LayerName: str, CompatibleRuntime: str | None = None,
                        CompatibleArchitecture: str | None = None, page: Page[LayerVersion] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListLayerVersions.html"""
    here, name = _there(call, LayerName)
    rows = here.table(LayerVersion).scan(name, before=page.after, reverse=True)
    found = [row for row in rows if _fits(row, CompatibleRuntime, CompatibleArchitecture)]
    return {"LayerVersions": [_listed(here, row) for row in page.cut(found, lambda row: row.number)]}


def _fits(row: LayerVersion, runtime: str | None, architecture: str | None) -> bool:
    return not row.deleted and (runtime is None or runtime in (row.runtimes or ())) \
        and (architecture is None or architecture in (row.architectures or ()))


@operation
def list_layers(call: Call, CompatibleRuntime: str | None = None, CompatibleArchitecture: str | None = None,
                page: Page[LayerVersion] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListLayers.html"""
    newest: dict[str, LayerVersion] = {}
    for row in call.table(LayerVersion).iterate():
        if _fits(row, CompatibleRuntime, CompatibleArchitecture) and (page.after is None or row.name > page.after):
            newest[row.name] = row
    rows = page.cut(list(newest.values()), lambda row: row.name)
    return {"Layers": [{"LayerName": row.name, "LayerArn": layers.arn_of(call, row.name),
                        "LatestMatchingVersion": _listed(call, row)} for row in rows]}


# --- who may take them ---


def _policy(row: LayerVersion) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": row.policy}, separators=(",", ":"))


def _check_revision(row: LayerVersion, wanted: str | None) -> None:
    if wanted is not None and wanted != row.revision:
        raise error.PreconditionFailedException(
            "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest"
            " Revision Id")


@operation
def add_layer_version_permission(call: Call, LayerName: str, VersionNumber: int, StatementId: str, Action: str, Principal: str,
                                 OrganizationId: str | None = None, RevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html"""
    here, row = _version(call, LayerName, VersionNumber)
    _check_revision(row, RevisionId)
    if any(s["Sid"] == StatementId for s in row.policy):
        raise error.ResourceConflictException(f"The statement id ({StatementId}) provided already exists. Please provide a new"
                                              " statement id, or remove the existing statement.")
    who: Any = {"AWS": f"arn:aws:iam::{Principal}:root"} if Principal.isdigit() else Principal
    statement: dict[str, Any] = {
        "Sid": StatementId, "Effect": "Allow", "Principal": {"AWS": who} if str(who).startswith("arn:") else who,
        "Action": Action, "Resource": layers.arn_of(here, row.name, row.number)}
    if OrganizationId:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": OrganizationId}}
    row.policy = [*row.policy, statement]
    row.revision = call.uuid()
    here.put(row)
    return {"Statement": json.dumps(statement, separators=(",", ":")), "RevisionId": row.revision}


@operation
def get_layer_version_policy(call: Call, LayerName: str, VersionNumber: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html"""
    _, row = _version(call, LayerName, VersionNumber)
    if not row.policy:
        raise error.ResourceNotFoundException("No policy is associated with the given resource.")
    return {"Policy": _policy(row), "RevisionId": row.revision}


@operation
def remove_layer_version_permission(call: Call, LayerName: str, VersionNumber: int, StatementId: str,
                                    RevisionId: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_RemoveLayerVersionPermission.html"""
    here, row = _version(call, LayerName, VersionNumber)
    _check_revision(row, RevisionId)
    left = [s for s in row.policy if s["Sid"] != StatementId]
    if len(left) == len(row.policy):
        raise error.ResourceNotFoundException(f"Statement {StatementId} is not found in resource policy.")
    row.policy, row.revision = left, call.uuid()
    here.put(row)
