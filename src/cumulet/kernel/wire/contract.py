"""What the wire gives the pipeline: an operation in one protocol, compiled from botocore's model.

Values inside cumulet, both ways: structures and maps are dicts, lists are lists, strings str, blobs bytes, integers int,
floats float, booleans bool, timestamps float (seconds since 1970), documents plain JSON values. A streaming blob comes in
as a `Spool` (kernel/store/blobs.py) and goes out as a ResponseBody; an event stream is an async iterator of
`{"EventName": {…}}` both ways. A member that was not sent is absent; None in a result means absent.

S3: a result with a ContentRange answers 206; an error's members that begin with a small letter are headers of the answer
(`x-amz-delete-marker`, and the `etag` of a 304), the others elements of its body. Where two operations have one URI
(GetBucketLifecycle, GetBucketLifecycleConfiguration), the one that the model does not call deprecated is meant. A list member
that is `Raw` holds its elements, names and all (`<Contents>…</Contents><Contents>…`).

A value of type `Raw` is already serialised in the protocol of the service (JSON or an XML fragment) and is spliced in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..errors import AwsError
from ..http.message import Request, Response


class Raw:
    """Bytes that are already in the service's own protocol: JSON for json protocols, XML elements for XML protocols."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Op(Protocol):
    """One operation, asked for in one protocol. Made once, on first use, and kept."""

    service: str                 # botocore's name of the model: "sqs", "s3", "ec2"
    name: str                    # "SendMessage"
    protocol: str                # "json-1.0", "json-1.1", "query", "ec2", "rest-json", "rest-xml", "rpc-v2-cbor", "cbor-1.1"
    members: frozenset[str]      # all members of the input shape
    required: frozenset[str]
    streaming: str               # the input member that is a streaming blob, or ""
    events_in: str               # the input member that is an event stream, or ""
    unsigned: bool               # the model says authtype none
    bearer: bool                 # it takes bearer tokens as well

    def parse(self, request: Request, labels: Mapping[str, str], body: Any) -> dict[str, Any]:
        """Validated members. `body` is the request's bytes, or the Spool of a streaming operation."""

    def serialise(self, result: Mapping[str, Any] | None, request: Request, request_id: str) -> Response: ...

    def error(self, problem: AwsError, request: Request, request_id: str) -> Response: ...


class Route:
    """Where a request goes. labels: the URI's labels (decoded), such as {"Bucket": …, "Key": …}."""

    __slots__ = ("labels", "op", "region")

    def __init__(self, op: Op, labels: Mapping[str, str], region: str = "") -> None:
        self.op = op
        self.labels = labels
        self.region = region          # when the host names one ("sqs.eu-west-1.amazonaws.com")


# kernel/wire/__init__.py offers
#   route(request: Request) -> Route        raises AwsError when nothing fits (404, 501 or 400, as AWS would)
#   failure(request: Request, problem: AwsError, request_id: str) -> Response      an error before an operation is known
#   model(service: str) -> Model            .operations: name → OperationModel (members, shapes, errors, docs)
#   op(service: str, name: str, protocol: str = "") -> Op      by default in the model's first protocol
