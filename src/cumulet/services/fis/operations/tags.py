"""Tags of templates and experiments."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from ..resources import Experiment, Template
from . import experiments, templates

MOST = 50


@operation
def tag_resource(call: Call, resourceArn: str, tags: dict[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_TagResource.html"""
    row = _tagged(call, resourceArn)
    row.tags = row.tags | tags
    if len(row.tags) > MOST:
        raise error.named("ValidationException", f"A resource can have at most {MOST} tags.", 400)
    call.put(row)
    return {}


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: list[str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_UntagResource.html"""
    row = _tagged(call, resourceArn)
    row.tags = {key: value for key, value in row.tags.items() if tagKeys is not None and key not in tagKeys}
    call.put(row)
    return {}


@operation
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/fis/latest/APIReference/API_ListTagsForResource.html"""
    return {"tags": _tagged(call, resourceArn).tags}


def _tagged(call: Call, text: str) -> Template | Experiment:
    arn = parse_arn(text)
    kind, _, id = arn.resource.partition("/") if arn is not None else ("", "", "")
    if arn is None or (arn.service, arn.account, arn.region) != ("fis", call.account, call.region):
        raise error.ResourceNotFoundException(f"Resource {text} does not exist.")
    if kind == "experiment-template":
        return templates.find(call, id)
    return experiments.find(call, id)
