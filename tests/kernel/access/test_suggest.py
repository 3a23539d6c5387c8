"""`cumulet iam suggest`: the policy of what was seen lets the same calls pass, and others not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from conftest import Cloud, Start, new_account
from cumulet.faces.cli.commands.iam import command
from cumulet.kernel.access.observed import PAIRS, RESOURCES, Observed, Use
from cumulet.kernel.access.suggest import suggestion
from enforced import own, refused, session, user


@pytest.fixture(scope="module")
def auditing(start_cloud: Start) -> Any:
    return start_cloud(iam="audit")


@pytest.fixture
def audited(auditing: Any) -> Cloud:
    found = Cloud(auditing, new_account())
    found.clock.real()
    return found


def suggested(cloud: Cloud, *words: str) -> str:
    ran = CliRunner().invoke(command, ["suggest", "--endpoint", cloud.endpoint, *words])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def work(cloud: Cloud, keys: dict[str, str]) -> None:
    """What the program does that shall have a policy."""
    s3, sqs = cloud.client("s3", **keys), cloud.client("sqs", **keys)
    for n in range(8):
        s3.put_object(Bucket=f"b-{cloud.account}", Key=f"in/2026/{n}", Body=b"x")
    s3.get_object(Bucket=f"b-{cloud.account}", Key="in/2026/3")
    sqs.send_message(QueueUrl=f"{cloud.endpoint}/{cloud.account}/jobs", MessageBody="m")
    sqs.list_queues()


def test_the_policy_lets_the_same_calls_pass_and_no_others(audited: Cloud) -> None:
    cloud = audited
    cloud.client("s3").create_bucket(Bucket=f"b-{cloud.account}")
    cloud.client("sqs").create_queue(QueueName="jobs")
    keys = user(cloud, "app")
    arn = f"arn:aws:iam::{cloud.account}:user/app"
    work(cloud, keys)
    policy = json.loads(suggested(cloud, "--principal", arn))
    bucket, queue = f"arn:aws:s3:::b-{cloud.account}", f"arn:aws:sqs:us-east-1:{cloud.account}:jobs"
    assert [(s["Action"], s["Resource"]) for s in policy["Statement"]] == [
        (["s3:PutObject"], [f"{bucket}/in/2026/*"]), (["s3:GetObject"], [f"{bucket}/in/2026/3"]),
        (["sqs:ListQueues"], ["*"]), (["sqs:SendMessage"], [queue])]
    cloud.client("iam").put_user_policy(UserName="app", PolicyName="own", PolicyDocument=json.dumps(policy))
    cloud.thread.call(_mode(cloud, "enforce"))
    work(cloud, keys)
    refused(cloud.client("sqs", **keys).receive_message, QueueUrl=f"{cloud.endpoint}/{cloud.account}/jobs")
    refused(cloud.client("s3", **keys).put_object, Bucket=f"b-{cloud.account}", Key="out/1")


async def _mode(cloud: Cloud, mode: str) -> None:
    from cumulet.kernel.access import modes

    await cloud.kernel.store.run(lambda tx: modes.change(tx, cloud.account, mode))


def test_a_session_stands_for_its_role_in_terraform_and_cloudformation(audited: Cloud) -> None:
    keys = session(audited, "my-app")
    audited.client("sns", **keys).create_topic(Name="news")
    who = ("--principal", f"arn:aws:sts::{audited.account}:assumed-role/my-app/one")
    topic = f"arn:aws:sns:us-east-1:{audited.account}:news"
    assert suggested(audited, *who, "--format", "tf") == f"""data "aws_iam_policy_document" "my_app" {{
  statement {{
    sid       = "Sns0"
    actions   = ["sns:CreateTopic"]
    resources = ["{topic}"]
  }}
}}
"""
    made = yaml.safe_load(suggested(audited, *who, "--format", "cfn"))["Resources"]["MyAppPolicy"]
    assert made["Type"] == "AWS::IAM::ManagedPolicy"
    assert made["Properties"]["Roles"] == ["my-app"]
    assert made["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] == [topic]


def test_only_what_was_done_since_then_counts(audited: Cloud) -> None:
    keys = user(audited, "ann")
    sqs = audited.client("sqs", **keys)
    sqs.list_queues()
    audited.clock.advance(7200)
    sqs.create_queue(QueueName="q")
    who = ("--principal", f"arn:aws:iam::{audited.account}:user/ann")
    assert [s["Action"] for s in json.loads(suggested(audited, *who, "--since", "1h"))["Statement"]] == [["sqs:CreateQueue"]]
    assert len(json.loads(suggested(audited, *who))["Statement"]) == 2


def test_whose_policy_must_be_said_and_have_been_seen(audited: Cloud) -> None:
    user(audited, "ann")
    ran = CliRunner().invoke(command, ["suggest", "--endpoint", audited.endpoint, "--principal",
                                       f"arn:aws:iam::{audited.account}:user/ann"])
    assert ran.exit_code == 1
    assert "was not seen doing anything" in ran.output


def test_a_refused_call_is_no_need(start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    keys = user(cloud, "ann", own("sqs:ListQueues"))
    cloud.client("sqs", **keys).list_queues()
    refused(cloud.client("sns", **keys).list_topics)
    assert [s["Action"] for s in json.loads(suggested(cloud))["Statement"]] == [["sqs:ListQueues"]]


def names(*texts: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:sqs:us-east-1:123456789012:{text}" for text in texts)


@pytest.mark.parametrize(("resources", "wanted"), [
    (names(*(f"job-{n}" for n in range(9))), list(names("job-*"))),
    (names(*(f"job{n}" for n in range(9))), sorted(names(*(f"job{n}" for n in range(9))))),
    (names(*"abcdefgh"), sorted(names(*"abcdefgh"))),
    (tuple(f"arn:aws:s3:::b/{n}/x" for n in range(9)), ["arn:aws:s3:::b/*"]),
    (tuple(f"arn:aws:s3:::b{n}/x" for n in range(9)), sorted(f"arn:aws:s3:::b{n}/x" for n in range(9))),
    (("arn:aws:s3:::b/what?${x}",), ["arn:aws:s3:::b/what${?}${$}{x}"]),
    ((*names("a"), "*"), ["*"])])
def test_resources_become_a_pattern_only_where_that_is_narrow(resources: tuple[str, ...], wanted: list[str]) -> None:
    found = suggestion([Use("u", "sqs:SendMessage", resources, None)])
    assert found.policy["Statement"][0]["Resource"] == wanted
    assert bool(found.notes) == (len(wanted) < len(resources) and wanted != ["*"])


def test_what_is_remembered_is_bounded_and_what_made_room_still_counts() -> None:
    observed = Observed()
    for n in range(RESOURCES * 3):
        observed.note("u", "s3:GetObject", f"arn:aws:s3:::b/logs/{n:04}", n)
    use, = observed.since(0)
    assert len(use.resources) == RESOURCES
    assert suggestion([use]).policy["Statement"][0]["Resource"] == ["arn:aws:s3:::b/logs/*"]
    for n in range(PAIRS):
        observed.note(f"u{n}", "s3:GetObject", "*", n)
    assert len(observed.since(0)) == PAIRS
    assert "u" not in {use.subject for use in observed.since(0)}


def test_a_policy_that_is_too_large_says_so() -> None:
    uses = [Use("u", f"sqs:Action{n}", names(f"a{n}-with-a-long-name-of-its-own"), None) for n in range(60)]
    assert "divide it" in suggestion(uses).notes[-1]
