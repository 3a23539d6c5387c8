"""What exists in FIS: experiment templates, and the experiments that were made of them."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, stored

Words = dict[str, Any]                 # as the API has it


@stored(key=("id",), indexes={"token": ("token",)})
class Template(msgspec.Struct, kw_only=True):
    """A template. said: its description, targets, actions, stop conditions, role and options.  token: the client's."""

    id: str
    said: Words
    created: float
    updated: float
    token: str
    tags: dict[str, str] = {}


class Step(msgspec.Struct, kw_only=True):
    """One action of an experiment, on its way."""

    status: str = "pending"
    reason: str = ""
    began: float | None = None
    ended: float | None = None


@stored(key=("id",), indexes={"token": ("token",), "template": ("template", "id")})
class Experiment(msgspec.Struct, kw_only=True):
    """An experiment. said: the template as it was at the start.  mode: run-all or skip-all.  resolved: ARNs of each target."""

    id: str
    template: str
    said: Words
    mode: str
    token: str
    created: float
    status: str = "pending"
    reason: str = ""
    began: float | None = None
    ended: float | None = None
    steps: dict[str, Step] = {}
    tags: dict[str, str] = {}
    resolved: dict[str, list[str]] = {}


def template_arn(call: Call, id: str) -> str:
    return f"arn:aws:fis:{call.region}:{call.account}:experiment-template/{id}"


def experiment_arn(call: Call, id: str) -> str:
    return f"arn:aws:fis:{call.region}:{call.account}:experiment/{id}"
