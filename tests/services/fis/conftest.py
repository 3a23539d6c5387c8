"""A role whose calls experiments strike, and somebody who has it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}


class Role:
    """A role, and clients that have taken it."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self._cloud = cloud
        self.arn = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]

    def client(self, service: str) -> Any:
        given = self._cloud.client("sts").assume_role(RoleArn=self.arn, RoleSessionName="session")["Credentials"]
        return self._cloud.client(service, key=given["AccessKeyId"], secret=given["SecretAccessKey"],
                                  token=given["SessionToken"])


@pytest.fixture
def fis(cloud: Cloud) -> Any:
    return cloud.client("fis")


@pytest.fixture
def role(cloud: Cloud) -> Role:
    return Role(cloud, "struck")


@pytest.fixture
def template(role: Role) -> dict[str, Any]:
    """What CreateExperimentTemplate takes: five minutes of throttled SQS."""
    return {
        "clientToken": "one", "description": "SQS is slow", "stopConditions": [{"source": "none"}], "roleArn": role.arn,
        "targets": {"app": {"resourceType": "aws:iam:role", "resourceArns": [role.arn], "selectionMode": "ALL"}},
        "actions": {"slow": {"actionId": "aws:fis:inject-api-throttle-error", "targets": {"Roles": "app"}, "parameters": {
            "duration": "PT5M", "service": "sqs", "percentage": "100", "operations": "ListQueues,CreateQueue"}}}}
