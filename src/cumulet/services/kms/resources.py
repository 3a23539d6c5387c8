"""What exists in KMS: keys and their replicas, aliases, key material, grants, and wrapping keys that wait for an import."""

from typing import Annotated

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored


@resource("AWS::KMS::Key", id="KeyId", arn="arn:{partition}:kms:{region}:{account}:key/{KeyId}",
          missing="NotFoundException", missing_message="Invalid keyId '{id}'",
          verbs=Verbs(read="DescribeKey", update="UpdateKeyDescription", delete="ScheduleKeyDeletion"),
          tags=Tagging("TagResource", "UntagResource", "ListResourceTags"),
          columns=("KeyId", "KeySpec", "KeyUsage", "Enabled", "Description", "created"),
          returns={"Arn": "arn", "KeyId": "KeyId"}, delete_after=("AWS::KMS::Alias", "AWS::KMS::ReplicaKey"))
class Key(Resource, kw_only=True):
    """A key. Its material is elsewhere: `current` names it. leaving: when it will be deleted."""

    KeyId: Annotated[str, fixed]
    Description: Annotated[str, by("UpdateKeyDescription")] = ""
    KeyPolicy: Annotated[str, by("PutKeyPolicy", path="Policy")] = ""
    KeySpec: Annotated[str, fixed] = "SYMMETRIC_DEFAULT"
    KeyUsage: Annotated[str, fixed] = "ENCRYPT_DECRYPT"
    Origin: Annotated[str, fixed] = "AWS_KMS"
    MultiRegion: Annotated[bool, fixed] = False
    Enabled: Annotated[bool, by("EnableKey", unset="DisableKey", switch=True)] = True
    EnableKeyRotation: Annotated[bool, by("EnableKeyRotation", unset="DisableKeyRotation", switch=True)] = False
    RotationPeriodInDays: Annotated[int | None, by("EnableKeyRotation")] = None
    PendingWindowInDays: Annotated[int, by("ScheduleKeyDeletion", at_end=True)] = 30
    manager: str = "CUSTOMER"
    current: str | None = None         # the id of the material that encrypts
    lacking: bool = False              # material was imported once and is gone
    leaving: float | None = None
    window: int = 0                    # days that its deletion waits
    waits_for_replicas: bool = False
    rotates_at: float | None = None
    on_demand: int = 0                 # rotations that were asked for
    primary: str = ""                  # the region of the primary key, for multi-Region keys
    regions: list[str] = []            # … and all regions that have one of them
    grants: int = 0                    # how many it has
    used_at: float = 0.0
    used_by: str = ""                  # the operation
    used_in: str = ""                  # the request


@resource("AWS::KMS::ReplicaKey", id="KeyId", arn="arn:{partition}:kms:{region}:{account}:key/{KeyId}",
          missing="NotFoundException", missing_message="Invalid keyId '{id}'",
          verbs=Verbs(create="ReplicateKey", read="DescribeKey", update="UpdateKeyDescription", delete="ScheduleKeyDeletion"),
          tags=Tagging("TagResource", "UntagResource", "ListResourceTags"),
          columns=("KeyId", "KeySpec", "KeyUsage", "Enabled", "Description", "created"),
          returns={"Arn": "arn", "KeyId": "KeyId"}, delete_after=("AWS::KMS::Alias",))
class ReplicaKey(Key, kw_only=True):
    """A key that came into being as another one's replica."""

    PrimaryKeyArn: Annotated[str, fixed, member("KeyId")] = ""


@resource("AWS::KMS::Alias", id="AliasName", arn="arn:{partition}:kms:{region}:{account}:{AliasName}",
          missing="NotFoundException", missing_message="Alias {id} is not found.",
          verbs=Verbs(read="ListAliases", list="ListAliases"), tags="KMS has no tags on aliases.",
          columns=("AliasName", "TargetKeyId", "created"), indexes={"target": ("TargetKeyId", "AliasName")})
class Alias(Resource, kw_only=True):
    """A name of a key."""

    AliasName: Annotated[str, fixed]
    TargetKeyId: str
    updated: float = 0.0


@stored(key=("key", "id"), indexes={"order": ("key", "number")})
class Material(msgspec.Struct, kw_only=True):
    """Key material, sealed; None when it was imported and has been deleted or has expired.

    state: CURRENT, NON_CURRENT, PENDING_ROTATION or PENDING_MULTI_REGION_IMPORT_AND_ROTATION.
    """

    key: str
    id: str
    number: int
    sealed: bytes | None
    state: str = "CURRENT"
    description: str | None = None
    valid_to: float | None = None
    rotated_at: float | None = None
    rotation: str | None = None        # AUTOMATIC or ON_DEMAND


@stored(key=("key", "id"), indexes={
    "grantee": ("grantee", "key"), "service": ("grantee_service", "key"), "name": ("name", "key")})
class Grant(msgspec.Struct, kw_only=True):
    """A permission on one key."""

    key: str
    id: str
    operations: list[str]
    created: float
    issuer: str                        # the account that made it
    grantee: str | None = None
    grantee_service: str | None = None
    retiring: str | None = None
    retiring_service: str | None = None
    name: str | None = None
    equals: dict[str, str] | None = None
    subset: dict[str, str] | None = None
    source_arn: str | None = None


@stored(key=("principal", "grant"))
class Retirable(msgspec.Struct, kw_only=True):
    """A grant, listed in the account of the principal that may retire it (the key may be another account's)."""

    principal: str
    grant: str
    account: str
    key: str


@stored(key=("key", "id"), indexes={"until": ("until",)})
class Wrapping(msgspec.Struct, kw_only=True):
    """The private half of a wrapping key that an import may use until then."""

    key: str
    id: str
    algorithm: str
    sealed: bytes
    until: float
