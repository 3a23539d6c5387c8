"""What exists in Secrets Manager: secrets, their versions, and what rotates them."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored


@resource("AWS::SecretsManager::Secret", id="Id",
          arn="arn:{partition}:secretsmanager:{region}:{account}:secret:{Name}-{suffix}",
          missing="ResourceNotFoundException", missing_message="Secrets Manager can't find the specified secret.",
          verbs=Verbs(read="DescribeSecret"), tags=Tagging("TagResource", "UntagResource", "DescribeSecret"),
          columns=("Name", "Description", "created", "changed"), returns={"Id": "Id"}, cost="secret",
          write_only={"SecretString": "PutSecretValue"},
          indexes={"name": ("Name",), "created": ("created", "Id"), "changed": ("changed", "Id"),
                   "accessed": ("accessed", "Id")}, unique=("name",))
class Secret(Resource, kw_only=True):
    """A secret without its values. Id is its ARN."""

    Id: Annotated[str, fixed, member("SecretId")]
    Name: Annotated[str, fixed]
    Description: str | None = None
    KmsKeyId: str | None = None
    suffix: str                        # six letters behind the name, so that a new secret of an old name is another one
    stages: dict[str, str] = {}        # staging label → version id
    changed: float = 0.0
    accessed: float = 0.0              # midnight of the day of the last access; 0 never
    deleted: float | None = None       # when its deletion was asked for
    leaving: float | None = None       # when the recovery window ends
    primary: str | None = None         # of a replica: the region of its primary
    origin: str = ""                   # the region where it was made
    replicas: list[dict[str, Any]] = []
    account_primary: dict[str, Any] | None = None      # of a replica of another account's secret: as DescribeSecret tells it
    account_replicas: list[dict[str, Any]] = []        # likewise of the primary
    rotation_on: bool = False
    rotation_lambda: str | None = None
    rotation_rules: dict[str, Any] | None = None
    rotated: float | None = None
    next_window: float | None = None   # when the next scheduled rotation begins
    next_end: float | None = None      # and when its window closes: what is told as NextRotationDate
    policy: str | None = None


@stored(key=("secret",))
class Rotation(msgspec.Struct, kw_only=True):
    """A rotation that is under way: which version it makes, and which of its steps is next."""

    secret: str
    version: str
    step: int = 0
    tried: int = 0                     # how often it failed so far
    reason: str = ""                   # why, the last time


@stored(key=("secret", "id"), indexes={"age": ("secret", "created")})
class Version(msgspec.Struct, kw_only=True):
    """One version of a secret's value, sealed under a data key of its own. kind: "" while it has no value."""

    secret: str
    id: str
    created: float
    kind: str = ""                     # "string" or "binary"
    data_key: bytes = b""              # as KMS gave it, under the secret's key
    at_hand: bytes = b""               # the same one, sealed here, if the secret's key is the account's own
    sealed: bytes = b""
    key_id: str = ""                   # the key that the data key is under, as it was given
    accessed: float = 0.0
