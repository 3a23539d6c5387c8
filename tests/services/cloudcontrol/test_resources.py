"""Any resource through Cloud Control, over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from conftest import Cloud
from cumulet.services.cloudcontrol.patches import BadPatch, apply

QUEUE = "AWS::SQS::Queue"


@pytest.fixture
def control(cloud: Cloud) -> Any:
    return cloud.client("cloudcontrol")


def create(control: Any, type_name: str = QUEUE, **properties: Any) -> dict[str, Any]:
    return control.create_resource(TypeName=type_name, DesiredState=json.dumps(properties))["ProgressEvent"]


def test_a_queue_made_here_is_a_queue(cloud: Cloud, control: Any) -> None:
    event = create(control, QueueName="jobs", VisibilityTimeout=45, Tags=[{"Key": "team", "Value": "a"}])
    assert (event["OperationStatus"], event["Identifier"]) == ("SUCCESS", "jobs")
    control.get_waiter("resource_request_success").wait(RequestToken=event["RequestToken"])
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"] == {
        "VisibilityTimeout": "45"}
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"team": "a"}
    told = json.loads(control.get_resource(TypeName=QUEUE, Identifier="jobs")["ResourceDescription"]["Properties"])
    assert told["VisibilityTimeout"] == 45
    assert told["Arn"].endswith(":jobs")


def test_it_is_patched_and_deleted(cloud: Cloud, control: Any) -> None:
    create(control, QueueName="jobs")
    event = control.update_resource(TypeName=QUEUE, Identifier="jobs", PatchDocument=json.dumps(
        [{"op": "replace", "path": "/VisibilityTimeout", "value": 12}]))["ProgressEvent"]
    assert event["OperationStatus"] == "SUCCESS"
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"] == "12"
    assert control.delete_resource(TypeName=QUEUE, Identifier="jobs")["ProgressEvent"]["OperationStatus"] == "SUCCESS"
    with pytest.raises(ClientError) as problem:
        control.get_resource(TypeName=QUEUE, Identifier="jobs")
    assert problem.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_failures_are_told_by_the_request_and_leave_nothing(control: Any) -> None:
    create(control, QueueName="jobs")
    event = control.update_resource(TypeName=QUEUE, Identifier="jobs", PatchDocument=json.dumps(
        [{"op": "replace", "path": "/QueueName", "value": "other"}]))["ProgressEvent"]
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "NotUpdatable")
    bad = create(control, QueueName="late", DelaySeconds=99_999)
    assert (bad["OperationStatus"], bad["ErrorCode"]) == ("FAILED", "InvalidRequest")
    gone = control.delete_resource(TypeName=QUEUE, Identifier="none")["ProgressEvent"]
    assert (gone["OperationStatus"], gone["ErrorCode"]) == ("FAILED", "NotFound")
    assert [r["Identifier"] for r in control.list_resources(TypeName=QUEUE)["ResourceDescriptions"]] == ["jobs"]
    failed = control.list_resource_requests(ResourceRequestStatusFilter={"OperationStatuses": ["FAILED"]})
    assert len(failed["ResourceRequestStatusSummaries"]) == 3
    told = control.get_resource_request_status(RequestToken=bad["RequestToken"])["ProgressEvent"]
    assert told["ErrorCode"] == "InvalidRequest"


def test_an_identifier_of_too_many_parts_is_nobodys(control: Any) -> None:
    for ask in (control.get_resource, lambda **names: control.update_resource(**names, PatchDocument="[]")):
        with pytest.raises(ClientError) as problem:
            ask(TypeName=QUEUE, Identifier="jobs|more")
        assert problem.value.response["Error"]["Code"] == "ResourceNotFoundException"
    gone = control.delete_resource(TypeName=QUEUE, Identifier="jobs|more")["ProgressEvent"]
    assert (gone["OperationStatus"], gone["ErrorCode"]) == ("FAILED", "NotFound")


def test_a_client_token_makes_once(control: Any) -> None:
    wanted = {"TypeName": QUEUE, "DesiredState": json.dumps({"QueueName": "once"}), "ClientToken": "token-1"}
    first = control.create_resource(**wanted)["ProgressEvent"]
    assert control.create_resource(**wanted)["ProgressEvent"]["RequestToken"] == first["RequestToken"]
    with pytest.raises(ClientError) as problem:
        control.create_resource(**wanted | {"DesiredState": json.dumps({"QueueName": "twice"})})
    assert problem.value.response["Error"]["Code"] == "ClientTokenConflictException"


def test_types_that_are_not_there(control: Any) -> None:
    with pytest.raises(ClientError) as problem:
        create(control, "AWS::QLDB::Ledger", Name="x")
    assert problem.value.response["Error"]["Code"] == "UnsupportedActionException"
    with pytest.raises(ClientError, match="Nonsense"):
        create(control, Nonsense=1)


def test_pages(control: Any) -> None:
    for i in range(5):
        create(control, QueueName=f"q{i}")
    pages = control.get_paginator("list_resources").paginate(TypeName=QUEUE, PaginationConfig={"PageSize": 2})
    assert [[d["Identifier"] for d in p["ResourceDescriptions"]] for p in pages] == [["q0", "q1"], ["q2", "q3"], ["q4"]]


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3))


@given(st.dictionaries(st.text(min_size=1, max_size=3), JSON, max_size=4), st.text(min_size=1, max_size=3), JSON)
def test_a_patch_adds_tests_moves_and_removes(document: dict[str, Any], name: str, value: Any) -> None:
    path = "/" + name.replace("~", "~0").replace("/", "~1")
    added = apply(document, [{"op": "add", "path": path, "value": value}, {"op": "test", "path": path, "value": value}])
    assert added == document | {name: value}
    assert apply(added, [{"op": "remove", "path": path}]) == {k: v for k, v in document.items() if k != name}
    if name not in document:
        with pytest.raises(BadPatch):
            apply(document, [{"op": "replace", "path": path, "value": value}])


def test_requests_are_forgotten_after_a_week_though_others_come(cloud: Cloud, control: Any) -> None:
    old = create(control, QueueName="first")["RequestToken"]
    for day in range(8):
        create(control, QueueName=f"of-day-{day}")
        cloud.clock.advance(86_400)
    with pytest.raises(ClientError) as problem:
        control.get_resource_request_status(RequestToken=old)
    assert problem.value.response["Error"]["Code"] == "RequestTokenNotFoundException"
    assert len(control.list_resource_requests()["ResourceRequestStatusSummaries"]) == 6


def test_a_repeated_update_is_told_though_its_patch_would_not_fit_again(control: Any) -> None:
    create(control, QueueName="jobs", VisibilityTimeout=45)
    patch = json.dumps([{"op": "test", "path": "/VisibilityTimeout", "value": 45},
                        {"op": "replace", "path": "/VisibilityTimeout", "value": 50}])
    wanted = {"TypeName": QUEUE, "Identifier": "jobs", "PatchDocument": patch, "ClientToken": "again"}
    first = control.update_resource(**wanted)["ProgressEvent"]
    assert first["OperationStatus"] == "SUCCESS"
    assert control.update_resource(**wanted)["ProgressEvent"]["RequestToken"] == first["RequestToken"]


def test_requests_are_listed_by_what_became_of_them_in_pages(control: Any) -> None:
    for number in range(4):
        create(control, QueueName=f"q{number}")
        create(control, QueueName="not a name")
    wanted = {"OperationStatuses": ["FAILED"], "Operations": ["CREATE"]}
    pages = list(control.get_paginator("list_resource_requests").paginate(
        ResourceRequestStatusFilter=wanted, PaginationConfig={"PageSize": 3}))
    assert [[one["OperationStatus"] for one in page["ResourceRequestStatusSummaries"]] for page in pages] == [
        ["FAILED"] * 3, ["FAILED"]]
    assert len({one["RequestToken"] for page in pages for one in page["ResourceRequestStatusSummaries"]}) == 4
