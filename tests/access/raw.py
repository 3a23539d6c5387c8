"""Requests as botocore writes and signs them, over one connection that is kept: no client, no retry, no waiting."""

from __future__ import annotations

import http.client
import re
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import botocore.model
import botocore.parsers
import botocore.serialize
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.credentials import Credentials
from botocore_side import model_of, signing_name
from generate import Generator

_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_CODE = re.compile(rb"<Code>(.*?)</Code>")
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)


# What must come although the model does not require it.
NEEDED = {("s3", "CompleteMultipartUpload"): {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": "x"}]}},
          ("dynamodb", "BatchExecuteStatement"): {"Statements": [{"Statement": "SELECT * FROM t WHERE id = 'a'"}]}}


class Least(Generator):
    """Values for the members that a model requires, and no others."""

    def structure(self, shape: botocore.model.StructureShape, depth: int) -> dict[str, Any]:
        if shape.is_tagged_union:
            return super().structure(shape, depth)
        wanted = shape.required_members or list(shape.members)[:1 if depth else 0]       # what is empty is not sent
        return {name: self.member(shape.members[name], depth) for name in wanted}


def of(value: Any, account: str) -> Any:
    """The value with all accounts that it names being this one, in AWS's first partition."""
    if isinstance(value, dict):
        return {name: of(one, account) for name, one in value.items()}
    if isinstance(value, list):
        return [of(one, account) for one in value]
    if not isinstance(value, str):
        return value
    return _ACCOUNT.sub(account, re.sub(r"^arn:aws[^:]*:", "arn:aws:", value))


class Answer(NamedTuple):
    """What came back: the status, the name of the error ("" for none), its sentence; the whole body."""

    status: int
    code: str
    message: str
    body: bytes


class Wire:
    """A connection to a cloud, for one API."""

    def __init__(self, endpoint: str, api: str) -> None:
        self.model = model_of(api)
        self._protocol = self._spoken()
        self._serializer = botocore.serialize.create_serializer(self._protocol, include_validation=False)
        self._connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)

    def _spoken(self) -> str:
        said = self.model.metadata.get("protocols") or [self.model.metadata["protocol"]]
        return "json" if "json" in said else str(said[0])

    def close(self) -> None:
        self._connection.close()

    def made_up(self, operation: str, account: str) -> dict[str, Any]:
        """The least input that the model lets pass, about things of this account."""
        shape = self.model.operation_model(operation).input_shape
        made = {} if shape is None else Least(f"{self.model.service_name}.{operation}").structure(shape, 0)
        made |= NEEDED.get((self.model.service_name, operation), {})
        found: dict[str, Any] = of(made, account)
        return found

    def ask(self, operation: str, members: dict[str, Any], keys: Credentials) -> Answer:
        """One call by whom the keys belong to."""
        said = self.model.operation_model(operation)
        sent = self._serializer.serialize_to_request(members, said)
        host = f"{self.model.metadata['endpointPrefix']}.us-east-1.amazonaws.com"
        prepare_request_dict(sent, endpoint_url=f"https://{host}")
        body: Any = sent["body"]
        if isinstance(body, dict):
            body = urlencode(body, doseq=True)
            sent["headers"]["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        if isinstance(body, str):
            body = body.encode()
        request = AWSRequest(sent["method"], sent["url"], dict(sent["headers"]), body or b"")
        signing = signing_name(self.model)
        (S3SigV4Auth if signing == "s3" else SigV4Auth)(keys, signing, "us-east-1").add_auth(request)
        prepared = request.prepare()
        there = urlsplit(prepared.url)
        headers = {k: v if isinstance(v, str) else v.decode() for k, v in prepared.headers.items()}
        headers["Host"] = there.netloc.lower()
        self._connection.request(prepared.method, prepared.url.partition(there.netloc)[2], prepared.body, headers)
        answer = self._connection.getresponse()
        return self._read(answer.status, dict(answer.headers), answer.read())

    def _read(self, status: int, headers: dict[str, str], body: bytes) -> Answer:
        if status < 300:
            return Answer(status, "", "", body)
        if body.lstrip().startswith(b"{"):
            said = botocore.parsers.create_parser(self._protocol).parse(
                {"status_code": status, "headers": {k.lower(): v for k, v in headers.items()}, "body": body}, None)["Error"]
            return Answer(status, said["Code"], said["Message"], body)
        code, message = _CODE.search(body), _MESSAGE.search(body)
        return Answer(status, code[1].decode() if code else "", message[1].decode() if message else "", body)
