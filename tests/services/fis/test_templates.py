"""Templates: made, changed, told, ended, tagged; and what they may not say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def test_a_template_is_made_changed_and_ended(cloud: Cloud, fis: Any, template: Any) -> None:
    made = fis.create_experiment_template(**template, tags={"team": "a"})["experimentTemplate"]
    assert made["arn"] == f"arn:aws:fis:us-east-1:{cloud.account}:experiment-template/{made['id']}"
    assert made["experimentOptions"] == {"accountTargeting": "single-account", "emptyTargetResolutionMode": "fail"}
    assert fis.create_experiment_template(**template, tags={"team": "a"})["experimentTemplate"]["id"] == made["id"]
    with pytest.raises(fis.exceptions.ConflictException):
        fis.create_experiment_template(**{**template, "description": "other"})
    cloud.clock.advance(10)
    actions = deepcopy(template["actions"])
    actions["slow"]["parameters"]["percentage"] = "20"
    changed = fis.update_experiment_template(id=made["id"], description="less", actions=actions)["experimentTemplate"]
    assert (changed["description"], changed["actions"]["slow"]["parameters"]["percentage"]) == ("less", "20")
    assert changed["lastUpdateTime"] > changed["creationTime"]
    assert fis.get_experiment_template(id=made["id"])["experimentTemplate"] == changed
    assert [t["description"] for t in fis.list_experiment_templates()["experimentTemplates"]] == ["less"]
    assert fis.delete_experiment_template(id=made["id"])["experimentTemplate"]["id"] == made["id"]
    for ask in (fis.get_experiment_template, fis.delete_experiment_template, fis.update_experiment_template):
        with pytest.raises(fis.exceptions.ResourceNotFoundException):
            ask(id=made["id"])


def test_listings_are_paged(fis: Any, template: Any) -> None:
    made = [fis.create_experiment_template(**{**template, "clientToken": str(n)})["experimentTemplate"]["id"] for n in range(3)]
    first = fis.list_experiment_templates(maxResults=2)
    rest = fis.list_experiment_templates(maxResults=2, nextToken=first["nextToken"])
    assert "nextToken" not in rest
    assert [t["id"] for t in first["experimentTemplates"] + rest["experimentTemplates"]] == sorted(made)


def test_tags_of_templates_and_experiments(fis: Any, template: Any) -> None:
    made = fis.create_experiment_template(**template, tags={"team": "a"})["experimentTemplate"]
    run = fis.start_experiment(clientToken="x", experimentTemplateId=made["id"], tags={"run": "1"})["experiment"]
    for arn, had in ((made["arn"], {"team": "a"}), (run["arn"], {"run": "1"})):
        assert fis.list_tags_for_resource(resourceArn=arn)["tags"] == had
        fis.tag_resource(resourceArn=arn, tags={"more": "m"})
        fis.untag_resource(resourceArn=arn, tagKeys=list(had))
        assert fis.list_tags_for_resource(resourceArn=arn)["tags"] == {"more": "m"}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        fis.list_tags_for_resource(resourceArn=made["arn"] + "x")
    with pytest.raises(ClientError, match="ValidationException"):
        fis.tag_resource(resourceArn=made["arn"], tags={str(n): "" for n in range(50)})


def test_actions_and_targets_are_told(fis: Any) -> None:
    names = [a["id"] for a in fis.list_actions()["actions"]]
    assert names == ["aws:dynamodb:global-table-pause-replication", "aws:fis:inject-api-internal-error",
                     "aws:fis:inject-api-throttle-error", "aws:fis:inject-api-unavailable-error", "aws:fis:wait",
                     "aws:network:disrupt-connectivity", "aws:network:disrupt-vpc-endpoint", "aws:s3:bucket-pause-replication"]
    first = fis.list_actions(maxResults=3)
    assert [a["id"] for a in fis.list_actions(nextToken=first["nextToken"])["actions"]] == names[3:]
    assert fis.get_action(id=names[0])["action"]["targets"] == {"Tables": {"resourceType": "aws:dynamodb:global-table"}}
    action = fis.get_action(id=names[1])["action"]
    assert sorted(action["parameters"]) == ["duration", "operations", "percentage", "service"]
    assert action["targets"] == {"Roles": {"resourceType": "aws:iam:role"}}
    assert [t["resourceType"] for t in fis.list_target_resource_types()["targetResourceTypes"]] == [
        "aws:dynamodb:global-table", "aws:ec2:subnet", "aws:ec2:vpc-endpoint", "aws:iam:role", "aws:s3:bucket"]
    assert fis.get_target_resource_type(resourceType="aws:iam:role")["targetResourceType"]["resourceType"] == "aws:iam:role"
    for ask in (lambda: fis.get_action(id="aws:fis:none"), lambda: fis.get_target_resource_type(resourceType="aws:none:none")):
        with pytest.raises(fis.exceptions.ResourceNotFoundException):
            ask()


def changed(template: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A template with one thing in it otherwise; None takes it away."""
    made = deepcopy(template)
    *way, last = path.split("/")
    place: Any = made
    for part in way:
        place = place[part]
    if value is None:
        place.pop(last)
    else:
        place[last] = value
    return made


@pytest.mark.parametrize(("path", "value", "problem"), [
    ("actions", {}, "no actions"), ("actions/slow/parameters/duration", "PT30S", "between PT1M and PT12H"),
    ("actions/slow/parameters/duration", "P1D", "between PT1M and PT12H"),
    ("actions/slow/parameters/duration", "five", "ISO 8601"), ("actions/slow/parameters/percentage", "0", "between 1 and 100"),
    ("actions/slow/parameters/service", "none", "service none"), ("actions/slow/parameters/operations", ",", "no operations"),
    ("actions/slow/parameters/service", None, "required parameter service"),
    ("actions/slow/parameters/colour", "red", "unknown parameter colour"), ("actions/slow/targets", {}, "as Roles"),
    ("actions/slow/targets", {"Roles": "none"}, "as Roles"), ("actions/slow/startAfter", ["none"], "does not have"),
    ("actions/slow/startAfter", ["slow"], "in a circle"), ("targets/app/selectionMode", "SOME", "selection mode SOME"),
    ("targets/app/selectionMode", "PERCENT(101)", "selection mode"), ("targets/app/resourceArns", [], "resourceArns"),
    ("targets/app/resourceTags", {"a": "b"}, "either resourceArns or resourceTags"),
    ("targets/app/resourceType", "aws:ec2:subnet", "not the ARN of an EC2 subnet"),
    ("targets/app/resourceType", "aws:s3:bucket", "by tags only"),
    ("targets/app/resourceArns", ["arn:aws:iam::111111111111:user/u"], "not the ARN of an IAM role"),
])
def test_what_is_wrong_is_told_when_it_is_made(fis: Any, template: Any, path: str, value: Any, problem: str) -> None:
    with pytest.raises(fis.exceptions.ValidationException, match=problem):
        fis.create_experiment_template(**changed(template, path, value))
    assert fis.list_experiment_templates()["experimentTemplates"] == []


@pytest.mark.parametrize(("path", "value", "named"), [
    ("stopConditions", [{"source": "aws:cloudwatch:alarm", "value": "arn:aws:cloudwatch:us-east-1:1:alarm:a"}],
     "stop conditions"),
    ("actions/slow/actionId", "aws:ec2:stop-instances", "aws:ec2:stop-instances"),
    ("targets/app/resourceType", "aws:ec2:instance", "aws:ec2:instance"),
    ("targets/app/filters", [{"path": "a", "values": ["b"]}], "by filters"),
    ("experimentOptions", {"accountTargeting": "multi-account"}, "several accounts"),
    ("logConfiguration", {"logSchemaVersion": 2}, "logConfiguration"),
])
def test_what_is_not_there_is_named(fis: Any, template: Any, path: str, value: Any, named: str) -> None:
    with pytest.raises(ClientError, match=named) as problem:
        fis.create_experiment_template(**changed(template, path, value))
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
