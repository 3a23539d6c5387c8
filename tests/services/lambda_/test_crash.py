"""The server ends while functions run: no process of theirs is left, and every event that was accepted is done."""

from __future__ import annotations

import io
import json
import os
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from servers import ServerProcess

ACCOUNT, ROUNDS, EACH = "123456789012", int(os.environ.get("KILLS", "2")), 4
PATIENCE = 30.0         # seconds without any progress

SLOW = """
import boto3, json, os, subprocess, time
def handler(event, context):
    subprocess.Popen(["sleep", "MARK"])
    time.sleep(0.05)
    boto3.client("s3").put_object(Bucket="done", Key=str(event["n"]), Body=b"")
"""


NEVER_READY = """
import subprocess, time
subprocess.Popen(["sleep", "MARK"])
time.sleep(600)
"""


def package(code: str, mark: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("app.py", code.replace("MARK", mark))
    return out.getvalue()


def deploy(server: ServerProcess, code: bytes) -> None:
    server.client("lambda", ACCOUNT).create_function(
        FunctionName="f", Role=f"arn:aws:iam::{ACCOUNT}:role/r", Runtime="python3.11", Handler="app.handler", Timeout=20,
        MemorySize=256, Code={"ZipFile": code})


def living(mark: str) -> list[str]:
    """Processes of a function, by what they were called with."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if line in (f"sleep {mark} ", f"spawner {mark}"):
                found.append(line)
    return found


def advance(server: ServerProcess, seconds: float) -> None:
    asked = urllib.request.Request(server.endpoint + "/_cumulet/time", json.dumps({"advance": seconds}).encode(),
                                   {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(asked, timeout=60).read()


def settled(s3: Any, expected: int) -> set[int]:
    """The events that left their mark, once all did or none more has for half a minute."""
    done: set[int] = set()
    end = time.monotonic() + PATIENCE
    while len(done) < expected and time.monotonic() < end:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="done")
        now = {int(o["Key"]) for page in pages for o in page.get("Contents", [])}
        if len(now) > len(done):
            done, end = now, time.monotonic() + PATIENCE
        time.sleep(0.1)
    return done


def test_no_accepted_event_is_lost_and_nothing_is_left(tmp_path: Path) -> None:
    mark = str(90_000 + os.getpid() % 9_000)
    server = ServerProcess(tmp_path / "state", "--quiet")
    try:
        server.client("s3", ACCOUNT).create_bucket(Bucket="done")
        deploy(server, package(SLOW, mark))
        accepted = 0
        for _ in range(ROUNDS):
            client: Any = server.client("lambda", ACCOUNT)
            for _ in range(EACH):
                client.invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"n": accepted}))
                accepted += 1
            end = time.monotonic() + 15
            while not living(mark) and time.monotonic() < end:
                time.sleep(0.01)
            server.kill()
            end = time.monotonic() + 5
            while living(mark) and time.monotonic() < end:
                time.sleep(0.01)
            assert living(mark) == []
            server = ServerProcess(tmp_path / "state", "--quiet")
        advance(server, 60)
        assert settled(server.client("s3", ACCOUNT), accepted) == set(range(accepted))
    finally:
        server.stop()


def test_a_server_stops_soon_while_many_functions_begin(tmp_path: Path) -> None:
    mark = str(80_000 + os.getpid() % 9_000)
    server = ServerProcess(tmp_path / "state", "--quiet")
    try:
        deploy(server, package(NEVER_READY, mark))
        client: Any = server.client("lambda", ACCOUNT)
        for _ in range(60):
            client.invoke(FunctionName="f", InvocationType="Event")
        end = time.monotonic() + 15
        while not living(mark) and time.monotonic() < end:
            time.sleep(0.01)
        assert living(mark) != []
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10             # half of it is for a busy machine
        assert living(mark) == []
    finally:
        if server.process.poll() is None:
            server.kill()
