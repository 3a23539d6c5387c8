"""Code signing: whose signatures the packages of functions must have. Nothing here signs: a function that enforces it takes
no new code."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, parse_arn

from ..names import function, split
from ..resources import CodeSigningConfig, Function
from ..settings import stamp

_WARN = {"UntrustedArtifactOnDeployment": "Warn"}
_USERS = """SELECT "FunctionName" FROM {table} WHERE scope = {scope} AND "CodeSigningConfigArn" = ? ORDER BY "FunctionName\""""


def _shown(call: Call, row: CodeSigningConfig) -> dict[str, Any]:
    return {"CodeSigningConfigId": row.CodeSigningConfigId, "CodeSigningConfigArn": call.arn(row),
            "Description": row.Description, "AllowedPublishers": row.AllowedPublishers,
            "CodeSigningPolicies": row.CodeSigningPolicies or _WARN, "LastModified": stamp(row.modified)}


def _found(call: Call, text: str) -> CodeSigningConfig:
    arn = parse_arn(text)
    return call.get(CodeSigningConfig, arn.resource.partition(":")[2] if arn is not None else "")


def _users(call: Call, arn: str) -> list[str]:
    return [name for name, in call.table(Function).sql(_USERS, arn)]


@operation
def create_code_signing_config(call: Call, AllowedPublishers: dict[str, list[str]], Description: str = "",
                               CodeSigningPolicies: dict[str, str] | None = None,
                               Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateCodeSigningConfig.html"""
    row = CodeSigningConfig(CodeSigningConfigId=call.token(17, prefix="csc-"), AllowedPublishers=AllowedPublishers,
                            Description=Description, CodeSigningPolicies=CodeSigningPolicies or _WARN, tags=Tags or {},
                            created=call.now, modified=call.now)
    call.put(row)
    return {"CodeSigningConfig": _shown(call, row)}


@operation
def get_code_signing_config(call: Call, CodeSigningConfigArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetCodeSigningConfig.html"""
    return {"CodeSigningConfig": _shown(call, _found(call, CodeSigningConfigArn))}


@operation
def update_code_signing_config(call: Call, CodeSigningConfigArn: str, Description: str | None = None,
                               AllowedPublishers: dict[str, list[str]] | None = None,
                               CodeSigningPolicies: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateCodeSigningConfig.html"""
    row = _found(call, CodeSigningConfigArn)
    row.Description = row.Description if Description is None else Description
    row.AllowedPublishers = AllowedPublishers or row.AllowedPublishers
    row.CodeSigningPolicies = CodeSigningPolicies or row.CodeSigningPolicies
    row.modified = call.now
    call.put(row)
    return {"CodeSigningConfig": _shown(call, row)}


@operation
def delete_code_signing_config(call: Call, CodeSigningConfigArn: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCodeSigningConfig.html"""
    row = _found(call, CodeSigningConfigArn)
    if _users(call, call.arn(row)):
        raise error.ResourceConflictException(
            "Cannot delete the CodeSigningConfig: it is in use by a function. Remove it from the functions first.")
    call.table(CodeSigningConfig).delete(row.CodeSigningConfigId)


@operation
def list_code_signing_configs(call: Call, page: Page[CodeSigningConfig] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListCodeSigningConfigs.html"""
    rows = page.cut(call.table(CodeSigningConfig).scan(after=page.after, limit=page.limit + 1),
                    lambda row: row.CodeSigningConfigId)
    return {"CodeSigningConfigs": [_shown(call, row) for row in rows]}


@operation
def list_functions_by_code_signing_config(call: Call, CodeSigningConfigArn: str, page: Page[str] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionsByCodeSigningConfig.html"""
    names = [n for n in _users(call, call.arn(_found(call, CodeSigningConfigArn))) if page.after is None or n > page.after]
    return {"FunctionArns": [call.arn(Function(FunctionName=name)) for name in page.cut(names, lambda name: name)]}


@operation
def put_function_code_signing_config(call: Call, CodeSigningConfigArn: str, FunctionName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionCodeSigningConfig.html"""
    row = function(call, split(call, FunctionName)[0])
    arn = parse_arn(CodeSigningConfigArn)
    if arn is None or call.table(CodeSigningConfig).get(arn.resource.partition(":")[2]) is None:
        raise error.CodeSigningConfigNotFoundException(
            f"The code signing configuration cannot be found. Check that the provided configuration is not deleted:"
            f" {CodeSigningConfigArn}.")
    row.CodeSigningConfigArn = CodeSigningConfigArn
    call.put(row)
    return {"CodeSigningConfigArn": CodeSigningConfigArn, "FunctionName": row.FunctionName}


@operation
def get_function_code_signing_config(call: Call, FunctionName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html"""
    row = function(call, split(call, FunctionName)[0])
    return {"CodeSigningConfigArn": row.CodeSigningConfigArn, "FunctionName": row.FunctionName}


@operation
def delete_function_code_signing_config(call: Call, FunctionName: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionCodeSigningConfig.html"""
    row = function(call, split(call, FunctionName)[0])
    row.CodeSigningConfigArn = None
    call.put(row)
