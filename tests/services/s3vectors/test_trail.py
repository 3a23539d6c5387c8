"""What CloudTrail records: calls on buckets and indexes. Those on vectors are events of data: rules are not told of them."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from services.events.conftest import Inbox, connect
from services.s3vectors.conftest import PLACE, make_index, near, vector


def test_rules_are_told_of_indexes_and_not_of_vectors(cloud: Cloud, vectors: Any) -> None:
    inbox, events = Inbox(cloud, "inbox"), cloud.client("events")
    connect(events, inbox, {"source": ["aws.s3vectors"], "detail-type": ["AWS API Call via CloudTrail"]})
    vectors.create_vector_bucket(vectorBucketName="shelf")
    index = make_index(vectors)
    vectors.put_vectors(**PLACE, vectors=[vector("a", 1, 1)])
    assert near(vectors, 1, 1) == ["a"]
    vectors.delete_vectors(**PLACE, keys=["a"])
    cloud.clock.advance(1)
    told = [one["detail"] for one in inbox.events()]
    events.disable_rule(Name="rule")
    assert [(one["eventName"], one["eventSource"]) for one in told] == [
        ("CreateVectorBucket", "s3vectors.amazonaws.com"), ("CreateIndex", "s3vectors.amazonaws.com")]
    assert told[1]["responseElements"] == {"indexArn": index}
