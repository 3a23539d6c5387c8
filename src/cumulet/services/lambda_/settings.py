"""The settings of a function: checked as they come in, told as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call, error, not_implemented, parse_arn

from . import layers, variables
from .resources import Function

_MOST_ENVIRONMENT = 4096
_APART = ("DurableConfig", "VpcConfig", "LoggingConfig", "Environment", "KMSKeyArn")
_LEVELS = {"ApplicationLogLevel", "SystemLogLevel"}
_RESERVED = frozenset({
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"})


def take(call: Call, row: Function, wanted: Mapping[str, Any]) -> None:
    """Change what is given (not None) of a function's settings; raises when AWS would not take it."""
    _check_environment(wanted.get("Environment"))
    _check_dead_letters(wanted.get("DeadLetterConfig"))
    network = wanted.get("VpcConfig") or {}
    if network.get("SubnetIds") or network.get("SecurityGroupIds"):
        raise not_implemented("VpcConfig of functions")
    if wanted.get("Layers") is not None:
        layers.check(call, wanted["Layers"], wanted.get("Runtime") or row.Runtime or "")
    if wanted.get("DurableConfig") is not None:
        row.DurableConfig = _durable(row, wanted["DurableConfig"])
    if wanted.get("LoggingConfig") is not None:
        row.LoggingConfig = _logging(row, wanted["LoggingConfig"])
    variables.take(call, row, wanted.get("Environment"), wanted.get("KMSKeyArn"))
    for name, value in wanted.items():
        if value is not None and name not in _APART:
            setattr(row, name, value)


def _logging(row: Function, given: Mapping[str, str]) -> dict[str, str]:
    """What is not given stays as it was. Only logs in JSON have levels."""
    config = {**(row.LoggingConfig or {}), **{name: value for name, value in given.items() if value is not None}}
    if config.get("LogFormat") == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **config}
    if _LEVELS & given.keys():
        raise error.InvalidParameterValueException(
            'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the'
            ' LogFormat to "Json" and try again.')
    return {name: value for name, value in config.items() if name not in _LEVELS}


def _durable(row: Function, given: Mapping[str, Any]) -> dict[str, int]:
    """A function is durable from its beginning, or never."""
    if given.get("KMSKeyArn"):
        raise not_implemented("DurableConfig with a KMSKeyArn")
    if row.revision and row.DurableConfig is None:
        raise error.InvalidParameterValueException(
            "You cannot enable durable execution on an existing function. Create a new function with DurableConfig.")
    before = row.DurableConfig or {"RetentionPeriodInDays": 14}
    if "ExecutionTimeout" not in before and given.get("ExecutionTimeout") is None:
        raise error.InvalidParameterValueException("ExecutionTimeout is required in DurableConfig.")
    return {**before, **{name: value for name, value in given.items() if value is not None}}


def _check_environment(environment: Mapping[str, Any] | None) -> None:
    variables = (environment or {}).get("Variables", {})
    if sum(len(k.encode()) + len(v.encode()) for k, v in variables.items()) > _MOST_ENVIRONMENT:
        raise error.InvalidParameterValueException("Lambda was unable to configure your environment variables because the"
                                                   " environment variables you have provided exceeded the 4KB limit.")
    if kept := sorted(_RESERVED & set(variables)):
        raise error.InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment variables you have provided"
            f" contains reserved keys that are currently not supported for modification. Reserved keys used in this request:"
            f" {', '.join(kept)}")


def _check_dead_letters(config: Mapping[str, str] | None) -> None:
    target = (config or {}).get("TargetArn")
    arn = parse_arn(target) if target else None
    if target and (arn is None or arn.service not in ("sqs", "sns")):
        raise error.InvalidParameterValueException(f"The target ARN {target} is not a valid SQS queue or SNS topic.")


def of(row: Function) -> dict[str, Any]:
    """As a FunctionConfiguration tells them."""
    dead = row.DeadLetterConfig
    return {
        "Runtime": row.Runtime, "Role": row.Role, "Handler": row.Handler, "Description": row.Description,
        "Timeout": row.Timeout, "MemorySize": row.MemorySize, "Environment": row.Environment,
        "KMSKeyArn": row.KmsKeyArn,
        "Architectures": row.Architectures, "EphemeralStorage": row.EphemeralStorage, "CodeSha256": row.code_sha256,
        "DurableConfig": row.DurableConfig, "TracingConfig": row.TracingConfig or {"Mode": "PassThrough"},
        "DeadLetterConfig": dead if dead and dead.get("TargetArn") else None,
        "SnapStart": {"ApplyOn": (row.SnapStart or {}).get("ApplyOn", "None"), "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{row.FunctionName}"} | (row.LoggingConfig or {})}


def stamp(moment: float) -> str:
    """As LastModified tells it."""
    when = datetime.fromtimestamp(moment, UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}+0000"
