"""Which operation a request asks for: by target, credential scope, host, path, and the form's Action. No default service.

Where several services sign with one name, their target prefixes, API versions or paths tell them apart; what cannot be told
goes to the service that has the name.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..errors import AwsError, not_implemented
from ..http.message import Request
from . import cbor_values, hosts
from .contract import Route
from .forms import malformed
from .index import index
from .logs_http import PATHS
from .model import model
from .operation import Operation
from .operations import op
from .paths import BucketMatcher, Matcher, decode
from .query import Form, form_of

# REST services with operations that need no signature, on paths of their own.
UNSIGNED = ("sso-oidc", "sso", "signin", "codecatalyst", "connectparticipant", "workdocs")
_RPC = re.compile(r"/service/([^/]+)/operation/([^/]+)")
_REMEMBERED = 4096
_targets: dict[tuple[str, str, str], Route] = {}         # routes of the JSON protocols, by all that they depend on


def route(request: Request) -> Route:
    """Where a request goes. Raises AwsError when it goes nowhere."""
    headers = request.headers
    target = headers.get("x-amz-target")
    if target is not None:
        key = (target, request.host, headers.get("content-type", ""))
        found = _targets.get(key)
        if found is None:
            found = _by_target(*key)
            if len(_targets) >= _REMEMBERED:
                _targets.clear()
            _targets[key] = found
        return found
    door = _door(request.host, _credential(headers.get("authorization", "")))
    if door.bucket is not None and not request.path.startswith("/v20180820/"):
        return _objects(request, door.bucket, door.region)
    if request.path.startswith("/service/") and (rpc := _RPC.fullmatch(request.path)) and (
            "smithy-protocol" in headers or headers.get("content-type", "") == "application/cbor"):
        return _by_rpc(rpc[1], rpc[2], request)
    host = door.host
    if host.service == "s3-website":
        return _bucket(request, host, host.region)
    scope, region = (door.scope, door.region) if door.scope else _unusual_scope(request)
    if request.path in PATHS and request.method == "POST" and (
            scope == "logs" or (not scope and (host.service == "logs" or _bears(request)))):
        return Route(op("logs", PATHS[request.path], "rest-json"), {}, host.region or region)
    if scope:
        names = index().signing.get(scope)
        if names is None:
            raise not_implemented(f"The service {scope[:64]}")
        if scope == "s3express" and request.path == "/" and not host.bucket:
            return Route(op("s3", "ListDirectoryBuckets"), {}, host.region or region)
        if scope == "s3-object-lambda" and (point := host.bucket or hosts.bucket_alone(request.host)):
            name = point.removesuffix(hosts.OBJECT_LAMBDA) + hosts.OBJECT_LAMBDA
            return _bucket(request, hosts.Host("s3", host.region, name), region)
        if names[0] == "apigatewaymanagementapi" and "/@connections" in request.path:
            return _connections(request, region)
        return _among(names, request, host, region)
    if host.service == "apigatewaymanagementapi":
        return _connections(request, host.region)
    if host.service:
        names = index().endpoints.get(index().services[host.service].endpoint, [host.service]) \
            if host.service in index().services else [host.service]
        return _among(names, request, host, region)
    return _unsigned(request, host)


class _Door(NamedTuple):
    """What a host and the scope of a signature say. scope, region: "" when there is none.  bucket: of the host, or "", where
    both say S3; else None."""

    host: hosts.Host
    scope: str
    region: str
    bucket: str | None


@lru_cache(_REMEMBERED)
def _door(host: str, credential: str) -> _Door:
    """Clients repeat these two all day."""
    there, (scope, region) = hosts.look(host), _scope(credential)
    plain = scope == "s3" and there.service in ("", "s3")
    if not plain:
        return _Door(there, scope, region, None)
    return _Door(there, scope, there.region or region, there.bucket or hosts.bucket_alone(host))


def _credential(authorization: str) -> str:
    """The credential of an Authorization header of version 4, or ""."""
    if not authorization.startswith("AWS4-"):
        return ""
    return authorization.partition("Credential=")[2].partition(",")[0].strip()


def _unusual_scope(request: Request) -> tuple[str, str]:
    """The service and region that a request is signed for otherwise; ("", "") when it is not signed."""
    said = request.headers.get("authorization", "")
    if said:
        return ("s3", "") if said.startswith("AWS ") else ("", "")
    query = request.query
    if "X-Amz-Credential=" in query:
        return _scope(unquote(query.partition("X-Amz-Credential=")[2].partition("&")[0]))
    if "AWSAccessKeyId=" in query and "Action=" not in query:
        return "s3", ""                                  # S3's presigned form of old
    return "", ""


def _bears(request: Request) -> bool:
    """Has it a bearer token? Only the endpoints of CloudWatch Logs take those at a host that names no service."""
    return request.headers.get("authorization", "").startswith("Bearer ")


def _scope(credential: str) -> tuple[str, str]:
    parts = credential.split("/")
    if len(parts) >= 5:
        return parts[-2], parts[-3]
    return (parts[-2], "") if len(parts) == 4 else ("", "")      # SigV4a names no region


def _connections(request: Request, region: str) -> Route:
    """The management of an API's WebSockets, whose paths begin with a stage: `/STAGE/@connections/ID`."""
    connection = request.path.partition("/@connections/")[2]
    name = {"POST": "PostToConnection", "GET": "GetConnection", "DELETE": "DeleteConnection"}.get(request.method, "")
    if not name or not connection or "/" in connection:
        raise AwsError("UnknownOperationException", f"There is no operation {request.method} {request.path[:256]}", 404)
    return Route(op("apigatewaymanagementapi", name), {"connectionId": decode(connection)}, region)


def _by_target(target: str, host: str, content_type: str) -> Route:
    prefix, _, name = target.rpartition(".")
    names = index().targets.get(prefix)
    if not names:
        raise AwsError("UnknownOperationException", f"The target {target[:128]} is not known.", 400)
    service = next((s for s in names if name in model(s).operations), names[0])
    if name not in model(service).operations:
        raise not_implemented(f"{service}:{name[:128]}")
    if content_type.startswith(cbor_values.JAVA_TYPE):
        return Route(op(service, name, cbor_values.JAVA), {}, hosts.look(host).region)
    protocols = model(service).protocols
    asked = "json-" + content_type.rpartition("-")[2].partition(";")[0].strip()
    protocol = asked if asked in ("json-1.0", "json-1.1") else next((p for p in protocols if p.startswith("json")), "json-1.0")
    return Route(op(service, name, protocol), {}, hosts.look(host).region)


def _by_rpc(prefix: str, name: str, request: Request) -> Route:
    names = index().targets.get(prefix, [])
    service = next((s for s in names if "rpc-v2-cbor" in index().services[s].protocols), "")
    if not service:
        raise AwsError("UnknownOperationException", f"The service {prefix[:64]} is not known.", 404)
    if request.headers.get("smithy-protocol", "rpc-v2-cbor") != "rpc-v2-cbor":
        raise not_implemented(f"The protocol {request.headers['smithy-protocol'][:32]}")
    return Route(op(service, name, "rpc-v2-cbor"), {}, hosts.look(request.host).region)


def _among(names: list[str], request: Request, host: hosts.Host, region: str) -> Route:
    """One of the services that sign with one name, or share a host."""
    region = host.region or region
    if names[0] == "s3outposts":
        if request.path.startswith("/S3Outposts/"):
            return _rest(names[:1], request, host, region)
        names = names[1:] if "x-amz-account-id" in request.headers else ["s3"]
    if names[0] == "s3control" and request.path.startswith("/v20180820/"):
        return _rest(names[:1], request, host, region)
    if names[0] == "s3" or host.service == "s3":
        if "s3control" in names and "x-amz-account-id" in request.headers and request.path.startswith("/v20180820/"):
            return _rest(["s3control"], request, host, region)
        if host.service != "s3control":
            return _bucket(request, host, region)
    services = index().services
    forms = _with_forms(tuple(names)) if names[0] in services else ()
    if forms and ("x-www-form-urlencoded" in request.headers.get("content-type", "") or "Action=" in request.query):
        return _by_action(forms, request, region)
    rest = [s for s in names if s in services and services[s].protocols[0].startswith("rest-")]
    if rest:
        return _rest(rest, request, host, region)
    if forms:
        return _by_action(forms, request, region)
    if names[0] not in services:
        raise not_implemented(names[0])
    raise AwsError("UnknownOperationException", f"{names[0]} needs the header X-Amz-Target.", 400)


class BodyNeeded(Exception):
    """A form that is still coming: which operation it asks for stands in it."""


@lru_cache(_REMEMBERED)
def _with_forms(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some services that take forms."""
    services = index().services
    return tuple(s for s in names if not {"query", "ec2"}.isdisjoint(services[s].protocols))


def _by_action(names: tuple[str, ...], request: Request, region: str) -> Route:
    """What a form asks for."""
    if request.stream is not None and not request.body:
        raise BodyNeeded
    form = form_of(request, request.body)
    action, version = form.get("Action"), form.get("Version")
    if not isinstance(action, str) or not action:
        raise AwsError("MissingAction", "The request must contain the parameter Action.", 400)
    return Route(_form_op(names, action, version if isinstance(version, str) else ""), Form(form), region)


@lru_cache(_REMEMBERED)
def _form_op(names: tuple[str, ...], action: str, version: str) -> Operation:
    """The form's Action, of the service whose API version it names."""
    services = index().services
    fitting = [s for s in names if services[s].version == version] or names
    service = next((s for s in fitting if action in model(s).operations), fitting[0])
    return op(service, action[:128], "ec2" if "ec2" in services[service].protocols else "query")


@cache
def _matcher(service: str) -> Matcher:
    return Matcher(model(service))


@cache
def _buckets() -> BucketMatcher:
    return BucketMatcher(model("s3"))


def _rest(names: list[str], request: Request, host: hosts.Host, region: str) -> Route:
    """The best match among the paths of these services."""
    best: tuple[Any, str, Any] | None = None
    for service in names:
        found = _matcher(service).find(request)
        if found is not None:
            rank = (found[0].score, service == host.service)
            if best is None or rank > best[0]:
                best = (rank, service, found)
    if best is None:
        raise AwsError("UnknownOperationException", f"{names[0]} has no operation {request.method} {request.path[:256]}", 404)
    service, (pattern, labels) = best[1], best[2]
    return Route(op(service, pattern.name, index().services[service].protocols[0]), labels, region)


def _bucket(request: Request, host: hosts.Host, region: str) -> Route:
    """S3, as a host names it."""
    if host.service == "s3-website":
        key = decode(request.path[1:])
        return Route(op("s3", "GetWebsiteObject"), {"Bucket": host.bucket} | ({"Key": key} if key else {}), host.region)
    return _objects(request, host.bucket or hosts.bucket_alone(request.host), host.region or region)


def _objects(request: Request, bucket: str, region: str) -> Route:
    """S3. bucket: the host's, or "" where the path begins with one."""
    if request.path == "/WriteGetObjectResponse" and "x-amz-request-route" in request.headers:
        return Route(op("s3", "WriteGetObjectResponse"), {}, region)
    found = _buckets().find(request, bucket)
    if found is None:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                       Method=request.method, ResourceType="OBJECT" if request.path.count("/") > 1 else "BUCKET")
    return Route(op("s3", found[0]), found[1], region)


def _unsigned(request: Request, host: hosts.Host) -> Route:
    """Nothing says the service but what is asked: a form's Action, a path that one service alone has, or a bucket."""
    if "Action=" in request.query or "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        form = form_of(request, request.body)
        action, version = form.get("Action"), form.get("Version")
        if isinstance(action, str) and action:
            names = index().versions.get(str(version)) or ["sts", "sqs", "sns", "iam"]
            fitting = [s for s in names if action in model(s).operations]
            if not fitting:
                raise not_implemented(f"{action[:128]} (of which service the request does not say)")
            service = fitting[0]
            return Route(op(service, action, "ec2" if service == "ec2" else "query"), Form(form), host.region)
        if request.method == "POST" and request.path.count("/") < 2:
            raise malformed("The request names no Action.")
    for service in UNSIGNED if request.path.count("/") < 4 else ():
        if service in index().services:
            found = _matcher(service).find(request)
            # Only paths without labels: any other could be a bucket and a key.
            if found is not None and not found[0].labels and model(service).operations[found[0].name].unsigned:
                return Route(op(service, found[0].name), {}, host.region)
    if request.method == "POST" and request.path == "/" and not host.bucket:
        raise AwsError("MissingAuthenticationToken", "Missing Authentication Token", 403)
    return _bucket(request, host, host.region)
