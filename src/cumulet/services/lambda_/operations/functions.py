"""Functions: made, told, changed, published, ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..names import arn_of, check_revision, function, split, version
from ..package import fault, sha256
from ..resources import LATEST, Alias, Code, Function, Version

_MOST_ENVIRONMENT = 4096


@operation
def create_function(call: Call, FunctionName: str, Role: str, Code: dict[str, Any], Runtime: str | None = None,
                    Handler: str | None = None, Description: str = "", Timeout: int = 3, MemorySize: int = 128,
                    Publish: bool = False, PackageType: str = "Zip", Environment: dict[str, Any] | None = None,
                    Architectures: list[str] | None = None, EphemeralStorage: dict[str, int] | None = None,
                    Tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""
    name, _ = split(call, FunctionName)
    if PackageType != "Zip":
        raise error.NotImplemented("CreateFunction with container images is not implemented by cumulet.", 501)
    if not Runtime or not Handler:
        raise error.InvalidParameterValueException("Runtime and Handler are mandatory parameters for functions created with"
                                                   " deployment packages.")
    if call.table(Function).get(name) is not None:
        raise error.ResourceConflictException(f"Function already exist: {name}")
    _check_environment(Environment)
    row = Function(FunctionName=name, Role=Role, Runtime=Runtime, Handler=Handler, Description=Description, Timeout=Timeout,
                   MemorySize=MemorySize, Environment=Environment, Architectures=Architectures or ["x86_64"],
                   EphemeralStorage=EphemeralStorage or {"Size": 512}, tags=Tags or {}, created=call.now)
    _take_code(call, row, Code)
    _touch(call, row)
    return _publish(call, row) if Publish else shown(call, row)


def _check_environment(environment: dict[str, Any] | None) -> None:
    size = sum(len(k.encode()) + len(v.encode()) for k, v in (environment or {}).get("Variables", {}).items())
    if size > _MOST_ENVIRONMENT:
        raise error.InvalidParameterValueException("Lambda was unable to configure your environment variables because the"
                                                   " environment variables you have provided exceeded the 4KB limit.")


def _take_code(call: Call, row: Function, code: dict[str, Any]) -> None:
    """Keep the package that a request brings or names, and let go of the one before if no version has it."""
    package = code.get("ZipFile")
    direct = package is not None
    if package is None:
        if "S3Bucket" not in code or "S3Key" not in code:
            raise error.InvalidParameterValueException("Please provide a source for function code.")
        package = _from_s3(call, code)
    if wrong := fault(package, direct):
        raise error.InvalidParameterValueException(wrong)
    before, row.code_sha256, row.code_size = row.code_sha256, sha256(package), len(package)
    call.put(Code(function=row.FunctionName, sha256=row.code_sha256, package=package))
    if before and before != row.code_sha256:
        _release_code(call, row.FunctionName, before)


def _from_s3(call: Call, code: dict[str, Any]) -> bytes:
    found = call.aws.s3.get_object(Bucket=code["S3Bucket"], Key=code["S3Key"], VersionId=code.get("S3ObjectVersion"))
    return call.read(found["Body"])


def _release_code(call: Call, name: str, code_sha256: str) -> None:
    if not any(v.code_sha256 == code_sha256 for v in call.table(Version).scan(name)):
        call.table(Code).delete(name, code_sha256)


def _touch(call: Call, row: Function) -> None:
    row.modified, row.revision = call.now, call.uuid()
    call.put(row)


def shown(call: Call, row: Function, qualified: bool = False) -> dict[str, Any]:
    """A FunctionConfiguration of `$LATEST`."""
    arn = arn_of(call, row.FunctionName, LATEST if qualified else "")
    modified = datetime.fromtimestamp(row.modified, UTC)
    return {"FunctionName": row.FunctionName, "FunctionArn": arn, "Runtime": row.Runtime, "Role": row.Role,
            "Handler": row.Handler, "CodeSize": row.code_size, "CodeSha256": row.code_sha256, "Description": row.Description,
            "Timeout": row.Timeout, "MemorySize": row.MemorySize, "Environment": row.Environment, "Version": LATEST,
            "LastModified": modified.strftime("%Y-%m-%dT%H:%M:%S.") + f"{modified.microsecond // 1000:03}+0000",
            "RevisionId": row.revision, "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
            "Architectures": row.Architectures, "EphemeralStorage": row.EphemeralStorage,
            "TracingConfig": {"Mode": "PassThrough"}, "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{row.FunctionName}"}}


def _publish(call: Call, row: Function, description: str | None = None) -> dict[str, Any]:
    """A new version of what `$LATEST` is; the newest again when nothing changed since."""
    newest = call.table(Version).get(row.FunctionName, row.versions) if row.versions else None
    config = shown(call, row) | ({"Description": description} if description is not None else {})
    if newest is not None and _same(newest.config, config):
        return newest.config
    row.versions += 1
    config |= {"Version": str(row.versions), "FunctionArn": arn_of(call, row.FunctionName, str(row.versions)),
               "RevisionId": call.uuid()}
    call.put(Version(function=row.FunctionName, number=row.versions, config=config, code_sha256=row.code_sha256))
    call.put(row)
    return config


def _same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    own = ("Version", "FunctionArn", "RevisionId", "LastModified")
    return {k: v for k, v in a.items() if k not in own} == {k: v for k, v in b.items() if k not in own}


def _config(call: Call, name: str, qualifier: str) -> dict[str, Any]:
    row = function(call, name, qualifier)
    if qualifier in ("", LATEST):
        return shown(call, row, qualifier == LATEST)
    config = version(call, name, qualifier).config
    return config if qualifier.isdigit() else config | {"FunctionArn": arn_of(call, name, qualifier)}


@operation
def get_function(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    config = _config(call, name, qualifier)
    return {"Configuration": config, "Code": {"RepositoryType": "S3"}, "Tags": function(call, name).tags or None}


@operation
def get_function_configuration(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html"""
    return _config(call, *split(call, FunctionName, Qualifier))


@operation
def list_functions(call: Call, FunctionVersion: str | None = None, page: Page[Any] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html"""
    rows = page.cut(call.table(Function).scan(after=page.after, limit=page.limit + 1), lambda f: f.FunctionName)
    shown_all = []
    for row in rows:
        shown_all.append(shown(call, row, FunctionVersion == "ALL"))
        if FunctionVersion == "ALL":
            shown_all += [v.config for v in call.table(Version).scan(row.FunctionName)]
    return {"Functions": shown_all}


@operation
def update_function_code(call: Call, FunctionName: str, ZipFile: bytes | None = None, S3Bucket: str | None = None,
                         S3Key: str | None = None, S3ObjectVersion: str | None = None, Publish: bool = False,
                         DryRun: bool = False, RevisionId: str | None = None,
                         Architectures: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html"""
    name, _ = split(call, FunctionName)
    row = function(call, name)
    check_revision(row, RevisionId)
    code = {"ZipFile": ZipFile, "S3Bucket": S3Bucket, "S3Key": S3Key, "S3ObjectVersion": S3ObjectVersion}
    if DryRun:
        return shown(call, row)
    _take_code(call, row, {k: v for k, v in code.items() if v is not None})
    row.Architectures = Architectures or row.Architectures
    _touch(call, row)
    return _publish(call, row) if Publish else shown(call, row)


@operation
def update_function_configuration(call: Call, FunctionName: str, Role: str | None = None, Handler: str | None = None,
                                  Description: str | None = None, Timeout: int | None = None, MemorySize: int | None = None,
                                  Environment: dict[str, Any] | None = None, Runtime: str | None = None,
                                  RevisionId: str | None = None,
                                  EphemeralStorage: dict[str, int] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html"""
    name, _ = split(call, FunctionName)
    row = function(call, name)
    check_revision(row, RevisionId)
    _check_environment(Environment)
    for field, value in (("Role", Role), ("Handler", Handler), ("Description", Description), ("Timeout", Timeout),
                         ("MemorySize", MemorySize), ("Environment", Environment), ("Runtime", Runtime),
                         ("EphemeralStorage", EphemeralStorage)):
        if value is not None:
            setattr(row, field, value)
    _touch(call, row)
    return shown(call, row)


@operation
def delete_function(call: Call, FunctionName: str, Qualifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    function(call, name, qualifier)
    if not qualifier:
        for kind in (Version, Code, Alias):
            call.table(kind).delete_all(name)
        call.table(Function).delete(name)
        return
    if not qualifier.isdigit():
        raise error.InvalidParameterValueException("$LATEST version cannot be deleted without deleting the function.")
    aliases = [a for a in call.table(Alias).scan(name) if a.FunctionVersion == qualifier]
    if aliases:
        raise error.ResourceConflictException(f"Version {qualifier} is referenced by the following aliases:"
                                              f" {[a.Name for a in aliases]}")
    gone = call.table(Version).get(name, int(qualifier))
    if gone is not None:
        call.table(Version).delete(name, gone.number)
        if gone.code_sha256 != function(call, name).code_sha256:
            _release_code(call, name, gone.code_sha256)


@operation
def publish_version(call: Call, FunctionName: str, CodeSha256: str | None = None, Description: str | None = None,
                    RevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html"""
    name, _ = split(call, FunctionName)
    row = function(call, name)
    check_revision(row, RevisionId)
    if CodeSha256 is not None and CodeSha256 != row.code_sha256:
        raise error.InvalidParameterValueException(
            f"CodeSHA256 ({CodeSha256}) is different from current CodeSHA256 in $LATEST ({row.code_sha256}). Please try again"
            " with the CodeSHA256 in $LATEST.")
    return _publish(call, row, Description)


@operation
def list_versions_by_function(call: Call, FunctionName: str, page: Page[Any] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html"""
    name, _ = split(call, FunctionName)
    row = function(call, name)
    versions = call.table(Version).scan(name, after=page.after, limit=page.limit + 1)
    configs = [] if page.after is not None else [shown(call, row, qualified=True)]
    return {"Versions": [*configs, *(v.config for v in page.cut(versions, lambda v: v.number))]}


@operation
def get_account_settings(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html"""
    functions = call.table(Function).scan()
    size = sum(len(c.package) for f in functions for c in call.table(Code).scan(f.FunctionName))
    return {"AccountLimit": {"TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800,
                             "ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000},
            "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(functions)}}
