"""What decisions do: off, audit, enforce; for the server, an account, a role; and the header that tells."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from conftest import Cloud, Start, new_account
from cumulet.faces.cli.base import Failure
from cumulet.faces.cli.config import resolve
from enforced import own, refused, session, user


def ask(cloud: Cloud, method: str, body: Any = None) -> tuple[int, Any]:
    parts = urlsplit(cloud.endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request(method, "/_cumulet/iam", json.dumps(body) if body is not None else None)
    response = connection.getresponse()
    found = response.status, json.loads(response.read())
    connection.close()
    return found


def told(response: Any) -> str:
    return str(response["ResponseMetadata"]["HTTPHeaders"]["x-cumulet-iam"])


def test_an_account_may_enforce_where_the_server_does_not(cloud: Cloud) -> None:
    keys = user(cloud)
    sqs = cloud.client("sqs", **keys)
    assert told(sqs.list_queues()) == "audit; denied"
    assert told(cloud.client("sqs").list_queues()) == "audit; allowed"
    assert ask(cloud, "POST", {"subject": cloud.account, "mode": "enforce"})[1]["others"][cloud.account] == "enforce"
    refused(sqs.list_queues)
    assert told(cloud.client("sqs").list_queues()) == "enforce; allowed"
    other = cloud.other()
    assert told(other.client("sqs", **user(other)).list_queues()) == "audit; denied"
    found = ask(cloud, "POST", {"subject": cloud.account, "mode": None})[1]
    assert found["mode"] == "audit"
    assert cloud.account not in found["others"]
    assert told(sqs.list_queues()) == "audit; denied"


def test_a_role_is_stronger_than_its_account(cloud: Cloud) -> None:
    keys, role = session(cloud, "r"), f"arn:aws:iam::{cloud.account}:role/r"
    ask(cloud, "POST", {"subject": cloud.account, "mode": "enforce"})
    refused(cloud.client("sqs", **keys).list_queues)
    ask(cloud, "POST", {"subject": role, "mode": "off"})
    assert told(cloud.client("sqs", **keys).list_queues()) == "off; allowed"
    for subject in (cloud.account, role):
        ask(cloud, "POST", {"subject": subject, "mode": None})


def test_an_account_that_enforces_guards_what_it_owns(start_cloud: Start) -> None:
    account = new_account()
    for server in ("off", "audit"):
        thread = start_cloud(iam=server, modes=((account, "enforce"),))
        inside, outside = Cloud(thread, account), Cloud(thread, new_account())
        url = inside.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        refused(outside.client("sqs").send_message, QueueUrl=url, MessageBody="1")
        theirs = outside.client("sqs").create_queue(QueueName="q")["QueueUrl"]
        outside.client("sqs").send_message(QueueUrl=theirs, MessageBody="1")


def test_what_is_no_mode_is_refused(cloud: Cloud) -> None:
    assert ask(cloud, "POST", {"subject": cloud.account, "mode": "enfroce"})[0] == 400
    assert ask(cloud, "POST", {"subject": "somebody", "mode": "audit"})[0] == 400
    assert ask(cloud, "POST", {"mode": "audit"})[0] == 400


def test_modes_of_the_settings(start_cloud: Start) -> None:
    account = new_account()
    thread = start_cloud(iam="off", modes=((account, "enforce"),))
    inside, outside = Cloud(thread, account), Cloud(thread, new_account())
    refused(inside.client("sqs", **user(inside)).list_queues)
    assert told(outside.client("sqs", **user(outside)).list_queues()) == "off; allowed"
    allowed = user(inside, "ben", own("sqs:ListQueues"))
    assert told(inside.client("sqs", **allowed).list_queues()) == "enforce; allowed"


def test_a_misspelt_mode_stops_the_start() -> None:
    assert resolve({}, {"CUMULET_MODES": "123456789012=audit"}).settings.modes == (("123456789012", "audit"),)
    for wrong in ("123456789012=enfroce", "12=enforce", "enforce"):
        with pytest.raises(Failure):
            resolve({}, {"CUMULET_MODES": wrong})
    with pytest.raises(Failure):
        resolve({}, {"CUMULET_IAM": "enfroce"})
