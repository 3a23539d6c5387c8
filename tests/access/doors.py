"""VPC endpoints, and clients that go by them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config

from conftest import Cloud

ALL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


@contextmanager
def resolved() -> Iterator[None]:
    """Names below localhost lead to this machine, as browsers and most resolvers have it."""
    ask = socket.getaddrinfo
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: ask(
            "127.0.0.1" if host.endswith(".localhost") else host, *rest, **more))
        yield


class Door(NamedTuple):
    """A VPC endpoint, and clients that go by it."""

    cloud: Cloud
    id: str
    vpc: str
    host: str

    def client(self, service: str, first: str = "", keys: dict[str, str] | None = None, **options: Any) -> Any:
        port = self.cloud.endpoint.rpartition(":")[2]
        given = {"key": self.cloud.account, "secret": "test"} | (keys or {})
        config = Config(retries={"total_max_attempts": 1}, parameter_validation=False).merge(options.pop("config", Config()))
        return boto3.client(service, endpoint_url=f"http://{first}{self.host}:{port}", region_name="us-east-1",
                            aws_access_key_id=given["key"], aws_secret_access_key=given["secret"],
                            aws_session_token=given.get("token"), config=config, **options)

    def says(self, *statements: dict[str, Any]) -> None:
        """From now on this is its policy."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": [ALL | s for s in statements]})
        self.cloud.client("ec2").modify_vpc_endpoint(VpcEndpointId=self.id, PolicyDocument=policy)


def door(cloud: Cloud, service: str, policy: str = "") -> Door:
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.us-east-1.{service}", VpcEndpointType="Interface",
                                   PrivateDnsEnabled=False, **({"PolicyDocument": policy} if policy else {}))["VpcEndpoint"]
    return Door(cloud, made["VpcEndpointId"], vpc, made["DnsEntries"][0]["DnsName"].removeprefix("*."))
