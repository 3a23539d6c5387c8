"""The AWS CLI's line for a call: what somebody types to do the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import orjson

# Where the CLI calls a service, or a member of an operation, otherwise than the model.
_SERVICES = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice", "sagemaker-runtime": "sagemaker-runtime"}


def line(service: str, operation: str, params: Mapping[str, Any], region: str) -> str:
    """`aws sqs send-message --queue-url … --region …`."""
    from botocore import xform_name

    words = ["aws", _SERVICES.get(service, service), xform_name(operation, "-")]
    for name, value in params.items():
        flag = "--" + xform_name(name, "-")
        if value is True:
            words.append(flag)
        elif value is False:
            words.append("--no-" + flag[2:])
        else:
            words += [flag, value if isinstance(value, str) else _json(value)]
    if region:
        words += ["--region", region]
    return " ".join(shlex.quote(word) for word in words)


def _json(value: Any) -> str:
    return orjson.dumps(_without_blobs(value)).decode()


def _without_blobs(value: Any) -> Any:
    """Blobs as the CLI takes them within JSON: in base64."""
    if isinstance(value, dict):
        return value["base64"] if list(value) == ["base64"] else {k: _without_blobs(v) for k, v in value.items()}
    return [_without_blobs(v) for v in value] if isinstance(value, list) else value
