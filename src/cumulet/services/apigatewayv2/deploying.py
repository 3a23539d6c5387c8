"""Deployments: an API as it was at a moment, which stages serve until they are given another."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import msgspec

from cumulet.kernel import Call

from .parts import LETTERS
from .resources import (
    Api,
    Authorizer,
    Deployment,
    Integration,
    IntegrationResponse,
    Model,
    Route,
    RouteResponse,
    Snapshot,
    Stage,
)

_AUTO = "Automatic deployment triggered by changes to the Api configuration"


class Content(msgspec.Struct, kw_only=True):
    """All that requests need of an API."""

    api: Api
    routes: list[Route]
    integrations: dict[str, Integration]
    authorizers: dict[str, Authorizer]
    models: dict[str, Model]
    route_responses: list[RouteResponse]
    integration_responses: list[IntegrationResponse]


def current(call: Call, api: Api) -> Content:
    """The API as it is now."""
    key = api.ApiId
    return Content(
        api=api, routes=call.table(Route).scan(key),
        integrations={row.IntegrationId: row for row in call.table(Integration).scan(key)},
        authorizers={row.AuthorizerId: row for row in call.table(Authorizer).scan(key)},
        models={row.Name: row for row in call.table(Model).scan(key)},
        route_responses=call.table(RouteResponse).scan(key), integration_responses=call.table(IntegrationResponse).scan(key))


@lru_cache(256)
def content_of(packed: bytes) -> Content:
    """What a deployment serves. It never changes, so that it is unpacked once."""
    return msgspec.msgpack.decode(packed, type=Content)


def deploy(call: Call, api: Api, description: str | None = None, auto: bool = False) -> Deployment:
    """Keep the API as it is now."""
    row = Deployment(ApiId=api.ApiId, DeploymentId=call.token(6, LETTERS), AutoDeployed=auto, created=call.now,
                     Description=_AUTO if auto else description)
    call.put(row)
    call.put(Snapshot(api=api.ApiId, deployment=row.DeploymentId, content=msgspec.msgpack.encode(current(call, api))))
    return row


def serve(call: Call, stage: Stage, deployment: Deployment) -> None:
    """A stage answers by another deployment from now on."""
    stage.DeploymentId = deployment.DeploymentId
    if stage.AutoDeploy:
        stage.LastDeploymentStatusMessage = f"Successfully deployed stage with deployment ID '{deployment.DeploymentId}'"
    call.put(stage)


def changed(call: Call, api_id: str) -> None:
    """Something of an API is other than it was: stages that deploy by themselves do so."""
    stages = [stage for stage in call.table(Stage).scan(api_id) if stage.AutoDeploy]
    if stages:
        deployment = deploy(call, call.get(Api, api_id), auto=True)
        before = {stage.DeploymentId for stage in stages}
        for stage in stages:
            serve(call, stage, deployment)
        _drop(call, api_id, before)


def _drop(call: Call, api_id: str, deployments: Iterable[str | None]) -> None:
    """Automatic deployments that no stage serves any more are told, but what they held goes: nobody can return to them."""
    served = {stage.DeploymentId for stage in call.table(Stage).scan(api_id)}
    for deployment in deployments:
        row = call.table(Deployment).get(api_id, deployment) if deployment and deployment not in served else None
        if row is not None and row.AutoDeployed:
            call.table(Snapshot).delete(api_id, deployment)
