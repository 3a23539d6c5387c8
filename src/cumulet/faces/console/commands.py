"""The AWS CLI's line for a call: what somebody types to do the same."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import orjson

# Where the CLI calls a service otherwise than the model.
_SERVICES = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice"}


def line(service: str, operation: str, params: Mapping[str, Any], region: str) -> str:
    """`aws sqs send-message --queue-url … --region …`."""
    from botocore import xform_name

    words = ["aws", _SERVICES.get(service, service), xform_name(operation, "-")]
    for name, given in params.items():
        flag, value = "--" + xform_name(name, "-"), _without_blobs(given)
        if value is True:
            words.append(flag)
        elif value is False:
            words.append("--no-" + flag[2:])
        else:
            words += [flag, value if isinstance(value, str) else orjson.dumps(value).decode()]
    if region:
        words += ["--region", region]
    return " ".join(shlex.quote(word) for word in words)


def _without_blobs(value: Any) -> Any:
    """Blobs as the CLI takes them: in base64."""
    if isinstance(value, dict):
        return value["base64"] if list(value) == ["base64"] else {k: _without_blobs(v) for k, v in value.items()}
    return [_without_blobs(v) for v in value] if isinstance(value, list) else value
