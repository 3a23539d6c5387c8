"""Labels of versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import store
from ..names import check_written
from ..resources import Parameter

_MOST = 10
_LABEL = re.compile(r"(?!aws|ssm|[0-9])[A-Za-z0-9._-]{1,100}", re.IGNORECASE)


@operation
def label_parameter_version(call: Call, Name: str, Labels: Sequence[str],
                            ParameterVersion: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html"""
    row, number = _version(call, Name, ParameterVersion)
    valid = [label for label in dict.fromkeys(Labels) if _LABEL.fullmatch(label)]
    labels = {**row.labels, **dict.fromkeys(valid, number)}
    if sum(one == number for one in labels.values()) > _MOST:
        raise error.ParameterVersionLabelLimitExceeded(
            f"An error occurred because the parameter version {number} of {row.Name} already has the maximum of {_MOST} "
            "labels. Move one or more labels to another version and try again.")
    row.labels = labels
    call.put(row)
    if valid:
        store.emit(call, row, "LabelParameterVersion")
    return {"InvalidLabels": [label for label in dict.fromkeys(Labels) if label not in valid], "ParameterVersion": number}


@operation
def unlabel_parameter_version(call: Call, Name: str, ParameterVersion: int, Labels: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html"""
    row, number = _version(call, Name, ParameterVersion)
    removed = [label for label in dict.fromkeys(Labels) if row.labels.get(label) == number]
    row.labels = {label: at for label, at in row.labels.items() if label not in removed}
    call.put(row)
    return {"RemovedLabels": removed, "InvalidLabels": [label for label in dict.fromkeys(Labels) if label not in removed]}


def _version(call: Call, name: str, number: int | None) -> tuple[Parameter, int]:
    check_written(name.strip())
    row = store.own(call, name)
    if number is not None and store.version_of(call, row, number) is None:
        raise error.ParameterVersionNotFound(
            f"Systems Manager could not find version {number} of {row.Name}. Verify the version and try again.")
    return row, row.version if number is None else number
