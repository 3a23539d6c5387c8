"""Layers: what functions share, in /opt."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, text in files.items():
            z.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def publish(client: Any, name: str, files: dict[str, str], **more: Any) -> Any:
    return client.publish_layer_version(LayerName=name, Content={"ZipFile": zipped(files)}, **more)


def code_of(problem: pytest.ExceptionInfo[ClientError]) -> str:
    return problem.value.response["Error"]["Code"]


def test_functions_see_their_layers_the_last_one_above_the_others(deploy: Any, cloud: Cloud) -> None:
    client = cloud.client("lambda")
    first = publish(client, "first", {"python/shared.py": "name = 'first'", "python/only.py": "x = 1", "data/a.txt": "a"})
    second = publish(client, "second", {"python/shared.py": "name = 'second'"})
    function = deploy("import only, shared\ndef handler(event, context):\n"
                      "    return [only.x, shared.name, open('/opt/data/a.txt').read()]",
                      Layers=[first["LayerVersionArn"], second["LayerVersionArn"]])
    assert function() == [1, "second", "a"]
    told = client.get_function_configuration(FunctionName=function.name)["Layers"]
    assert told == [{"Arn": v["LayerVersionArn"], "CodeSize": v["Content"]["CodeSize"]} for v in (first, second)]
    published = client.publish_version(FunctionName=function.name)["Version"]
    client.update_function_configuration(FunctionName=function.name, Layers=[second["LayerVersionArn"]])
    assert function.raw()["Payload"]["errorType"] == "Runtime.ImportModuleError"
    client.delete_layer_version(LayerName="first", VersionNumber=1)
    assert function(Qualifier=published) == [1, "second", "a"]
    with pytest.raises(ClientError, match="does not exist"):
        client.update_function_configuration(FunctionName=function.name, Layers=[first["LayerVersionArn"]])


def test_versions_are_numbered_told_and_listed(cloud: Cloud) -> None:
    client = cloud.client("lambda")
    made = publish(client, "layer", {"a": "1"}, Description="one", CompatibleRuntimes=["python3.12", "nodejs22.x"],
                   CompatibleArchitectures=["x86_64"], LicenseInfo="MIT")
    assert made["Version"] == 1
    assert made["LayerArn"] == f"arn:aws:lambda:us-east-1:{cloud.account}:layer:layer"
    assert made["LayerVersionArn"] == made["LayerArn"] + ":1"
    publish(client, "layer", {"a": "2"}, CompatibleRuntimes=["nodejs22.x"])
    publish(client, "other", {"a": "3"})
    told = client.get_layer_version(LayerName="layer", VersionNumber=1)
    by_arn = client.get_layer_version_by_arn(Arn=made["LayerVersionArn"])
    for answer in (made, told, by_arn):
        del answer["ResponseMetadata"]
    assert told == by_arn == made
    for wanted, numbers in (({}, [2, 1]), ({"CompatibleRuntime": "python3.12"}, [1])):
        found = client.list_layer_versions(LayerName="layer", **wanted)["LayerVersions"]
        assert [v["Version"] for v in found] == numbers
    first = client.list_layer_versions(LayerName="layer", MaxItems=1)
    second = client.list_layer_versions(LayerName="layer", MaxItems=1, Marker=first["NextMarker"])
    assert [v["Version"] for v in first["LayerVersions"] + second["LayerVersions"]] == [2, 1]
    listed = client.list_layers()["Layers"]
    assert [(v["LayerName"], v["LatestMatchingVersion"]["Version"]) for v in listed] == [("layer", 2), ("other", 1)]
    assert [v["LatestMatchingVersion"]["Version"] for v in client.list_layers(CompatibleArchitecture="x86_64")["Layers"]] == [1]
    client.delete_layer_version(LayerName="layer", VersionNumber=2)
    assert publish(client, "layer", {"a": "4"})["Version"] == 3
    with pytest.raises(ClientError) as problem:
        client.get_layer_version(LayerName="layer", VersionNumber=2)
    assert code_of(problem) == "ResourceNotFoundException"
    with pytest.raises(ClientError) as problem:
        client.publish_layer_version(LayerName="layer", Content={"ZipFile": b"none"})
    assert code_of(problem) == "InvalidParameterValueException"


def test_other_accounts_are_let_in_by_a_policy(deploy: Any, cloud: Cloud) -> None:
    client, other = cloud.client("lambda"), cloud.other()
    arn = publish(client, "shared", {"python/shared.py": "x = 7"})["LayerVersionArn"]
    added = client.add_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="all", Principal="*",
                                                Action="lambda:GetLayerVersion")
    assert json.loads(added["Statement"])["Resource"] == arn
    policy = client.get_layer_version_policy(LayerName="shared", VersionNumber=1)
    assert json.loads(policy["Policy"])["Statement"][0]["Sid"] == "all"
    assert policy["RevisionId"] == added["RevisionId"]
    with pytest.raises(ClientError) as problem:
        client.add_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="all", Principal="*",
                                            Action="lambda:GetLayerVersion")
    assert code_of(problem) == "ResourceConflictException"
    with pytest.raises(ClientError) as problem:
        client.remove_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="all", RevisionId="no")
    assert code_of(problem) == "PreconditionFailedException"
    theirs = other.client("lambda")
    assert theirs.get_layer_version_by_arn(Arn=arn)["Version"] == 1
    made = theirs.create_function(FunctionName="f", Role=f"arn:aws:iam::{other.account}:role/r", Runtime="python3.11",
                                  Handler="app.handler", Layers=[arn],
                                  Code={"ZipFile": zipped({"app.py": "import shared\ndef handler(e, c): return shared.x"})})
    assert made["Layers"][0]["Arn"] == arn
    assert theirs.invoke(FunctionName="f")["Payload"].read() == b"7"
    client.remove_layer_version_permission(LayerName="shared", VersionNumber=1, StatementId="all")
    with pytest.raises(ClientError) as problem:
        client.get_layer_version_policy(LayerName="shared", VersionNumber=1)
    assert code_of(problem) == "ResourceNotFoundException"


def test_external_extensions_are_told_of_events(deploy: Any, cloud: Cloud) -> None:
    extension = """#!/bin/bash
API="http://${AWS_LAMBDA_RUNTIME_API}/2020-01-01/extension"
HEADERS=$(mktemp)
NAME="Lambda-Extension-Name: $(basename $0)"
curl -sS -D "$HEADERS" "$API/register" -H "$NAME" -d '{"events": ["INVOKE", "SHUTDOWN"]}' > /tmp/registered
ID=$(grep -Fi Lambda-Extension-Identifier "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
while true; do
  curl -sS "$API/event/next" -H "Lambda-Extension-Identifier: $ID" >> /tmp/events
  echo "extension saw an event"
done
"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        entry = zipfile.ZipInfo("extensions/watcher", (2020, 1, 1, 0, 0, 0))
        entry.external_attr = 0o755 << 16
        z.writestr(entry, extension)
    layer = cloud.client("lambda").publish_layer_version(LayerName="watcher", Content={"ZipFile": out.getvalue()})
    function = deploy("def handler(event, context):\n    return [open('/tmp/registered').read(), open('/tmp/events').read()]",
                      Layers=[layer["LayerVersionArn"]])
    registered, _ = function()
    assert json.loads(registered) == {"functionName": function.name, "functionVersion": "$LATEST", "handler": "app.handler"}
    _, events = function()
    assert '"eventType": "INVOKE"' in events
    assert function.arn in events
