"""Functions: made, told, changed, published, ended."""

from __future__ import annotations

from typing import Any

from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import Call, Page, error, operation, parse_arn

from .. import concurrency, layers, settings, variables
from ..durable.executions import forget_all
from ..durable.waiters import go_on
from ..names import arn_of, check_revision, function, split, version
from ..package import fault, fetched, folder, sha256
from ..resources import LATEST, Alias, Code, CodeSigningConfig, EventInvokeConfig, Function, Provisioned, Url, UrlOwner, Version


@operation
def create_function(call: Call, FunctionName: str, Role: str, Code: dict[str, Any], Runtime: str | None = None,
                    Handler: str | None = None, Description: str = "", Timeout: int = 3, MemorySize: int = 128,
                    Publish: bool = False, PackageType: str = "Zip", Environment: dict[str, Any] | None = None,
                    Architectures: list[str] | None = None, EphemeralStorage: dict[str, int] | None = None,
                    DeadLetterConfig: dict[str, str] | None = None, TracingConfig: dict[str, str] | None = None,
                    LoggingConfig: dict[str, str] | None = None, SnapStart: dict[str, str] | None = None,
                    Layers: list[str] | None = None, VpcConfig: dict[str, Any] | None = None,
                    CodeSigningConfigArn: str | None = None, Tags: dict[str, str] | None = None,
                    DurableConfig: dict[str, Any] | None = None, KMSKeyArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""
    name, _ = split(call, FunctionName)
    if PackageType != "Zip":
        raise error.NotImplemented("CreateFunction with container images is not implemented by cumulet.", 501)
    if not Runtime or not Handler:
        raise error.InvalidParameterValueException("Runtime and Handler are mandatory parameters for functions created with"
                                                   " deployment packages.")
    if call.table(Function).get(name) is not None:
        raise error.ResourceConflictException(f"Function already exist: {name}")
    row = Function(FunctionName=name, CodeSigningConfigArn=CodeSigningConfigArn, tags=Tags or {}, created=call.now)
    settings.take(call, row, {
        "Role": Role, "Runtime": Runtime, "Handler": Handler, "Description": Description, "Timeout": Timeout,
        "MemorySize": MemorySize, "Environment": Environment, "Architectures": Architectures or ["x86_64"],
        "EphemeralStorage": EphemeralStorage or {"Size": 512}, "DeadLetterConfig": DeadLetterConfig,
        "TracingConfig": TracingConfig, "LoggingConfig": LoggingConfig, "SnapStart": SnapStart, "Layers": Layers,
        "VpcConfig": VpcConfig, "DurableConfig": DurableConfig, "KMSKeyArn": KMSKeyArn})
    if DurableConfig is not None:
        call.always(go_on)
    _take_code(call, row, Code)
    _touch(call, row)
    return _publish(call, row) if Publish else shown(call, row)


def _take_code(call: Call, row: Function, code: dict[str, Any]) -> None:
    """Keep the package that a request brings or names, and let go of the one before if no version has it."""
    _check_signature(call, row)
    before, row.folder = row.code_sha256, folder(call, code)
    if row.folder:
        row.code_sha256, row.code_size = sha256(row.folder.encode()), 0
    else:
        package, direct = fetched(call, code)
        if wrong := fault(package, direct):
            raise error.InvalidParameterValueException(wrong)
        row.code_sha256, row.code_size = sha256(package), len(package)
        call.put(Code(function=row.FunctionName, sha256=row.code_sha256, package=package))
    if before and before != row.code_sha256:
        _release_code(call, row.FunctionName, before)


def _check_signature(call: Call, row: Function) -> None:
    """No package has a signature here."""
    arn = parse_arn(row.CodeSigningConfigArn) if row.CodeSigningConfigArn else None
    config = call.table(CodeSigningConfig).get(arn.resource.partition(":")[2]) if arn is not None else None
    if config is not None and (config.CodeSigningPolicies or {}).get("UntrustedArtifactOnDeployment") == "Enforce":
        raise error.CodeVerificationFailedException("Lambda cannot deploy the function. The function or layer might be signed"
                                                    " using a signature that the client is not configured to accept. Check the"
                                                    " provided signature for unsigned.")


def _release_code(call: Call, name: str, code_sha256: str) -> None:
    if not any(v.code_sha256 == code_sha256 for v in call.table(Version).scan(name)):
        call.table(Code).delete(name, code_sha256)


def _touch(call: Call, row: Function) -> None:
    row.modified, row.revision = call.now, call.uuid()
    call.put(row)


def shown(call: Call, row: Function, qualified: bool = False) -> dict[str, Any]:
    """A FunctionConfiguration of `$LATEST`, for this caller."""
    return _opened(call, _config_of(call, row, qualified), row.sealed)


def _opened(call: Call, config: dict[str, Any], sealed: bytes) -> dict[str, Any]:
    return config | {"Environment": variables.shown(call, sealed)} if sealed else config


def _config_of(call: Call, row: Function, qualified: bool = False) -> dict[str, Any]:
    """As it may be written down: without variables that are under a key."""
    return settings.of(row) | {
        "FunctionName": row.FunctionName, "FunctionArn": arn_of(call, row.FunctionName, LATEST if qualified else ""),
        "CodeSize": row.code_size, "Version": LATEST, "LastModified": settings.stamp(row.modified), "RevisionId": row.revision,
        "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip",
        "Layers": layers.references(call, row.Layers)}


def _publish(call: Call, row: Function, description: str | None = None) -> dict[str, Any]:
    """A new version of what `$LATEST` is; the newest again when nothing changed since."""
    newest = call.table(Version).get(row.FunctionName, row.versions) if row.versions else None
    config = _config_of(call, row) | ({"Description": description} if description is not None else {})
    if newest is not None and _same(newest.config, config) and newest.sealed == row.sealed:
        return _told(call, newest)
    row.versions += 1
    config |= {"Version": str(row.versions), "FunctionArn": arn_of(call, row.FunctionName, str(row.versions)),
               "RevisionId": call.uuid()}
    made = Version(function=row.FunctionName, number=row.versions, config=config, code_sha256=row.code_sha256,
                   folder=row.folder, sealed=row.sealed)
    call.put(made)
    call.put(row)
    return _told(call, made)


def _told(call: Call, published: Version) -> dict[str, Any]:
    return _opened(call, published.config, published.sealed)


def _same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    own = ("Version", "FunctionArn", "RevisionId", "LastModified")
    return {k: v for k, v in a.items() if k not in own} == {k: v for k, v in b.items() if k not in own}


def _config(call: Call, name: str, qualifier: str) -> dict[str, Any]:
    row = function(call, name, qualifier)
    if qualifier in ("", LATEST):
        return shown(call, row, qualifier == LATEST)
    if qualifier.isdigit():
        return _told(call, version(call, name, qualifier))
    alias = call.table(Alias).known(name, qualifier)
    latest = alias is not None and alias.FunctionVersion == LATEST
    config = shown(call, row, True) if latest else _told(call, version(call, name, qualifier))
    return config | {"FunctionArn": arn_of(call, name, qualifier)}


@operation
def get_function(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    config = _config(call, name, qualifier)
    row = function(call, name)
    reserved = row.ReservedConcurrentExecutions
    return {"Configuration": config, "Code": {"RepositoryType": "S3"}, "Tags": row.tags or None,
            "Concurrency": None if reserved is None else {"ReservedConcurrentExecutions": reserved}}


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
            shown_all += [_told(call, v) for v in call.table(Version).scan(row.FunctionName)]
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
                                  RevisionId: str | None = None, EphemeralStorage: dict[str, int] | None = None,
                                  DeadLetterConfig: dict[str, str] | None = None,
                                  TracingConfig: dict[str, str] | None = None, LoggingConfig: dict[str, str] | None = None,
                                  SnapStart: dict[str, str] | None = None, Layers: list[str] | None = None,
                                  VpcConfig: dict[str, Any] | None = None,
                                  DurableConfig: dict[str, Any] | None = None,
                                  KMSKeyArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html"""
    name, _ = split(call, FunctionName)
    row = function(call, name)
    check_revision(row, RevisionId)
    settings.take(call, row, {
        "Role": Role, "Handler": Handler, "Description": Description, "Timeout": Timeout, "MemorySize": MemorySize,
        "Environment": Environment, "Runtime": Runtime, "EphemeralStorage": EphemeralStorage,
        "DeadLetterConfig": DeadLetterConfig, "TracingConfig": TracingConfig, "LoggingConfig": LoggingConfig,
        "SnapStart": SnapStart, "Layers": Layers, "VpcConfig": VpcConfig, "DurableConfig": DurableConfig,
        "KMSKeyArn": KMSKeyArn})
    _touch(call, row)
    return shown(call, row)


@operation
def delete_function(call: Call, FunctionName: str, Qualifier: str | None = None) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html"""
    name, qualifier = split(call, FunctionName, Qualifier)
    row = function(call, name, qualifier)
    if not qualifier:
        variables.release(call, row)
        for url in call.table(Url).scan(name):
            call.table(UrlOwner).delete(url.id)
        for kind in (Version, Code, Alias, EventInvokeConfig, Url, Provisioned):
            call.table(kind).delete_all(name)
        forget_all(call, name)
        call.table(Function).delete(name)
        return call.then(_end, arn_of(call, name))
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
    return None


async def _end(call: Call, arn: str) -> None:
    """Its environments end with it."""
    call.driver(Functions).let_go(arn)


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
    return {"Versions": [*configs, *(_told(call, v) for v in page.cut(versions, lambda v: v.number))]}


@operation
def get_account_settings(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html"""
    functions = call.table(Function).scan()
    size = sum(len(c.package) for f in functions for c in call.table(Code).scan(f.FunctionName))
    return {"AccountLimit": {"TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800,
                             "ConcurrentExecutions": concurrency.ACCOUNT,
                             "UnreservedConcurrentExecutions": concurrency.unreserved(call)},
            "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(functions)}}
