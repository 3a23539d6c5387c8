"""AWS's protocols: which operation is asked for, its members, and answers in its own words. (First form: interpreted.)"""

from __future__ import annotations

import base64
import gzip
import importlib.util
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate, parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import orjson

from ..errors import AwsError, not_implemented
from ..http.message import Request, Response
from .contract import Raw, Route

spec = importlib.util.find_spec("botocore")
assert spec and spec.origin
DATA = Path(spec.origin).parent / "data"


def _read(path: Path) -> Any:
    if path.exists():
        return json.loads(path.read_text())
    with gzip.open(str(path) + ".gz") as f:
        return json.load(f)


class OperationModel:
    def __init__(self, model: Model, name: str, raw: dict[str, Any]) -> None:
        self.name, self.raw = name, raw
        self.input = model.shapes.get(raw.get("input", {}).get("shape"), {"type": "structure", "members": {}})
        self.output = model.shapes.get(raw.get("output", {}).get("shape"), {"type": "structure", "members": {}})
        self.members = frozenset(self.input.get("members", {}))
        self.required = frozenset(self.input.get("required", ()))
        self.errors = frozenset(e["shape"] for e in raw.get("errors", ()))


class Model:
    def __init__(self, service: str) -> None:
        folder = DATA / service
        version = sorted(os.listdir(folder))[-1]
        raw = _read(folder / version / "service-2.json")
        self.service, self.metadata, self.shapes = service, raw["metadata"], raw["shapes"]
        self.protocol = self.metadata["protocol"]
        self.operations = {n: OperationModel(self, n, o) for n, o in raw["operations"].items()}
        try:
            self.paginators = _read(folder / version / "paginators-1.json")["pagination"]
        except FileNotFoundError:
            self.paginators = {}

    def kind(self, operation: str, member: str) -> str:
        return str(self.shapes[self.operations[operation].input["members"][member]["shape"]]["type"])


@cache
def model(service: str) -> Model:
    return Model(service)


SIGNING = {"monitoring": "cloudwatch"}
TARGETS = {"AmazonSQS": "sqs", "DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodbstreams",
           "GraniteServiceVersion20100801": "cloudwatch"}


def route(request: Request) -> Route:
    target = request.headers.get("x-amz-target", "")
    if target:
        prefix, _, name = target.rpartition(".")
        if prefix not in TARGETS:
            raise AwsError("UnknownOperationException", "", 400)
        return Route(op(TARGETS[prefix], name, "json-" + model(TARGETS[prefix]).metadata.get("jsonVersion", "1.0")), {})
    if m := re.match(r"/service/(\w+)/operation/(\w+)", request.path):
        return Route(op(TARGETS[m[1]], m[2], "rpc-v2-cbor"), {})
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", request.headers.get("authorization", "") or
                      unquote(request.query).replace("X-Amz-Credential=", "Credential="))
    service = SIGNING.get(scope[2], scope[2]) if scope else "s3"
    if not (DATA / service).is_dir():
        raise not_implemented(service)
    m_ = model(service)
    if m_.protocol in ("query", "ec2") or service == "sqs" or (
            service == "cloudwatch" and "form" in request.headers.get("content-type", "")):
        form = dict(parse_qsl(request.body.decode() if request.body else request.query))
        if "Action" not in form:
            raise AwsError("MissingAction", "", 400)
        return Route(op(service, form["Action"], "ec2" if m_.protocol == "ec2" else "query"), {})
    return _rest(service, m_, request)


def _rest(service: str, m: Model, request: Request) -> Route:
    path, query = request.path, request.query
    host = request.host.split(":")[0]
    if service == "s3" and (v := re.match(r"(.+?)\.s3[.-]", host)):
        path = "/" + v[1] + path
    best: tuple[int, Any, dict[str, str]] | None = None
    have = {unquote_plus(k): unquote_plus(v) for k, _, v in (p.partition("=") for p in query.split("&") if p)}
    for o in m.operations.values():
        if o.raw["http"]["method"] != request.method:
            continue
        uri, _, wanted = o.raw["http"]["requestUri"].partition("?")
        names = re.findall(r"{(\w+)\+?}", uri)
        pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(.+)", re.sub(r"\\{(\w+)\\}", r"([^/]+)", re.escape(uri).replace("\\+", "\\+")))
        found = re.fullmatch(pattern + "/?" if "Key" not in uri else pattern, path)
        if not found:
            continue
        need = dict(p.partition("=")[::2] for p in wanted.split("&")) if wanted else {}
        if any(k not in have or (v and have[k] != v) for k, v in need.items()):
            continue
        required = [(x.get("location"), x.get("locationName")) for n, x in o.input.get("members", {}).items() if n in o.required]
        if any(loc == "querystring" and n not in have or loc == "header" and n.lower() not in request.headers for loc, n in required):
            continue
        score = 10 * len(need) + 5 * sum(loc in ("querystring", "header") for loc, _ in required) + (len(uri) - sum(map(len, names)))
        if best is None or score > best[0]:
            best = (score, o, {n: unquote(v) for n, v in zip(names, found.groups(), strict=True)})
    if best is None:
        raise AwsError("UnknownOperationException", "", 404)
    return Route(op(service, best[1].name, m.protocol), best[2])


@cache
def op(service: str, name: str, protocol: str = "") -> Op:
    m = model(service)
    if name not in m.operations:
        raise not_implemented(f"{service}:{name}")
    if not protocol:
        protocol = "json-1.0" if m.protocol == "json" else m.protocol
    return Op(m, m.operations[name], protocol)


class Op:
    def __init__(self, m: Model, o: OperationModel, protocol: str) -> None:
        self.m, self.o, self.protocol = m, o, protocol
        self.service, self.name = m.service, o.name
        self.members, self.required = o.members, o.required
        self.streaming = next((n for n, x in o.input.get("members", {}).items()
                               if (m.shapes[x["shape"]].get("streaming") or x.get("streaming"))
                               and m.shapes[x["shape"]]["type"] == "blob"), "")
        self.events_in = ""
        self.unsigned = o.raw.get("authtype") == "none"

    # parse

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        p = self.protocol
        if p.startswith("json"):
            try:
                value = orjson.loads(body or b"{}")
            except orjson.JSONDecodeError:
                raise AwsError("SerializationException", "", 400) from None
            found = self._json(self.o.input, value)
        elif p in ("query", "ec2"):
            found = self._form(self.o.input, dict(parse_qsl((body or request.query.encode()).decode(), keep_blank_values=True)))
        elif p == "rpc-v2-cbor":
            import cbor2
            found = self._json(self.o.input, cbor2.loads(body) if body else {}, cbor=True)
        else:
            found = self._rest(request, labels, body)
        missing = self.required - found.keys()
        if missing:
            raise AwsError("ValidationException", f"1 validation error detected: Value null at '{min(missing)}' failed to "
                           "satisfy constraint: Member must not be null", 400)
        return found

    def _json(self, shape: dict[str, Any], v: Any, cbor: bool = False) -> Any:
        t, shapes = shape["type"], self.m.shapes
        if t == "structure":
            if not isinstance(v, dict):
                raise AwsError("SerializationException", "", 400)
            return {n: self._json(shapes[x["shape"]], v[x.get("locationName", n)], cbor) for n, x in shape["members"].items()
                    if v.get(x.get("locationName", n)) is not None}
        if t == "list":
            return [self._json(shapes[shape["member"]["shape"]], x, cbor) for x in v]
        if t == "map":
            return {k: self._json(shapes[shape["value"]["shape"]], x, cbor) for k, x in v.items()}
        if t == "blob":
            return v if isinstance(v, bytes) else base64.b64decode(v)
        if t == "timestamp":
            return _time(v)
        if t == "string" and not isinstance(v, str):
            raise AwsError("SerializationException", "", 400)
        return v

    def _form(self, shape: dict[str, Any], form: dict[str, str], prefix: str = "") -> Any:
        t, shapes, ec2 = shape["type"], self.m.shapes, self.protocol == "ec2"
        if t == "structure":
            out = {}
            for n, x in shape["members"].items():
                name = x.get("queryName") or (x.get("locationName", n)[:1].upper() + x.get("locationName", n)[1:] if ec2
                                              else x.get("locationName", n))
                sub = shapes[x["shape"]]
                key = prefix + name
                if key in form and sub["type"] not in ("structure", "list", "map"):
                    out[n] = self._form(sub, form, key)
                elif any(k.startswith(key + ".") for k in form):
                    out[n] = self._form({**sub, **x, "type": sub["type"]} if "flattened" in x else sub, form, key + ".")
            return out
        if t == "list":
            item = shape["member"]
            base = prefix if ec2 or shape.get("flattened") else prefix + item.get("locationName", "member") + "."
            if shape.get("flattened") and item.get("locationName"):
                base = prefix.rsplit(".", 2)[0] + "." if prefix.count(".") > 1 else ""
                base += item["locationName"] + "."
            out_l, i = [], 1
            while any(k == f"{base}{i}" or k.startswith(f"{base}{i}.") for k in form):
                sub = shapes[item["shape"]]
                out_l.append(self._form(sub, form, f"{base}{i}" + ("." if sub["type"] in ("structure", "list", "map") else "")))
                i += 1
            return out_l
        if t == "map":
            kn, vn = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")
            base = prefix if shape.get("flattened") else prefix + "entry."
            out_m, i = {}, 1
            while f"{base}{i}.{kn}" in form:
                sub = shapes[shape["value"]["shape"]]
                p = f"{base}{i}.{vn}"
                out_m[form[f"{base}{i}.{kn}"]] = self._form(sub, form, p + ("." if sub["type"] == "structure" else ""))
                i += 1
            return out_m
        return _scalar(shape, form[prefix])

    def _rest(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        shape, shapes = self.o.input, self.m.shapes
        query: dict[str, list[str]] = {}
        for k, v in parse_qsl(request.query, keep_blank_values=True):
            query.setdefault(k, []).append(v)
        out: dict[str, Any] = {}
        payload = shape.get("payload")
        rest = {}
        for n, x in shape["members"].items():
            sub, loc, name = shapes[x["shape"]], x.get("location"), x.get("locationName", n)
            if loc == "uri" and name in labels:
                out[n] = _scalar(sub, labels[name])
            elif loc == "querystring" and name in query:
                out[n] = [_scalar(shapes[sub["member"]["shape"]], q) for q in query[name]] if sub["type"] == "list" \
                    else _scalar(sub, query[name][0])
            elif loc == "header" and name.lower() in request.headers:
                h = request.headers[name.lower()]
                out[n] = [i.strip() for i in h.split(",")] if sub["type"] == "list" else _scalar({**sub, "h": 1}, h)
            elif loc == "headers":
                got = {k[len(name):]: v for k, v in request.headers.items() if k.startswith(name.lower())}
                if got:
                    out[n] = got
            elif loc is None:
                rest[n] = x
        if payload:
            sub = shapes[shape["members"][payload]["shape"]]
            if sub["type"] == "blob":
                out[payload] = body
            elif sub["type"] == "string":
                out[payload] = body.decode()
            elif body:
                out[payload] = self._body(sub, body)
        elif rest and body:
            out |= self._body({**shape, "members": rest}, body)
        return out

    def _body(self, shape: dict[str, Any], body: bytes) -> Any:
        if self.protocol == "rest-json":
            return self._json(shape, orjson.loads(body))
        try:
            return self._xml(shape, ElementTree.fromstring(body))
        except ElementTree.ParseError:
            raise AwsError("MalformedXML", "The XML you provided was not well-formed or did not validate against our"
                           " published schema", 400) from None

    def _xml(self, shape: dict[str, Any], e: Any) -> Any:
        t, shapes = shape["type"], self.m.shapes
        if t == "structure":
            out = {}
            for n, x in shape["members"].items():
                sub, name = shapes[x["shape"]], x.get("locationName", n)
                if x.get("xmlAttribute"):
                    got = next((v for k, v in e.attrib.items() if k.endswith("type")), None)
                    if got:
                        out[n] = got
                    continue
                found = [c for c in e if c.tag.rpartition("}")[2] == name]
                if not found:
                    continue
                if sub["type"] == "list" and (sub.get("flattened") or x.get("flattened")):
                    out[n] = [self._xml(shapes[sub["member"]["shape"]], c) for c in found]
                else:
                    out[n] = self._xml(sub, found[0])
            return out
        if t == "list":
            return [self._xml(shapes[shape["member"]["shape"]], c) for c in e]
        if t == "map":
            return {next(c.text for c in i if c.tag.rpartition("}")[2] == shape["key"].get("locationName", "key")):
                    self._xml(shapes[shape["value"]["shape"]], i[1]) for i in e}
        return _scalar(shape, e.text or "")

    # serialise

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response:
        result = {k: v for k, v in (result or {}).items() if v is not None}
        p, shape = self.protocol, self.o.output
        if p.startswith("json"):
            body = orjson.dumps(self._to_json(shape, result), default=_default)
            return Response(200, [("Content-Type", f"application/x-amz-json-{p[5:]}"), ("x-amzn-RequestId", request_id)], body)
        if p == "rpc-v2-cbor":
            import cbor2
            return Response(200, [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"),
                                  ("x-amzn-RequestId", request_id)],
                            cbor2.dumps(self._to_json(shape, result, cbor=True)))
        ns = self.m.metadata.get("xmlNamespace", "")
        if p == "query":
            inner = self._to_xml(shape, result)
            wrap = self.o.raw.get("output", {}).get("resultWrapper", self.name + "Result")
            text = (f'<{self.name}Response xmlns="{ns}"><{wrap}>{inner}</{wrap}><ResponseMetadata><RequestId>{request_id}'
                    f"</RequestId></ResponseMetadata></{self.name}Response>")
            return Response(200, [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)], text.encode())
        if p == "ec2":
            text = f'<{self.name}Response xmlns="{ns}"><requestId>{request_id}</requestId>{self._to_xml(shape, result)}</{self.name}Response>'
            return Response(200, [("Content-Type", "text/xml;charset=UTF-8"), ("x-amzn-requestid", request_id)], text.encode())
        return self._to_rest(shape, result, request, request_id)

    def _to_rest(self, shape: dict[str, Any], result: dict[str, Any], request: Request, request_id: str) -> Response:
        shapes, headers, status = self.m.shapes, [], self.o.raw["http"].get("responseCode", 200)
        if "ContentRange" in result and self.service == "s3":
            status = 206
        headers.append(("x-amz-request-id" if self.service == "s3" else "x-amzn-RequestId", request_id))
        rest = {}
        payload = shape.get("payload")
        for n, x in shape["members"].items():
            if n not in result:
                continue
            sub, loc, name = shapes[x["shape"]], x.get("location"), x.get("locationName", n)
            if loc == "header":
                headers.append((name, _text({**sub, "h": 1, **x}, result[n])))
            elif loc == "headers":
                headers += [(name + k, v) for k, v in result[n].items()]
            elif loc == "statusCode":
                status = result[n]
            else:
                rest[n] = result[n]
        body: Any = b""
        xml = self.protocol == "rest-xml"
        if payload:
            sub = shapes[shape["members"][payload]["shape"]]
            if sub["type"] in ("blob", "string"):
                body = result.get(payload, b"")
                body = body.encode() if isinstance(body, str) else body
                if isinstance(body, list):
                    headers = [h for h in headers if h[0].lower() != "content-length"]
            elif payload in result:
                body = self._doc(shape["members"][payload].get("locationName", payload), sub, result[payload]) if xml else \
                    orjson.dumps(self._to_json(sub, result[payload]), default=_default)
        elif rest or (xml and any("location" not in x for x in shape["members"].values())):
            if xml:
                name = self.o.raw["output"].get("locationName", self.o.raw["output"]["shape"].replace("Output", "Result"))
                if self.name == "GetBucketLocation":
                    body = (f'<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="{self.m.metadata["xmlNamespace"] if "xmlNamespace" in self.m.metadata else "http://s3.amazonaws.com/doc/2006-03-01/"}">'
                            f'{result.get("LocationConstraint", "")}</LocationConstraint>').encode()
                else:
                    body = self._doc(name, {**shape, "members": {k: v for k, v in shape["members"].items() if "location" not in v}}, rest)
            else:
                body = orjson.dumps(self._to_json(shape, rest), default=_default)
        if body and not any(h[0].lower() == "content-type" for h in headers):
            headers.append(("Content-Type", "application/xml" if xml else "application/json"))
        return Response(status, headers, body)

    def _doc(self, name: str, shape: dict[str, Any], value: Any) -> bytes:
        ns = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{ns}">{self._to_xml(shape, value)}</{name}>'.encode()

    def _to_json(self, shape: dict[str, Any], v: Any, cbor: bool = False) -> Any:
        t, shapes = shape["type"], self.m.shapes
        if isinstance(v, Raw):
            return orjson.Fragment(v.data)
        if t == "structure" and isinstance(v, Mapping):
            return {x.get("locationName", n) if not cbor else n: self._to_json(shapes[x["shape"]], v[n], cbor)
                    for n, x in shape["members"].items() if v.get(n) is not None}
        if t == "list":
            return [self._to_json(shapes[shape["member"]["shape"]], x, cbor) for x in v]
        if t == "map":
            return {k: self._to_json(shapes[shape["value"]["shape"]], x, cbor) for k, x in v.items()}
        if t == "timestamp" and cbor:
            return datetime.fromtimestamp(v, UTC)
        return v

    def _to_xml(self, shape: dict[str, Any], v: Any) -> str:
        if isinstance(v, Raw):
            return v.data.decode()
        t, shapes, ec2 = shape["type"], self.m.shapes, self.protocol == "ec2"
        if t == "structure":
            out = []
            for n, x in shape["members"].items():
                if v.get(n) is None or x.get("xmlAttribute"):
                    continue
                sub, name = shapes[x["shape"]], x.get("locationName", n)
                if isinstance(v[n], Raw):
                    out.append(v[n].data.decode())
                elif sub["type"] in ("list", "map") and (sub.get("flattened") or x.get("flattened")):
                    item = name if sub["type"] == "list" and not sub["member"].get("locationName") else \
                        (name if sub["type"] == "map" or self.protocol == "rest-xml" else sub["member"]["locationName"])
                    if sub["type"] == "list":
                        out += [f"<{item}>{self._to_xml(shapes[sub['member']['shape']], i)}</{item}>" for i in v[n]]
                    else:
                        out += [f"<{item}>{self._entry(sub, k, i)}</{item}>" for k, i in v[n].items()]
                else:
                    attrs = "".join(f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="{v[n][a]}"'
                                    for a, y in sub.get("members", {}).items() if y.get("xmlAttribute") and a in v[n])
                    out.append(f"<{name}{attrs}>{self._to_xml(sub, v[n])}</{name}>")
            return "".join(out)
        if t == "list":
            item = shape["member"].get("locationName", "item" if ec2 else "member")
            return "".join(f"<{item}>{self._to_xml(shapes[shape['member']['shape']], i)}</{item}>" for i in v)
        if t == "map":
            return "".join(f"<entry>{self._entry(shape, k, i)}</entry>" for k, i in v.items())
        return escape(_text({**shape, "x": 1}, v))

    def _entry(self, shape: dict[str, Any], k: str, v: Any) -> str:
        kn, vn = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")
        return f"<{kn}>{escape(k)}</{kn}><{vn}>{self._to_xml(self.m.shapes[shape['value']['shape']], v)}</{vn}>"

    # errors

    def error(self, problem: AwsError, request: Request, request_id: str) -> Response:
        shape = self.m.shapes.get(problem.code, {})
        code = shape.get("error", {}).get("code", problem.code)
        status = problem.status or shape.get("error", {}).get("httpStatusCode") or 400
        return _render(self.protocol, problem, code, status, request_id, self.service, request, "awsQueryCompatible" in self.m.metadata)


def failure(request: Request, problem: AwsError, request_id: str) -> Response:
    protocol = "json-1.0" if "x-amz-target" in request.headers or "json" in request.headers.get("content-type", "") else \
        "query" if "form" in request.headers.get("content-type", "") else "rest-xml"
    return _render(protocol, problem, problem.code, problem.status or 400, request_id, "", request, False)


def _render(protocol: str, problem: AwsError, code: str, status: int, request_id: str, service: str, request: Request,
            compatible: bool) -> Response:
    if protocol.startswith("json") or protocol in ("rest-json", "rpc-v2-cbor"):
        body = {"__type": problem.code, "message": problem.message, "Message": problem.message, **problem.members}
        headers = [("x-amzn-RequestId", request_id), ("x-amzn-errortype", problem.code)]
        if compatible:
            headers.append(("x-amzn-query-error", f"{code};Sender"))
        if protocol == "rpc-v2-cbor":
            import cbor2
            return Response(status, [*headers, ("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")], cbor2.dumps(body))
        return Response(status, [*headers, ("Content-Type", "application/x-amz-json-1.0")], orjson.dumps(body, default=_default))
    if protocol == "rest-xml":
        extra = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in problem.members.items() if k[0].isupper())
        more = [(k, str(v)) for k, v in problem.members.items() if not k[0].isupper()]
        text = (f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{escape(problem.message)}</Message>'
                f"{extra}<RequestId>{request_id}</RequestId></Error>")
        return Response(status, [("x-amz-request-id", request_id), ("Content-Type", "application/xml"), *more],
                        b"" if status == 304 else text.encode())
    if protocol == "ec2":
        text = (f"<Response><Errors><Error><Code>{code}</Code><Message>{escape(problem.message)}</Message></Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>")
    else:
        text = (f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(problem.message)}</Message></Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>")
    return Response(status, [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)], text.encode())


def _default(v: Any) -> Any:
    return base64.b64encode(v).decode() if isinstance(v, bytes) else str(v)


def _time(v: Any) -> float:
    if isinstance(v, (int, float)):
        return float(v)
    if isinstance(v, datetime):
        return v.timestamp()
    try:
        return float(v)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(v.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return parsedate_to_datetime(v).timestamp()


def _scalar(shape: dict[str, Any], text: str) -> Any:
    t = shape["type"]
    try:
        if t in ("integer", "long"):
            return int(text)
        if t in ("float", "double"):
            return float(text)
        if t == "boolean":
            return text.lower() == "true"
        if t == "timestamp":
            return _time(text)
        if t == "blob":
            return base64.b64decode(text)
    except ValueError:
        raise AwsError("InvalidArgument" , f"bad value {text}", 400) from None
    return text


def _text(shape: dict[str, Any], v: Any) -> str:
    t = shape["type"]
    if t == "boolean":
        return "true" if v else "false"
    if t == "timestamp" and not isinstance(v, str):
        if shape.get("h") and shape.get("timestampFormat") != "iso8601":
            return formatdate(v, usegmt=True)
        return datetime.fromtimestamp(v, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(v * 1000) % 1000:03}Z"
    if t == "blob":
        return base64.b64encode(v).decode()
    return str(v)
