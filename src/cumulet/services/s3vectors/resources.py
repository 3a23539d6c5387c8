"""What exists in S3 Vectors: vector buckets, their indexes, and vectors."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored

_TAGS = Tagging("TagResource", "UntagResource", "ListTagsForResource")
NO_BUCKET = "The specified vector bucket could not be found"
NO_INDEX = "The specified index could not be found"


@resource("AWS::S3Vectors::VectorBucket", id="VectorBucketName",
          arn="arn:{partition}:s3vectors:{region}:{account}:bucket/{VectorBucketName}",
          missing="NotFoundException", missing_message=NO_BUCKET, tags=_TAGS, columns=("VectorBucketName", "created"),
          returns={"VectorBucketArn": "arn", "CreationTime": "born"}, delete_after=("AWS::S3Vectors::Index",))
class VectorBucket(Resource, kw_only=True):
    """A bucket of indexes. policy: who else may use it and what is in it.  mode: of indexes that are made from now on."""

    VectorBucketName: Annotated[str, fixed, member("vectorBucketName")]
    EncryptionConfiguration: Annotated[dict[str, str], fixed, member("encryptionConfiguration")] = {}
    policy: str | None = None
    mode: str = "ENHANCED"
    born: str = ""                     # created, as text


class Field(msgspec.Struct, kw_only=True):
    """A metadata key that full-text search looks in. id: what its postings are filed under.  active: all vectors are filed."""

    key: str
    id: str
    language: str = ""
    active: bool = True


@resource("AWS::S3Vectors::Index", id=("VectorBucketName", "IndexName"),
          arn="arn:{partition}:s3vectors:{region}:{account}:bucket/{VectorBucketName}/index/{IndexName}",
          missing="NotFoundException", missing_message=NO_INDEX, verbs=Verbs(list="ListIndexes"), tags=_TAGS,
          columns=("VectorBucketName", "IndexName", "Dimension", "DistanceMetric"),
          returns={"IndexArn": "arn", "CreationTime": "born"})
class Index(Resource, kw_only=True):
    """Vectors of one length that are compared with each other. box: what its vectors are filed under, never used twice.
    sealed: a data key that only the index's KMS key opens, once there are vectors."""

    VectorBucketName: Annotated[str, fixed, member("vectorBucketName")]
    IndexName: Annotated[str, fixed, member("indexName")]
    DataType: Annotated[str, fixed, member("dataType")]
    Dimension: Annotated[int, fixed, member("dimension")]
    DistanceMetric: Annotated[str, fixed, member("distanceMetric")]
    EncryptionConfiguration: Annotated[dict[str, str], fixed, member("encryptionConfiguration")] = {}
    MetadataConfiguration: Annotated[dict[str, Any] | None, fixed, member("metadataConfiguration")] = None
    box: str = ""
    mode: str = "ENHANCED"
    sealed: bytes = b""
    fields: list[Field] = []
    born: str = ""                     # created, as text


@stored(key=("box", "place"))
class Vector(msgspec.Struct, kw_only=True):
    """One vector. place: its key, shortened where it is very long; whole: the key then.  hash: of the key, for parallel
    listings.  norm: its length.  data: float32, little-endian.  filterable: what filters see, msgpack.  further: the metadata
    that they do not, the last column since it may be large."""

    box: str
    place: str
    whole: str = ""
    hash: int
    norm: float
    data: bytes
    filterable: bytes = b""
    further: bytes = b""

    @property
    def key(self) -> str:
        return self.whole or self.place


@stored(key=("field", "term", "place"))
class Posting(msgspec.Struct, kw_only=True):
    """A term is in a vector's text. times: how often; length: of the text, in terms."""

    field: str
    term: str
    place: str
    times: int
    length: int


@stored(key=("field",))
class Corpus(msgspec.Struct, kw_only=True):
    """How many texts a field has, and how many terms they have together."""

    field: str
    documents: int = 0
    length: int = 0
