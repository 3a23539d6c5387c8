"""What exists in S3: buckets, current objects, older versions, uploads and their parts, and who shares which bytes."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, by, fixed, member, resource, stored


@resource("AWS::S3::Bucket", id="BucketName", arn="arn:{partition}:s3:::{BucketName}", scope="global",
          missing="NoSuchBucket", missing_message="The specified bucket does not exist",
          verbs=Verbs(read="HeadBucket"), tags=Tagging("PutBucketTagging", "DeleteBucketTagging", "GetBucketTagging"),
          columns=("BucketName", "region", "created"), indexes={"owned": ("account", "BucketName")},
          returns={"Arn": "arn"})
class Bucket(Resource, kw_only=True):
    """A bucket. Its objects are kept under its number, which no other bucket ever has."""

    BucketName: Annotated[str, fixed, member("Bucket")]
    account: str
    region: str
    number: int
    VersioningConfiguration: Annotated[dict[str, Any] | None, by(
        "PutBucketVersioning", path="VersioningConfiguration", read="GetBucketVersioning")] = None
    PublicAccessBlockConfiguration: Annotated[dict[str, bool] | None, by(
        "PutPublicAccessBlock", path="PublicAccessBlockConfiguration", unset="DeletePublicAccessBlock",
        read="GetPublicAccessBlock")] = None
    OwnershipControls: Annotated[dict[str, Any] | None, by(
        "PutBucketOwnershipControls", path="OwnershipControls", unset="DeleteBucketOwnershipControls",
        read="GetBucketOwnershipControls")] = None
    bucket_key: bool = False
    default_encryption: tuple[str, str | None] | None = None       # method and key, where not S3's own
    blocks_customer_keys: bool = False
    policy: str = ""
    object_lock: bool = False
    default_retention: dict[str, Any] | None = None
    lifecycle: list[dict[str, Any]] = []
    notifications: dict[str, Any] | None = None
    replication: dict[str, Any] | None = None
    acceleration: str = ""
    requester_pays: bool = False
    least_moved: str = ""
    cors: list[dict[str, Any]] = []
    website: dict[str, Any] | None = None
    grants: list[tuple[str, str]] | None = None
    zone: str = ""                                                # of a directory bucket
    table: str = ""                                               # the ARN of the table whose storage it is
    tags_decide: bool = False                                     # is attribute-based access control enabled?
    logging: dict[str, Any] | None = None                         # where the lines of its access log go
    metadata: dict[str, Any] | None = None                        # its journal and inventory, as tables
    measured: float = 0.0                                         # when it is next measured, for its daily storage metrics
    uncounted: bool = False                                       # has it no configuration that counts requests?

    @property
    def versioning(self) -> str:
        """"" (never had any), "Enabled" or "Suspended"."""
        said = self.VersioningConfiguration
        return said.get("Status", "") if said else ""

    @property
    def leaving(self) -> str | None:
        """The storage of a table is no bucket for whoever manages resources by their lifecycle: it goes with its table."""
        return self.table or None

    @property
    def ownership(self) -> str:
        """"" (never said) or who owns its objects."""
        said = self.OwnershipControls
        return said["Rules"][0]["ObjectOwnership"] if said else ""


class Seal(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """How a version is encrypted, where not with S3's own keys.

    method: "aws:kms", "aws:kms:dsse", or "" for a key of the customer's.  nonce: where its counter began.
    key: ARN of the key of KMS.  data_key: as KMS encrypted it; of a customer's key what tells it from others.
    second: the key of the second layer, sealed.  context: what KMS wants to hear again.
    """

    method: str
    nonce: bytes
    key: str = ""
    data_key: bytes = b""
    second: bytes = b""
    context: dict[str, str] = {}
    bucket_key: bool = False


class Extra(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What only some versions have, so that the others need no columns for it.

    owner: the account, where it is not the bucket's.  grants: the access control list, where it is not the owner's alone.
    restored_at, restored_until: from when to when a copy of an archived object is there.
    lock, lock_until, hold: GOVERNANCE or COMPLIANCE, the end of that, and the legal hold, ON or OFF.
    replication: PENDING, COMPLETED or FAILED; REPLICA of what came from another bucket.
    tier, accessed: of Intelligent-Tiering, the archive tier that it went to, and when it was last read (to the day).
    appended: how often it was appended to.
    """

    owner: str = ""
    grants: list[tuple[str, str]] | None = None
    seal: Seal | None = None
    restored_at: float = 0.0
    restored_until: float = 0.0
    lock: str = ""
    lock_until: float = 0.0
    hold: str = ""
    replication: str = ""
    tier: str = ""
    accessed: float = 0.0
    appended: int = 0


class Version(msgspec.Struct, gc=False):
    """One version of an object, or a delete marker. Its bytes are in `body`, or in one blob, or in a layout.

    version: its public id; "" for the null version.  order: minus its number in time, so that newer ones come first.
    listing: what a listing says of it, ready as XML.  facts: what GetObject says beside that, in the model's words.
    checksum: "" or base64, with "-N" when it is a sum of sums.  parts: how many; 0 when it was not made of parts.
    """

    bucket: int
    key: bytes
    order: int
    version: str = ""
    listing: bytes = b""
    size: int = 0
    etag: str = ""
    modified: float = 0.0
    kind: str = "binary/octet-stream"
    algorithm: str = ""
    checksum: str = ""
    parts: int = 0
    blob: str = ""
    layout: int = 0
    facts: dict[str, Any] | None = None
    tags: dict[str, str] | None = None
    extra: Extra | None = None
    body: bytes | None = None


def seal_of(row: Version | Upload) -> Seal | None:
    """How a version is encrypted; None under S3's own keys."""
    return row.extra.seal if row.extra is not None else None


@stored(key=("bucket", "key"), scope="global", indexes={"listing": ("bucket", "key", "listing")},
        belongs={"bucket": ("s3_bucket.number",)}, refers={"layout": "s3_layout"})
class Current(Version, gc=False):
    """What a key holds now. Delete markers are not here: listings and readers never step over them.

    The index holds all that a listing says, so that a page is one walk along it, however large the bodies are.
    """


@stored(key=("bucket", "key", "order"), scope="global", indexes={"nulls": ("nulled", "key")},
        belongs={"bucket": ("s3_bucket.number",)}, refers={"layout": "s3_layout"})
class Older(Version, gc=False):
    """What a key held before, and delete markers. nulled: the bucket, for the null version (a key has at most one)."""

    marker: bool = False
    nulled: int | None = None


class Piece(msgspec.Struct, array_like=True, gc=False):
    """A run of bytes: in a blob from an offset, or (short ones) here. nonce: of the run that it was cut from, if encrypted."""

    length: int
    blob: str = ""
    offset: int = 0
    data: bytes = b""
    nonce: bytes = b""


class LaidPart(msgspec.Struct, array_like=True, gc=False):
    """A part of an object that is made of parts."""

    number: int
    size: int
    checksum: str
    pieces: list[Piece]


@stored(auto="id", scope="global", belongs={"id": ("s3_current.layout", "s3_older.layout")})
class Layout(msgspec.Struct, kw_only=True):
    """Where the bytes of an object made of parts are. uses: how many versions have it (copies share it)."""

    id: int = 0
    uses: int = 1
    parts: list[LaidPart]


@stored(key=("blob",), scope="global", belongs={"blob": ("kernel_blob.id",)})
class Shared(msgspec.Struct, kw_only=True):
    """A blob that more than one owner uses. more: how many beside the first."""

    blob: str
    more: int


@stored(key=("bucket", "key", "upload"), scope="global", belongs={"bucket": ("s3_bucket.number",)})
class Upload(msgspec.Struct, kw_only=True):
    """An object that is being uploaded in parts. number: what its parts are kept under."""

    bucket: int
    key: bytes
    upload: str
    number: int
    initiated: float
    account: str
    kind: str
    algorithm: str
    checksum_type: str
    facts: dict[str, Any] | None = None
    tags: dict[str, str] | None = None
    extra: Extra | None = None
    declared: bool = False                 # did the client name the algorithm?


@stored(key=("upload", "number"), scope="global", belongs={"upload": ("s3_upload.number",)})
class Part(msgspec.Struct, kw_only=True, gc=False):
    """An uploaded part."""

    upload: int
    number: int
    size: int
    etag: str
    modified: float
    checksum: str
    pieces: list[Piece]


@stored(key=("bucket", "kind", "name"), scope="global", belongs={"bucket": ("s3_bucket.number",)})
class Configuration(msgspec.Struct, kw_only=True):
    """One of several configurations that a bucket has of a kind ("inventory"); name: its id.  said: in the model's words."""

    bucket: int
    kind: str
    name: str
    said: dict[str, Any]


@stored(auto="id", scope="global", indexes={"waiting": ("bucket", "day", "id")}, belongs={"bucket": ("s3_bucket.number",)})
class LogLines(msgspec.Struct, kw_only=True):
    """Lines of a bucket's access log that were not delivered yet. day: when the requests came, "2026-11-21"."""

    bucket: int
    day: str
    lines: str
    id: int = 0


@stored(key=("bucket", "token"), scope="global", indexes={"at": ("bucket", "at")}, belongs={"bucket": ("s3_bucket.number",)})
class Renamed(msgspec.Struct, kw_only=True):
    """A RenameObject that was done under a client's token. said: what it asked for."""

    bucket: int
    token: str
    said: str
    at: float = 0.0


@stored(key=("token",), indexes={"made": ("made",)}, scope="account")
class Transformed(msgspec.Struct, kw_only=True):
    """A GetObject that waits for what an Object Lambda function makes of the object. arn: of the access point.

    said: the members of the function's WriteGetObjectResponse, once it came; its body is in the row or a blob, of this size.
    problem: why none will come: code, sentence, status.
    """

    token: str
    arn: str
    made: float
    said: dict[str, Any] | None = None
    body: bytes | None = None
    blob: str = ""
    size: int = 0
    problem: tuple[str, str, int] | None = None


@stored(key=("bucket", "key", "order", "name"), scope="global", belongs={"bucket": ("s3_bucket.number",)})
class Annotation(msgspec.Struct, kw_only=True):
    """A text that is attached to a version of an object (key, order) under a name."""

    bucket: int
    key: bytes
    order: int
    name: str
    data: bytes
    size: int
    etag: str
    algorithm: str
    checksum: str
    modified: float
