"""Request metrics: what a metrics configuration may be, which requests it counts, and what is counted of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from cumulet.kernel import Answer

from . import names
from .faults import invalid_argument, malformed_xml

KIND = "metrics"
NAMESPACE = "AWS/S3"
_VALUES = 150                                   # different ones in a datum
_BY_METHOD = {"GET": "GetRequests", "PUT": "PutRequests", "DELETE": "DeleteRequests", "HEAD": "HeadRequests",
              "POST": "PostRequests"}
_BY_OPERATION = {"ListObjects": "ListRequests", "ListObjectsV2": "ListRequests", "ListObjectVersions": "ListRequests",
                 "DeleteObjects": "DeleteRequests", "SelectObjectContent": "SelectRequests", "ListParts": "",
                 "PostObject": "PostRequests"}


def checked(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """A MetricsConfiguration, or an error."""
    if said.get("Id") != name:
        raise invalid_argument("The ID in the configuration must be that of the request.", "Id", said.get("Id"))
    if not names.is_metrics_id(name):
        raise invalid_argument("The ID may have up to 64 letters, digits, periods, dashes and underscores.", "Id", name)
    wanted = said.get("Filter")
    if wanted is not None:
        if len(wanted) != 1:
            raise malformed_xml()
        both = wanted.get("And")
        if both is not None and len(both.get("Tags") or ()) + ("Prefix" in both) + ("AccessPointArn" in both) < 2:
            raise malformed_xml()
    return dict(said)


def tags_of(said: Mapping[str, Any]) -> dict[str, str]:
    """The tags that an object must have."""
    wanted = said.get("Filter") or {}
    tags = [wanted["Tag"]] if "Tag" in wanted else (wanted.get("And") or {}).get("Tags") or []
    return {one["Key"]: one["Value"] for one in tags}


def counts(said: Mapping[str, Any], key: str | None, tags: Mapping[str, str], through: str) -> bool:
    """Does the configuration count a request about this object (None: about the bucket) by this access point?"""
    wanted = said.get("Filter")
    if not wanted:
        return True
    wanted = wanted.get("And") or wanted
    if wanted.get("AccessPointArn", through) != through:
        return False
    needed, prefix = tags_of(said), wanted.get("Prefix", "")
    if key is None:
        return not prefix and not needed
    return key.startswith(prefix) and needed.items() <= tags.items()


def data(bucket: str, configuration: str, answers: Iterable[Answer]) -> Iterator[dict[str, Any]]:
    """What CloudWatch is told of some requests."""
    found: dict[tuple[str, str, float], Counter[float]] = {}
    for one in answers:
        minute = one.at // 60 * 60
        for name, unit, value in _measures(one):
            found.setdefault((name, unit, minute), Counter())[value] += 1
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "FilterId", "Value": configuration}]
    for (name, unit, minute), values in found.items():
        pairs = list(values.items())
        for first in range(0, len(pairs), _VALUES):
            some = pairs[first:first + _VALUES]
            yield {"MetricName": name, "Dimensions": dimensions, "Timestamp": minute, "Unit": unit,
                   "Values": [value for value, _ in some], "Counts": [float(times) for _, times in some]}


def _measures(one: Answer) -> Iterator[tuple[str, str, float]]:
    """Name, unit and value of all that is counted of a request."""
    yield "AllRequests", "Count", 1.0
    kind = _BY_OPERATION.get(one.operation)
    if kind is None and one.members[1]:
        kind = _BY_METHOD.get(one.method)
    if kind:
        yield kind, "Count", 1.0
    yield "4xxErrors", "Count", float(400 <= one.status < 500)
    yield "5xxErrors", "Count", float(one.status >= 500)
    sent = sent_bytes(one)
    if sent:
        yield "BytesDownloaded", "Bytes", float(sent)
    if one.received:
        yield "BytesUploaded", "Bytes", float(one.received)
    took = round(one.took * 1000, 1)            # a tenth of a millisecond tells enough, and many are alike
    yield "FirstByteLatency", "Milliseconds", took
    yield "TotalRequestLatency", "Milliseconds", took


def sent_bytes(one: Answer) -> int:
    """How long the body of the answer was; 0 where its length is not known."""
    if one.method == "HEAD":
        return 0
    if one.sent >= 0:
        return one.sent
    return next((int(value) for name, value in one.told if name.lower() == "content-length"), 0)


def is_about_tags(rules: Sequence[Mapping[str, Any]]) -> bool:
    """Does any of these ask for tags of objects?"""
    return any(tags_of(rule) for rule in rules)
