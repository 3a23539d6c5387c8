"""Who may make and start experiments, in a cloud that enforces policies."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud, Start, new_account
from enforced import document, own, refused, user


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


@pytest.fixture
def cloud(enforcing: Any) -> Cloud:
    return Cloud(enforcing, new_account())


def test_a_template_its_actions_and_an_experiment_must_be_allowed(cloud: Cloud, template: Any) -> None:
    bare = cloud.client("fis", **user(cloud, "bare", document({
        "Action": "fis:*", "Resource": "arn:aws:fis:*:*:experiment-template/*"})))
    refused(lambda: bare.create_experiment_template(**template))              # nobody allowed its action
    able = cloud.client("fis", **user(cloud, "able", own("fis:*")))
    made = able.create_experiment_template(**template)["experimentTemplate"]
    throttling = "arn:aws:fis:*:*:action/aws:fis:inject-api-throttle-error"
    waits = document({"Action": "fis:*", "Resource": "*"},
                     {"Effect": "Deny", "Action": "fis:StartExperiment", "Resource": throttling})
    waiting = cloud.client("fis", **user(cloud, "waiting", waits))
    refused(lambda: waiting.start_experiment(clientToken="a", experimentTemplateId=made["id"]))
    run = able.start_experiment(clientToken="b", experimentTemplateId=made["id"])["experiment"]
    looks = cloud.client("fis", **user(cloud, "looks", document({"Action": "fis:Get*", "Resource": run["arn"]})))
    assert looks.get_experiment(id=run["id"])["experiment"]["id"] == run["id"]
    refused(lambda: looks.get_experiment_template(id=made["id"]))
    refused(lambda: looks.stop_experiment(id=run["id"]))
    able.stop_experiment(id=run["id"])
