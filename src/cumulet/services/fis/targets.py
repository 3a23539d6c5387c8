"""Targets of experiments: what a template may name, and which resources there are when it starts.

https://docs.aws.amazon.com/fis/latest/userguide/targets.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, lifecycle, not_implemented, parse_arn

from .catalogue import SORTS, Sort

_SELECTION = re.compile(r"ALL|COUNT\((\d+)\)|PERCENT\((\d{1,3})\)")


def check(name: str, target: Mapping[str, Any]) -> None:
    """Raises ValidationException."""
    sort = SORTS.get(target["resourceType"])
    if sort is None:
        raise not_implemented(f"fis: targets of the type {target['resourceType']}")
    if target.get("filters") or target.get("parameters"):
        raise not_implemented("fis: targets by filters or parameters")
    arns, tags = target.get("resourceArns") or [], target.get("resourceTags") or {}
    if bool(arns) == bool(tags):
        raise _invalid(f"The target {name} must specify either resourceArns or resourceTags.")
    if arns and sort.service == "s3":
        raise _invalid(f"The target {name} must specify resourceTags: buckets are targeted by tags only.")
    for text in arns:
        if _name(sort, text) is None:
            raise _invalid(f"The ARN {text} of the target {name} is not the ARN of {sort.said}.")
    found = _SELECTION.fullmatch(target["selectionMode"])
    if found is None or int(found[1] or 1) < 1 or not 1 <= int(found[2] or 1) <= 100:
        raise _invalid(f"The selection mode {target['selectionMode']} of the target {name} is not valid.")


def resolve(call: Call, target: Mapping[str, Any]) -> list[str]:
    """The ARNs of what there is: all, or as many of the first as the target's mode says."""
    sort, tags = SORTS[target["resourceType"]], target.get("resourceTags") or {}
    if tags:
        arns = [_arn(call, sort, key[0]) for key in lifecycle.every(call, sort.type) if _tagged(call, sort, key, tags)]
    else:
        arns = [text for text in target["resourceArns"] if _is_there(call, sort, text)]
    found = _SELECTION.fullmatch(target["selectionMode"])
    assert found is not None
    if found[1] is not None:
        return arns[:int(found[1])]
    if found[2] is not None and arns:
        return arns[:max(1, len(arns) * int(found[2]) // 100)]
    return arns


def _name(sort: Sort, text: str) -> str | None:
    """What an ARN names, where it is one of this type; of a role, without its path."""
    arn = parse_arn(text)
    if arn is None or arn.service != sort.service or not arn.resource.startswith(sort.word):
        return None
    return arn.resource.rpartition("/")[2]


def _is_there(call: Call, sort: Sort, text: str) -> bool:
    """Is it one of this account's, and of this region's where it has one?"""
    arn, name = parse_arn(text), _name(sort, text)
    assert arn is not None
    if name is None or arn.account != call.account or arn.region not in ("", call.region):
        return False
    try:
        lifecycle.read(call, sort.type, (name,))
    except AwsError:
        return False
    return True


def _tagged(call: Call, sort: Sort, key: tuple[str, ...], wanted: Mapping[str, str]) -> bool:
    had = {tag["Key"]: tag["Value"] for tag in lifecycle.read(call, sort.type, key).get("Tags", ())}
    return wanted.items() <= had.items()


def _arn(call: Call, sort: Sort, name: str) -> str:
    place = {"iam": f":{call.account}", "s3": ":"}.get(sort.service, f"{call.region}:{call.account}")
    return f"arn:aws:{sort.service}:{place}:{sort.word}{name}"


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)
