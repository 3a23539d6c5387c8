"""An organization to test with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

Refused = Callable[..., tuple[str, str]]


class Org:
    """An organization of a cloud's account."""

    def __init__(self, cloud: Cloud, **options: Any) -> None:
        self.cloud = cloud
        self.client = cloud.client("organizations")
        self.told = self.client.create_organization(**options)["Organization"]
        self.id = self.told["Id"]
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        self._made = 0

    def unit(self, name: str, parent: str = "") -> str:
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def member(self, **options: Any) -> str:
        """A new account; its id."""
        self._made += 1
        asked = {"Email": f"a{self._made}@{self.cloud.account}.example.com", "AccountName": f"a{self._made}", **options}
        status = self.client.create_account(**asked)["CreateAccountStatus"]
        assert status["State"] == "IN_PROGRESS"
        self.cloud.clock.idle()
        status = self.client.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED"
        return str(status["AccountId"])

    def policy(self, content: str, kind: str = "SERVICE_CONTROL_POLICY", name: str = "p") -> str:
        made = self.client.create_policy(Content=content, Description="d", Name=name, Type=kind)
        return str(made["Policy"]["PolicySummary"]["Id"])


@pytest.fixture
def org(cloud: Cloud) -> Org:
    return Org(cloud)


@pytest.fixture
def refused() -> Refused:
    """The code and the reason with which a call is refused."""
    def ask(fn: Callable[..., Any], **members: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as problem:
            fn(**members)
        told = problem.value.response
        return told["Error"]["Code"], str(told.get("Reason", ""))

    return ask
