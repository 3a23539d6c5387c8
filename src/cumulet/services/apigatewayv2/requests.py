"""A request to an HTTP API: which stage and route it is for, and what everything after may ask about it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import msgspec

from cumulet.drivers.functions.payloads import stamp
from cumulet.kernel import Call, doors

from . import deploying, mapping, routing
from .resources import Api, Authorizer, Integration, Route, Snapshot, Stage

_STAGES = 'SELECT "StageName" FROM {table} WHERE scope = {scope} AND "ApiId" = ?'


class Asked(msgspec.Struct, kw_only=True):
    """One request. prefix: the stage, where the path names it.  path: what routes are matched with.  id: of the request.
    context: `$context` variables, which logs and mappings tell.  authorizer: what the authorizer said, for events."""

    visit: doors.Visit
    content: deploying.Content
    stage: Stage
    account: str
    region: str
    now: float
    id: str
    path: str
    route: Route | None = None
    parameters: dict[str, str] = {}
    context: dict[str, Any] = {}
    authorizer: dict[str, Any] | None = None

    @property
    def api(self) -> Api:
        return self.content.api

    @property
    def raw_path(self) -> str:
        """The path as events tell it: with what the mapping or the stage took from it."""
        return unquote(self.visit.prefix + self.path)

    @property
    def integration(self) -> Integration | None:
        target = self.route.Target if self.route is not None else None
        return self.content.integrations.get(target.partition("/")[2]) if target else None

    @property
    def guard(self) -> Authorizer | None:
        return self.content.authorizers.get(self.route.AuthorizerId or "") if self.route is not None else None

    def arn(self, method: str = "", path: str = "") -> str:
        """The route's ARN, which policies name."""
        where = f"{method}{path}" if method else self.route.RouteKey.replace(" ", "", 1) if self.route is not None else "*"
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api.ApiId}/{self.stage.StageName}/{where}"

    @property
    def invoked(self) -> str:
        """The ARN of what is asked for, which permissions name."""
        if self.api.ProtocolType == "WEBSOCKET":
            return self.arn()
        return self.arn(self.visit.request.method, doors.canonical(self.path))

    def source(self, headers: dict[str, str] | None = None, body: bytes = b"") -> mapping.Source:
        """What mappings may read: the request, and an answer once there is one."""
        request = self.visit.request
        return mapping.Source(headers=request.headers, query=request.query, path=self.path, parameters=self.parameters,
                              body=request.body, variables=self.stage.StageVariables, context=self.context,
                              answer_headers=headers or {}, answer_body=body)


def look(call: Call, visit: doors.Visit) -> Asked | None:
    """The stage that a request is for, and its route if there is one. None: no stage answers here."""
    api = call.table(Api).known(visit.name)
    if api is None or (api.DisableExecuteApiEndpoint and not visit.domain):
        return None
    stage = _stage(call, visit)
    if stage is None or not stage.DeploymentId:
        return None
    packed = call.table(Snapshot).known(api.ApiId, stage.DeploymentId)
    if packed is None:
        return None
    content = deploying.content_of(packed.content)
    asked = Asked(visit=visit, content=content, stage=stage, account=call.account, region=call.region, now=call.now,
                  id=call.token(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), path=visit.path)
    found = routing.match(content.routes, visit.request.method, visit.path)
    if found is not None:
        asked.route, asked.parameters = found
    asked.context = _context(asked)
    return asked


def _stage(call: Call, visit: doors.Visit) -> Stage | None:
    """The stage by its name; else that which the path begins with; else `$default`. The path loses it."""
    table = call.table(Stage)
    name = visit.stage
    if not name:
        first = visit.path.split("/", 2)[1]
        name = unquote(first)
        if any(there == name for (there,) in table.known_sql(_STAGES, visit.name)):
            visit.prefix, visit.path = f"{visit.prefix}/{first}", visit.path[len(first) + 1:] or "/"
        else:
            name = "$default"
    return table.known(visit.name, name)


def _context(asked: Asked) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""
    request, api = asked.visit.request, asked.api
    host = request.host.partition(":")[0]
    return {
        "accountId": asked.account, "apiId": api.ApiId, "domainName": host, "domainPrefix": host.partition(".")[0],
        "extendedRequestId": asked.id, "httpMethod": request.method, "identity.sourceIp": request.client,
        "identity.userAgent": request.headers.get("user-agent", ""), "path": asked.raw_path, "protocol": "HTTP/1.1",
        "requestId": asked.id, "requestTime": stamp(asked.now), "requestTimeEpoch": int(asked.now * 1000),
        "routeKey": asked.route.RouteKey if asked.route is not None else "-", "stage": asked.stage.StageName}


def refusal(status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> doors.Reply:
    """An error in API Gateway's own words."""
    return doors.Reply(status, [("Content-Type", "application/json"), *headers], json.dumps({"message": message}).encode())
