"""Syslog at VPC endpoints: configured, sent by TCP and UDP, and found in the group with its fields."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud, Start, new_account
from services.sqs.queues import refused

SERVICE = "com.amazonaws.us-east-1.syslog-logs"


@pytest.fixture
def endpoint(cloud: Cloud) -> str:
    return made(cloud, SERVICE)


def made(cloud: Cloud, service: str) -> str:
    """The id of a new interface endpoint."""
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    return str(ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Interface",
                                       SubnetIds=[subnet])["VpcEndpoint"]["VpcEndpointId"])


def port_of(cloud: Cloud, endpoint: str) -> int | None:
    """Where syslog for an endpoint is taken, as the status tells it."""
    cloud.clock.idle()
    with urllib.request.urlopen(f"{cloud.endpoint}/_cumulet/status", timeout=10) as answer:
        address = json.loads(answer.read())["drivers"].get("syslog", {}).get(endpoint)
    return int(address.rpartition(":")[2]) if address is not None else None


def send(port: int, data: bytes) -> None:
    """By TCP, until all of it was taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def read(logs: Any, group: str, endpoint: str) -> list[str]:
    found = logs.get_log_events(logGroupName=group, logStreamName=f"{endpoint}_Syslog_us-east-1", startFromHead=True)["events"]
    return [event["message"] for event in found]


def test_messages_come_by_tcp(cloud: Cloud, logs: Any, group: str, endpoint: str) -> None:
    logs.put_syslog_configuration(logGroupIdentifier=group, vpcEndpointId=endpoint)
    port = port_of(cloud, endpoint)
    assert port is not None
    modern = '<165>1 - host.example shop 71 ID47 [ex@1 k="v \\] w"] it works'
    old = "<34>Oct 11 22:14:15 router su[12]: it failed"
    framed = f"{len(modern)} {modern}".encode()
    send(port, old.encode() + b"\n" + framed + b"plain\n")
    assert read(logs, group, endpoint) == [old, modern, "plain"]
    now = int(cloud.clock.now())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now + 600, queryString=(
        "fields facility, severity, hostname, appName, procId, message | filter hostname like /o/ "
        "| sort hostname asc"))["queryId"]
    cloud.clock.idle()
    rows = [[f["value"] for f in row if f["field"] != "@ptr"] for row in logs.get_query_results(queryId=query)["results"]]
    assert rows == [["local4", "notice", "host.example", "shop", "71", "it works"],
                    ["auth", "crit", "router", "su", "12", "it failed"]]


def test_packets_come_by_udp(cloud: Cloud, logs: Any, group: str, endpoint: str) -> None:
    logs.put_syslog_configuration(logGroupIdentifier=group, vpcEndpointId=endpoint)
    port = port_of(cloud, endpoint)
    assert port is not None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"<13>by packet", ("127.0.0.1", port))
    for _ in range(100):
        if logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=endpoint)["logStreams"]:
            break
        time.sleep(0.02)
    assert read(logs, group, endpoint) == ["<13>by packet"]


def test_configurations_are_listed_and_deleted(cloud: Cloud, logs: Any, group: str, endpoint: str) -> None:
    logs.create_log_group(logGroupName="other")
    for name in (group, "other", group):
        logs.put_syslog_configuration(logGroupIdentifier=name, vpcEndpointId=endpoint)
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:"
    first = logs.list_syslog_configurations(maxResults=1)
    assert [c["logGroupArn"] for c in first["syslogConfigurations"]] == [arn + group]
    told = first["syslogConfigurations"][0]
    assert (told["sourceType"], told["vpcEndpointId"]) == ("VPCE", endpoint)
    assert abs(told["createdAt"] / 1000 - cloud.clock.now()) < 30
    rest = logs.list_syslog_configurations(vpcEndpointId=endpoint, nextToken=first["nextToken"])
    assert [c["logGroupArn"] for c in rest["syslogConfigurations"]] == [arn + "other"]
    assert "nextToken" not in rest
    port = port_of(cloud, endpoint)
    assert port is not None
    send(port, b"both\n")
    assert read(logs, group, endpoint) == read(logs, "other", endpoint) == ["both"]
    logs.delete_log_group(logGroupName="other")
    assert len(logs.list_syslog_configurations()["syslogConfigurations"]) == 1
    logs.delete_syslog_configuration(logGroupIdentifier=arn + group, vpcEndpointId=endpoint)
    assert logs.list_syslog_configurations(logGroupIdentifier=group)["syslogConfigurations"] == []
    assert port_of(cloud, endpoint) is None
    with pytest.raises(OSError, match="refused"):
        send(port, b"nobody listens\n")
    with refused("ResourceNotFoundException"):
        logs.delete_syslog_configuration(logGroupIdentifier=group, vpcEndpointId=endpoint)


def test_the_next_server_listens_at_the_same_port(start_cloud: Start, tmp_path: Path) -> None:
    first = Cloud(start_cloud(data=tmp_path / "state"), new_account())
    endpoint = made(first, SERVICE)
    first.client("logs").create_log_group(logGroupName="app")
    first.client("logs").put_syslog_configuration(logGroupIdentifier="app", vpcEndpointId=endpoint)
    port = port_of(first, endpoint)
    assert port is not None
    send(port, b"before\n")
    first.thread.stop()
    with pytest.raises(OSError, match="refused"):
        send(port, b"between\n")
    second = Cloud(start_cloud(data=tmp_path / "state"), first.account)
    assert port_of(second, endpoint) == port
    send(port, b"after\n")
    assert read(second.client("logs"), "app", endpoint) == ["before", "after"]
    second.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    send(port, b"the endpoint is gone\n")
    assert read(second.client("logs"), "app", endpoint) == ["before", "after"]
    second.thread.stop()


def test_the_endpoint_must_be_one_for_syslog(cloud: Cloud, logs: Any, group: str) -> None:
    with refused("ResourceNotFoundException", "vpce-0123 does not exist"):
        logs.put_syslog_configuration(logGroupIdentifier=group, vpcEndpointId="vpce-0123")
    with refused("InvalidParameterException", "is not one for"):
        logs.put_syslog_configuration(logGroupIdentifier=group, vpcEndpointId=made(cloud, "com.amazonaws.us-east-1.logs"))
    with refused("InvalidParameterException"):
        logs.put_syslog_configuration(logGroupIdentifier=group)
    with refused("InvalidParameterException", "nextToken"):
        logs.list_syslog_configurations(nextToken="x")
