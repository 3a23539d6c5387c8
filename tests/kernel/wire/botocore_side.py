"""What botocore knows and would send: its models, and requests as its serialisers make them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import botocore.loaders
import botocore.model
import botocore.serialize
from botocore.awsrequest import prepare_request_dict

from cumulet.kernel import wire
from cumulet.kernel.http.message import Request
from cumulet.kernel.wire.sqs import as_query

LOADER = botocore.loaders.Loader()
SERVICES = LOADER.list_available_services("service-2")
# Services with event streams; test_round_trip.py, which reads every model, holds that these are all.
WITH_EVENTS = ("bedrock-agent-runtime", "bedrock-agentcore", "bedrock-runtime", "connecthealth", "devops-agent", "healthlake",
               "iotsitewise", "kinesis", "lambda", "lexv2-runtime", "logs", "polly", "qbusiness", "s3", "sagemaker-runtime")
PROTOCOLS = {"smithy-rpc-v2-cbor": "rpc-v2-cbor"}


def model_of(service: str, protocol: str = "") -> botocore.model.ServiceModel:
    raw = LOADER.load_service_model(service, "service-2")
    if service == "sqs" and protocol == "query":
        # botocore's model has lost SQS's names in the query protocol; test_sqs_query.py holds them against written examples.
        named = as_query(wire.model("sqs"))
        raw = {"shapes": named.shapes, "operations": {n: o.raw for n, o in named.operations.items()},
               "metadata": {**raw["metadata"], "protocol": "query", "protocols": ["query"]}}
    return botocore.model.ServiceModel(raw, service)


def signing_name(model: botocore.model.ServiceModel) -> str:
    return str(model.metadata.get("signingName") or model.metadata["endpointPrefix"])


def protocols_of(model: botocore.model.ServiceModel) -> list[str]:
    said = model.metadata.get("protocols") or [model.metadata["protocol"]]
    return [*said, "query"] if model.service_name == "sqs" else list(said)


def ours(model: botocore.model.ServiceModel, protocol: str) -> str:
    """A protocol by our name for it."""
    if protocol == "json":
        return "json-" + str(model.metadata.get("jsonVersion", "1.0"))
    return PROTOCOLS.get(protocol, protocol)


def event_member(shape: Any) -> str:
    """The event stream member of a shape, or ""."""
    if shape is None:
        return ""
    return next((n for n, m in shape.members.items() if m.serialization.get("eventstream")), "")


def request_of(model: botocore.model.ServiceModel, operation: botocore.model.OperationModel, members: dict[str, Any],
               protocol: str) -> Request:
    """As botocore would send it, signed for form only."""
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    sent = serializer.serialize_to_request(members, operation)
    host = f"{model.metadata['endpointPrefix']}.us-east-1.amazonaws.com"
    prepare_request_dict(sent, endpoint_url=f"https://{host}")
    path = sent["url"].partition(host)[2] or "/"
    body = sent["body"]
    if isinstance(body, dict):
        body = urlencode(body, doseq=True).encode()
        sent["headers"]["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    elif isinstance(body, str):
        body = body.encode()
    elif hasattr(body, "read"):
        body = body.read()
    headers = {k.lower(): v if isinstance(v, str) else v.decode() for k, v in sent["headers"].items()}
    headers["host"] = host
    if operation.auth_type != "none" and "authorization" not in headers:
        headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{signing_name(model)}/aws4_request, "
                                    "SignedHeaders=host, Signature=0")
    return Request(sent["method"], path, headers, body or b"")
