"""A stream as its declaration makes it, through Cloud Control: properties that several operations set."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

TYPE = "AWS::Kinesis::Stream"
SEALED = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}


@pytest.fixture
def control(cloud: Any) -> Any:
    return cloud.client("cloudcontrol")


@pytest.fixture
def declared(control: Any) -> Any:
    """`declared(…)` makes stream s with these properties; what became of it."""

    def create(**properties: Any) -> dict[str, Any]:
        state = json.dumps({"Name": "s", "ShardCount": 1, **properties})
        event: dict[str, Any] = control.create_resource(TypeName=TYPE, DesiredState=state)["ProgressEvent"]
        return event

    return create


def patch(control: Any, op: str, name: str, **value: Any) -> dict[str, Any]:
    event: dict[str, Any] = control.update_resource(TypeName=TYPE, Identifier="s", PatchDocument=json.dumps(
        [{"op": op, "path": f"/{name}", **value}]))["ProgressEvent"]
    return event


def summary(kinesis: Any) -> dict[str, Any]:
    told: dict[str, Any] = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]
    return told


def test_retention_grows_and_shrinks(control: Any, kinesis: Any, declared: Any) -> None:
    assert declared(RetentionPeriodHours=24)["OperationStatus"] == "SUCCESS"
    for hours in (72, 48):
        assert patch(control, "replace", "RetentionPeriodHours", value=hours)["OperationStatus"] == "SUCCESS"
        assert summary(kinesis)["RetentionPeriodHours"] == hours
    assert patch(control, "remove", "RetentionPeriodHours")["OperationStatus"] == "SUCCESS"
    assert summary(kinesis)["RetentionPeriodHours"] == 24
    event = patch(control, "replace", "RetentionPeriodHours", value=23)
    assert event["OperationStatus"] == "FAILED"
    assert "Minimum allowed retention period is 24 hours" in event["StatusMessage"]


def test_encryption_begins_with_the_stream_and_ends(control: Any, kinesis: Any, declared: Any) -> None:
    assert declared(RetentionPeriodHours=24, StreamEncryption=SEALED)["OperationStatus"] == "SUCCESS"
    assert (summary(kinesis)["EncryptionType"], summary(kinesis)["KeyId"]) == ("KMS", "alias/aws/kinesis")
    told = json.loads(control.get_resource(TypeName=TYPE, Identifier="s")["ResourceDescription"]["Properties"])
    assert told["StreamEncryption"] == SEALED
    assert patch(control, "remove", "StreamEncryption")["OperationStatus"] == "SUCCESS"
    assert summary(kinesis)["EncryptionType"] == "NONE"
    kinesis.put_record(StreamName="s", Data=b"open", PartitionKey="k")


def test_another_key_takes_over(cloud: Any, control: Any, kinesis: Any, declared: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    declared(StreamEncryption=SEALED)
    assert patch(control, "replace", "StreamEncryption/KeyId", value=key)["OperationStatus"] == "SUCCESS"
    assert summary(kinesis)["KeyId"] == key


@pytest.mark.parametrize(("name", "wanted"), [("RetentionPeriodHours", "Integer"), ("StreamEncryption", "JSONObject")])
def test_values_of_another_type_are_refused(declared: Any, kinesis: Any, name: str, wanted: str) -> None:
    event = declared(**{name: "48"})
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InvalidRequest")
    assert f"#/{name}: expected type: {wanted}" in event["StatusMessage"]
    assert kinesis.list_streams()["StreamNames"] == []


def test_entries_that_nothing_takes_are_refused_by_name(declared: Any, kinesis: Any) -> None:
    with pytest.raises(ClientError, match="Colour of StreamEncryption"):
        declared(StreamEncryption={**SEALED, "Colour": "blue"})
    assert kinesis.list_streams()["StreamNames"] == []
