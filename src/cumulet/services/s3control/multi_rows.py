"""Rows of Multi-Region access points, and of what was asked for them."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored

ACTIVE, PASSIVE = 100, 0


class Route(msgspec.Struct):
    """One of the buckets behind a point. dial: ACTIVE or PASSIVE."""

    bucket: str
    region: str
    owner: str
    dial: int = ACTIVE


@stored(key=("name",), scope="account", indexes={"alias": ("alias",)})
class MultiPoint(msgspec.Struct, kw_only=True):
    """A Multi-Region access point. policy: the established one.  proposed: the one that was put last."""

    name: str
    alias: str
    created: float
    block: dict[str, bool]
    routes: list[Route]
    status: str = "CREATING"
    policy: str = ""
    proposed: str = ""


@stored(key=("id",), scope="account", indexes={"token": ("token",)})
class MultiRequest(msgspec.Struct, kw_only=True):
    """Something that was asked, and is done a little later. said: the request's Details.  problem: code and sentence."""

    id: str
    token: str
    operation: str
    said: dict[str, Any]
    regions: list[str]
    created: float
    status: str = "INPROGRESS"
    problem: tuple[str, str] | None = None
