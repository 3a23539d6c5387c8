"""What the page is told of services."""

from __future__ import annotations

from .conftest import Page


def test_every_service_of_aws_is_named(page: Page) -> None:
    services = {s["id"]: s for s in page.ask("GET", "services").json()["services"]}
    assert len(services) > 400
    assert services["sqs"] == {"id": "sqs", "title": "Amazon Simple Queue Service", "here": True}
    assert services["gamelift"]["here"] is False


def test_a_spec_says_what_is_here(page: Page) -> None:
    spec = page.ask("GET", "spec/sqs").json()
    create = spec["operations"]["CreateQueue"]
    assert create["here"]
    assert set(create["honours"]) >= {"QueueName", "Attributes", "tags"}
    shape = spec["shapes"][create["in"]]
    assert shape["required"] == ["QueueName"]
    assert shape["members"]["QueueName"]["doc"] == "The name of the new queue."
    assert spec["operations"]["ListQueues"]["page"] == {
        "result": "QueueUrls", "in": "NextToken", "out": "NextToken", "limit": "MaxResults"}
    away = page.ask("GET", "spec/gamelift").json()
    assert not away["here"]
    assert not any(o["here"] for o in away["operations"].values())
    assert page.ask("GET", "spec/nothing").status_code == 404
    assert page.ask("GET", "spec/..%2f").status_code == 404


def test_shapes_that_contain_themselves_end(page: Page) -> None:
    spec = page.ask("GET", "spec/dynamodb").json()
    value = spec["shapes"]["AttributeValue"]
    assert value["members"]["L"]["shape"] == "ListAttributeValue"
    assert spec["shapes"]["ListAttributeValue"]["of"] == "AttributeValue"
