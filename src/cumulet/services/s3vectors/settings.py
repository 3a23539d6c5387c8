"""What is said once of a bucket or an index: encryption, tags, metadata; checked, and told in the API's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, not_implemented, parse_arn

from .analysis import LANGUAGES
from .places import invalid
from .resources import Field, Index

CLASSIC, ENHANCED = "CLASSIC", "ENHANCED"
KMS, MANAGED = "aws:kms", "AES256"
# Buckets that were made before this day (2026-09-30) may have classic indexes.
CLASSIC_UNTIL = 1790726400.0
_MOST_TAGS = 50
_MOST_FIELDS = 10


def default_mode(born: float) -> str:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-index-mode.html"""
    return CLASSIC if born < CLASSIC_UNTIL else ENHANCED


def check_mode(mode: str, bucket_born: float) -> None:
    if mode == CLASSIC and bucket_born >= CLASSIC_UNTIL:
        raise invalid("CLASSIC index mode is only supported for vector buckets created before September 30, 2026")


def encryption(call: Call, asked: Mapping[str, str] | None, otherwise: Mapping[str, str]) -> dict[str, str]:
    """As a row keeps it; what is not asked for is as it otherwise would be. Whether a key can be used is seen when it is."""
    if not asked:
        return dict(otherwise)
    kind, key = asked.get("sseType", MANAGED), asked.get("kmsKeyArn")
    if kind == MANAGED:
        if key is not None:
            raise invalid("kmsKeyArn is only allowed when sseType is aws:kms", "encryptionConfiguration.kmsKeyArn")
        return {"SseType": MANAGED}
    if key is None:
        raise invalid("kmsKeyArn is required when sseType is aws:kms", "encryptionConfiguration.kmsKeyArn")
    parts = parse_arn(key)
    if parts is None or parts.region != call.region:
        raise invalid(f"The KMS key must be in the region {call.region}", "encryptionConfiguration.kmsKeyArn")
    return {"SseType": KMS, "KmsKeyArn": key}


def api(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a row keeps in CloudFormation's words, in the API's."""
    return {name[:1].lower() + name[1:]: [api(one) if isinstance(one, Mapping) else one for one in value]
            if isinstance(value, list) else value for name, value in kept.items()}


def tags(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The tags after these were added."""
    if any(key.lower().startswith("aws:") for key in new):
        raise invalid("Tag keys must not start with aws:", "tags")
    found = {**old, **new}
    if len(found) > _MOST_TAGS:
        raise invalid(f"A resource can have at most {_MOST_TAGS} tags", "tags")
    return found


def unfilterable(asked: Mapping[str, Any]) -> list[str]:
    """The keys that the index keeps out of filters."""
    hidden: Sequence[str] = asked.get("nonFilterableMetadataKeys") or ()
    if len(set(hidden)) != len(hidden):
        raise invalid("nonFilterableMetadataKeys must be unique", "metadataConfiguration.nonFilterableMetadataKeys")
    return list(hidden)


def searchable(call: Call, asked: Sequence[Mapping[str, str]], have: Sequence[Field], active: bool) -> list[Field]:
    """New fields of full-text search beside those that there are. active: there is nothing to build."""
    keys = [one["metadataKey"] for one in asked]
    if len(set(keys)) != len(keys):
        raise invalid("Specify no more than one text search configuration for each metadata key", "textSearchConfigurations")
    if len(keys) + len(have) > _MOST_FIELDS:
        raise invalid(f"An index can have at most {_MOST_FIELDS} text search configurations", "textSearchConfigurations")
    for one in asked:
        if one.get("language", "") not in LANGUAGES:
            raise not_implemented(f"s3vectors: full-text search in the language {one['language']}")
    return [Field(key=one["metadataKey"], id=call.token(16), language=one.get("language", ""), active=active) for one in asked]


def metadata(hidden: Sequence[str], fields: Sequence[Field]) -> dict[str, Any] | None:
    """The metadata configuration as a row keeps it; None where there is nothing to say."""
    found: dict[str, Any] = {"NonFilterableMetadataKeys": list(hidden)} if hidden else {}
    if fields:
        found["TextSearchConfigurations"] = [
            {"MetadataKey": one.key, **({"Language": one.language} if one.language else {})} for one in fields]
    return found or None


def told(row: Index) -> dict[str, Any] | None:
    """The metadata configuration as GetIndex tells it: with what is being built."""
    if row.MetadataConfiguration is None:
        return None
    found = api(row.MetadataConfiguration)
    for one, field in zip(found.get("textSearchConfigurations", ()), row.fields, strict=True):
        one["status"] = "ACTIVE" if field.active else "BUILDING"
    return found
