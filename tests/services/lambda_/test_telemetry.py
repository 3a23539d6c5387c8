"""Extensions that subscribe get what Lambda and the programs of their environment tell."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from conftest import Cloud
from cumulet.drivers.functions import extensions

from .test_logs import lines

# Registers, subscribes as its variable says, and writes what it is sent into /tmp/told, an event a line.
EXTENSION = '''#!/usr/bin/env python3
import http.client, json, os, socketserver, sys, threading, time

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def ask(method, path, body=None, **headers):
    api.request(method, path, body, headers)
    answer = api.getresponse()
    return answer.status, answer.read().decode(), answer.headers

def keep(events):
    with open("/tmp/told", "a") as f:
        f.writelines(json.dumps(event) + "\\n" for event in events)

def told():
    return open("/tmp/told").read() if os.path.exists("/tmp/told") else ""

refused = []

class Posts(socketserver.StreamRequestHandler):
    def handle(self):
        first, size = self.rfile.readline(), 0
        while (line := self.rfile.readline().strip()):
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
        body = self.rfile.read(size)
        if not refused:
            refused.append(first)
            self.wfile.write(b"HTTP/1.1 503 Later\\r\\n\\r\\n")
        else:
            keep(json.loads(body))
            self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n")

class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            keep([json.loads(line)])

_, _, headers = ask("POST", "/2020-01-01/extension/register", '{"events": ["INVOKE", "SHUTDOWN"]}',
                    **{"Lambda-Extension-Name": os.path.basename(sys.argv[0])})
own = {"Lambda-Extension-Identifier": headers["Lambda-Extension-Identifier"]}
wanted = json.loads(os.environ["WANTED"])
handler = Posts if wanted[0][1]["destination"]["protocol"] == "HTTP" else Lines
server = socketserver.ThreadingTCPServer(("sandbox.localdomain", 4243), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
paths = {"2022": "/2022-07-01/telemetry", "2020": "/2020-08-15/logs"}
said = []
for path, body in wanted:
    said.append(ask("PUT", paths[path], json.dumps(body), **own)[:2])
said.append(ask("PUT", paths["2022"], "{}", **{"Lambda-Extension-Identifier": "nobody"})[:2])
print("extension is ready", flush=True)
while True:
    if os.path.exists("/tmp/late"):
        said.append(ask("PUT", paths["2022"], json.dumps(wanted[0][1]), **own)[:2])
    json.dump(said, open("/tmp/answers", "w"))
    event = json.loads(ask("GET", "/2020-01-01/extension/event/next", **own)[1])
    while event["eventType"] == "SHUTDOWN" and '"platform.report"' not in told():
        time.sleep(0.01)
    if event["eventType"] == "SHUTDOWN":
        print("told at the end", flush=True)
'''
FUNCTION = """
import os, time
print("loading")
def handler(event, context):
    if event == "fail":
        raise KeyError("no")
    if event == "late":
        open("/tmp/late", "w")
        return
    print("working on", event)
    end = time.monotonic() + 6
    def told():
        return open("/tmp/told").read() if os.path.exists("/tmp/told") else ""
    while event == "wait" and told().count('"platform.report"') < 2 and time.monotonic() < end:
        time.sleep(0.02)
    return [told(), open("/tmp/answers").read()] if event in ("wait", "answers") else "x"
"""
HTTP = {"schemaVersion": "2022-12-13", "types": ["platform", "function", "extension"], "buffering": {"timeoutMs": 25},
        "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/in"}}
TCP = {"schemaVersion": "2021-03-18", "types": ["platform", "function"], "buffering": {"timeoutMs": 25},
       "destination": {"protocol": "TCP", "port": 4243}}


@pytest.fixture
def watched(deploy: Any, cloud: Cloud) -> Any:
    """A function beside the extension, which asks for what is given."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        entry = zipfile.ZipInfo("extensions/watcher", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        z.writestr(entry, EXTENSION)
    layer = cloud.client("lambda").publish_layer_version(LayerName="watcher", Content={"ZipFile": out.getvalue()})

    def make(wanted: list[Any], **more: Any) -> Any:
        return deploy(FUNCTION, Layers=[layer["LayerVersionArn"]], MemorySize=256,
                      Environment={"Variables": {"WANTED": json.dumps(wanted)}}, **more)

    return make


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_extension_gets_what_happens_in_batches_over_http(watched: Any) -> None:
    function = watched([("2022", HTTP)])
    first = function.raw("go", LogType="None")["ResponseMetadata"]["RequestId"]
    failed = function.raw("fail", LogType="None")["ResponseMetadata"]["RequestId"]
    text, answers = function("wait")
    assert json.loads(answers)[0] == [200, '"OK"']
    assert json.loads(answers)[1][0] == 403
    found = events(text)
    kinds = [event["type"] for event in found]
    assert kinds[0] == "platform.initStart"
    assert found[0]["record"] == {"initializationType": "on-demand", "phase": "init"}
    by_kind = {kind: [e["record"] for e in found if e["type"] == kind] for kind in kinds}
    assert by_kind["platform.extension"] == [{"name": "watcher", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}]
    assert by_kind["platform.telemetrySubscription"] == [
        {"name": "watcher", "state": "Subscribed", "types": ["platform", "function", "extension"]}]
    assert by_kind["platform.initRuntimeDone"][0]["status"] == "success"
    assert by_kind["platform.initReport"][0]["metrics"]["durationMs"] > 0
    assert by_kind["function"][:2] == ["loading", "working on go"]
    assert "[ERROR] KeyError: 'no'" in by_kind["function"][2]
    assert by_kind["extension"] == ["extension is ready"]
    assert [(r["requestId"], r["version"]) for r in by_kind["platform.start"][:2]] == [(first, "$LATEST"), (failed, "$LATEST")]
    assert by_kind["platform.start"][0]["tracing"]["value"].startswith("Root=1-")
    done, broken = by_kind["platform.runtimeDone"][:2]
    assert (done["status"], done["metrics"]["producedBytes"]) == ("success", 3)
    assert (broken["status"], broken["errorType"]) == ("error", "KeyError")
    report = by_kind["platform.report"][0]
    assert (report["requestId"], report["status"]) == (first, "success")
    assert set(report["metrics"]) == {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs"}
    assert [kind for kind in kinds if kind.startswith("platform.init")] == [
        "platform.initStart", "platform.initRuntimeDone", "platform.initReport"]
    assert kinds.index("platform.start") < kinds.index("platform.runtimeDone") < kinds.index("platform.report")
    assert "platform.end" not in kinds


def test_what_waits_is_delivered_when_the_environment_ends(
        watched: Any, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "_SHUTDOWN_SECONDS", 20.0)           # two are short where other tests run beside this one
    function = watched([("2022", HTTP | {"buffering": {"timeoutMs": 30_000}})])
    function("go")
    function.client.delete_function(FunctionName=function.name)
    assert lines(cloud, f"/aws/lambda/{function.name}", "told at the end")


def test_the_older_api_tells_its_own_events_and_tcp_gets_lines(watched: Any) -> None:
    function = watched([("2020", TCP), ("2020", TCP), ("2022", HTTP)])
    first = function.raw("go", LogType="None")["ResponseMetadata"]["RequestId"]
    function("more")
    text, answers = function("wait")
    assert [answer[0] for answer in json.loads(answers)[:3]] == [200, 200, 400]
    found = [event for event in events(text) if event["type"] != "function"]
    kinds = [event["type"] for event in found]
    assert kinds[:6] == ["platform.extension", "platform.logsSubscription", "platform.start", "platform.runtimeDone",
                         "platform.end", "platform.report"]
    assert [found[i]["record"] for i in (2, 3, 4)] == [
        {"requestId": first}, {"requestId": first, "status": "success"}, {"requestId": first}]
    assert [e["record"] for e in events(text) if e["type"] == "function"][:2] == ["loading", "working on go"]


def test_what_cannot_be_subscribed_is_refused_and_nothing_after_the_beginning(watched: Any) -> None:
    wrong = HTTP | {"types": [], "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain"}}
    function = watched([("2022", HTTP | {"types": ["platform"]}), ("2022", wrong),
                        ("2022", HTTP | {"schemaVersion": "1999-01-01"}), ("2022", HTTP | {"buffering": {"timeoutMs": 1}}),
                        ("2020", TCP)])
    for event in ("late", "between"):                    # an event is over when the extension asks for the next one
        function(event)
    _, answers = function("answers")
    first, *refused, stranger, late = json.loads(answers)[:7]
    assert first == [200, '"OK"']
    assert refused[0] == [400, json.dumps({"errorType": "ValidationError",
                                           "errorMessage": "URI port is not provided; types should not be empty"})]
    assert [answer[0] for answer in refused] == [400] * 4
    assert (stranger[0], json.loads(stranger[1])["errorType"]) == (403, "Extension.UnknownIdentifier")
    assert late == [403, json.dumps({"errorType": "Telemetry.SubscriptionClosed",
                                     "errorMessage": "Telemetry API subscription is closed already"})]
