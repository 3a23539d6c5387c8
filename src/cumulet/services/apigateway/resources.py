"""What exists in API Gateway: REST APIs, what belongs to each, and what an account has beside them.

What an API is made of is kept in the API's own words (`said`): that is what goes out, what patches change, and what a
deployment keeps a copy of.
"""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, fixed, member, resource, stored


@resource("AWS::ApiGateway::RestApi", id="RestApiId", arn="arn:{partition}:apigateway:{region}::/restapis/{RestApiId}",
          missing="NotFoundException", missing_message="Invalid API identifier specified",
          tags=Tagging("TagResource", "UntagResource", "GetTags"), columns=("RestApiId", "Name", "created"),
          returns={"RootResourceId": "root"})
class RestApi(Resource, kw_only=True):
    """A REST API. root: the id of its resource `/`. None: never said, and so not told."""

    RestApiId: Annotated[str, fixed, member("restApiId")]
    Name: Annotated[str, member("name")]
    Description: Annotated[str | None, member("description")] = None
    Version: Annotated[str | None, member("version")] = None
    ApiKeySourceType: Annotated[str, member("apiKeySource")] = "HEADER"
    BinaryMediaTypes: Annotated[list[str], member("binaryMediaTypes")] = []
    MinimumCompressionSize: Annotated[int | None, member("minimumCompressionSize")] = None
    EndpointConfiguration: Annotated[dict[str, Any], member("endpointConfiguration")] = {}
    Policy: Annotated[str | None, member("policy")] = None
    DisableExecuteApiEndpoint: Annotated[bool, member("disableExecuteApiEndpoint")] = False
    SecurityPolicy: Annotated[str | None, member("securityPolicy")] = None
    EndpointAccessMode: Annotated[str | None, member("endpointAccessMode")] = None
    root: str = ""
    warnings: list[str] = []


@stored(key=("api", "kind", "id"))
class Part(msgspec.Struct, kw_only=True):
    """Something of an API: a resource with its methods, a model, an authorizer, a stage, … kind: see parts.py."""

    api: str
    kind: str
    id: str
    said: dict[str, Any]


@stored(key=("api", "id"))
class Snapshot(msgspec.Struct, kw_only=True):
    """The API as it was deployed: JSON, which stages serve and nothing changes."""

    api: str
    id: str
    definition: bytes


@stored(key=("kind", "id"))
class Item(msgspec.Struct, kw_only=True):
    """Something of an account beside its APIs: a usage plan, a VPC link, a client certificate, … kind: see items.py."""

    kind: str
    id: str
    said: dict[str, Any]


@stored(key=("id",), indexes={"value": ("value",), "name": ("name", "id")})
class ApiKey(msgspec.Struct, kw_only=True):
    """An API key. said: all of it but its value."""

    id: str
    name: str
    value: str
    said: dict[str, Any]


@stored(key=("plan", "key"), indexes={"own": ("key", "plan")})
class PlanKey(msgspec.Struct, kw_only=True):
    """A key that belongs to a usage plan."""

    plan: str
    key: str


@stored(key=("plan", "key", "day"))
class Used(msgspec.Struct, kw_only=True):
    """How often a key was used on a day (2026-01-31), and what then was left of its quota; extra: given by UpdateUsage."""

    plan: str
    key: str
    day: str
    count: int = 0
    remaining: int = 0
    extra: int = 0


@stored(key=("api", "stage", "key"), indexes={"ends": ("ends",)})
class Cached(msgspec.Struct, kw_only=True):
    """An answer that a stage's cache holds until its time ends."""

    api: str
    stage: str
    key: str
    ends: float
    status: int
    headers: list[list[str]]
    body: bytes


@stored(key=("api", "stage", "authorizer", "key"), indexes={"ends": ("ends",)})
class Authorized(msgspec.Struct, kw_only=True):
    """What an authorizer said of a caller, until its time ends."""

    api: str
    stage: str
    authorizer: str
    key: str
    ends: float
    said: dict[str, Any]
