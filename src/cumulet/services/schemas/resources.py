"""What exists in the schema registry: registries, schemas with their versions, discoverers."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, resource, stored

_TAGS = Tagging("TagResource", "UntagResource", "ListTagsForResource")


@resource("AWS::EventSchemas::Registry", id="RegistryName",
          arn="arn:{partition}:schemas:{region}:{account}:registry/{RegistryName}",
          missing="NotFoundException", missing_message="Registry with name {id} does not exist.",
          verbs=Verbs(read="DescribeRegistry", list="ListRegistries"), tags=_TAGS, columns=("RegistryName", "Description"),
          returns={"RegistryArn": "arn"}, delete_after=("AWS::EventSchemas::Schema",))
class Registry(Resource, kw_only=True):
    """A folder of schemas. policy: who else may use it; revision: which edition of that."""

    RegistryName: Annotated[str, fixed]
    Description: str | None = None
    policy: str | None = None
    revision: str = ""


@resource("AWS::EventSchemas::Schema", id=("RegistryName", "SchemaName"),
          arn="arn:{partition}:schemas:{region}:{account}:schema/{RegistryName}/{SchemaName}",
          missing="NotFoundException", missing_message="Schema {id} does not exist.",
          verbs=Verbs(read="DescribeSchema"), tags=_TAGS, columns=("RegistryName", "SchemaName", "Type", "SchemaVersion"),
          returns={"SchemaArn": "arn", "SchemaVersion": "SchemaVersion"})
class Schema(Resource, kw_only=True):
    """A schema in its newest version. last: the highest number ever given.  inferred: what was seen of its events, where it is
    discovered."""

    RegistryName: Annotated[str, fixed]
    SchemaName: Annotated[str, fixed]
    Type: str
    Content: str
    Description: str | None = None
    SchemaVersion: str = "1"
    last: int = 1
    modified: float = 0.0
    inferred: dict[str, Any] | None = None


@stored(key=("registry", "schema", "number"))
class SchemaEdition(msgspec.Struct, kw_only=True):
    """One version of a schema."""

    registry: str
    schema: str
    number: int
    kind: str
    content: str
    created: float


@resource("AWS::EventSchemas::Discoverer", id="DiscovererId",
          arn="arn:{partition}:schemas:{region}:{account}:discoverer/{DiscovererId}",
          missing="NotFoundException", missing_message="Discoverer with id {id} does not exist.",
          verbs=Verbs(read="DescribeDiscoverer"), tags=_TAGS, columns=("DiscovererId", "SourceArn", "State"),
          returns={"DiscovererArn": "arn", "DiscovererId": "DiscovererId", "State": "State"})
class Discoverer(Resource, kw_only=True):
    """What watches a bus and keeps the schemas of its events."""

    DiscovererId: str
    SourceArn: Annotated[str, fixed]
    Description: str | None = None
    CrossAccount: bool = True
    State: str = "STARTED"
