"""Lambda's control plane over the wire."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

ROLE = "arn:aws:iam::000000000000:role/runner"


def package(body: str = "def handler(event, context): return event") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo("app.py", (2020, 1, 1, 0, 0, 0)), body)
    return out.getvalue()


def make(client: Any, name: str = "resize", **more: Any) -> dict[str, Any]:
    return client.create_function(**{"FunctionName": name, "Role": ROLE, "Runtime": "python3.12", "Handler": "app.handler",
                                     "Code": {"ZipFile": package()}, **more})


def code_of(problem: pytest.ExceptionInfo[ClientError]) -> str:
    return problem.value.response["Error"]["Code"]


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return cloud.client("lambda")


def test_a_function_comes_back_as_it_was_made(client: Any) -> None:
    made = make(client, Environment={"Variables": {"KEY": "b"}}, MemorySize=256, Timeout=30, Tags={"team": "a"})
    client.get_waiter("function_active_v2").wait(FunctionName="resize")
    told = client.get_function(FunctionName="resize")
    assert told["Configuration"]["CodeSha256"] == made["CodeSha256"]
    assert told["Configuration"]["Environment"] == {"Variables": {"KEY": "b"}}
    assert (told["Configuration"]["MemorySize"], told["Configuration"]["Timeout"], told["Tags"]) == (256, 30, {"team": "a"})
    by_arn = client.get_function_configuration(FunctionName=made["FunctionArn"])
    assert by_arn["FunctionName"] == "resize"


@pytest.mark.parametrize(("changes", "code"), [
    ({"Runtime": None}, "InvalidParameterValueException"), ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException"),
    ({"Code": {}}, "InvalidParameterValueException"), ({"Role": "none"}, "ValidationException"),
    ({"Timeout": 0}, "ValidationException"), ({"FunctionName": "a b"}, "ValidationException"),
    ({"Environment": {"Variables": {"KEY": "x" * 5000}}}, "InvalidParameterValueException")])
def test_bad_functions_are_refused(client: Any, changes: dict[str, Any], code: str) -> None:
    wanted = {"FunctionName": "resize", "Role": ROLE, "Runtime": "python3.12", "Handler": "app.handler",
              "Code": {"ZipFile": package()}} | changes
    with pytest.raises(ClientError) as problem:
        client.create_function(**{k: v for k, v in wanted.items() if v is not None})
    assert code_of(problem) == code
    assert client.list_functions()["Functions"] == []


def test_a_name_is_taken_once(client: Any) -> None:
    make(client)
    with pytest.raises(ClientError, match="Function already exist: resize") as problem:
        make(client)
    assert code_of(problem) == "ResourceConflictException"
    assert problem.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409


def test_versions_are_frozen_and_made_only_by_change(client: Any) -> None:
    make(client, Publish=True)
    assert client.publish_version(FunctionName="resize")["Version"] == "1"
    client.update_function_configuration(FunctionName="resize", Description="second")
    second = client.publish_version(FunctionName="resize", Description="v2")
    assert (second["Version"], second["Description"]) == ("2", "v2")
    changed = client.update_function_code(FunctionName="resize", ZipFile=package("x = 1"), Publish=True)
    assert changed["Version"] == "3"
    listed = client.list_versions_by_function(FunctionName="resize")["Versions"]
    assert [v["Version"] for v in listed] == ["$LATEST", "1", "2", "3"]
    assert client.get_function(FunctionName="resize", Qualifier="1")["Configuration"]["Description"] == ""
    client.delete_function(FunctionName="resize", Qualifier="1")
    with pytest.raises(ClientError) as problem:
        client.get_function(FunctionName="resize:1")
    assert code_of(problem) == "ResourceNotFoundException"


def test_code_from_a_bucket(cloud: Cloud, client: Any) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=f"code-{cloud.account}")
    s3.put_object(Bucket=f"code-{cloud.account}", Key="app.zip", Body=package("y = 2"))
    made = make(client, Code={"S3Bucket": f"code-{cloud.account}", "S3Key": "app.zip"})
    assert made["CodeSize"] == len(package("y = 2"))


def test_aliases_point_at_versions(client: Any) -> None:
    make(client, Publish=True)
    client.update_function_configuration(FunctionName="resize", Description="two")
    client.publish_version(FunctionName="resize")
    made = client.create_alias(FunctionName="resize", Name="live", FunctionVersion="1")
    assert made["AliasArn"].endswith(":function:resize:live")
    with pytest.raises(ClientError) as problem:
        client.create_alias(FunctionName="resize", Name="next", FunctionVersion="9")
    assert code_of(problem) == "ResourceNotFoundException"
    client.update_alias(FunctionName="resize", Name="live", FunctionVersion="2",
                        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}})
    assert client.get_alias(FunctionName="resize", Name="live")["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 0.5}}
    assert client.get_function_configuration(FunctionName="resize", Qualifier="live")["Version"] == "2"
    assert [a["Name"] for a in client.list_aliases(FunctionName="resize", FunctionVersion="2")["Aliases"]] == ["live"]
    with pytest.raises(ClientError) as problem:
        client.delete_function(FunctionName="resize", Qualifier="2")
    assert code_of(problem) == "ResourceConflictException"
    client.delete_alias(FunctionName="resize", Name="live")
    assert client.list_aliases(FunctionName="resize")["Aliases"] == []


def test_permissions_make_a_policy(client: Any) -> None:
    make(client)
    client.add_permission(FunctionName="resize", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
                          SourceArn="arn:aws:s3:::pictures", SourceAccount="111111111111")
    policy = json.loads(client.get_policy(FunctionName="resize")["Policy"])
    assert policy["Statement"][0]["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::pictures"},
                                                   "StringEquals": {"AWS:SourceAccount": "111111111111"}}
    with pytest.raises(ClientError) as problem:
        client.add_permission(FunctionName="resize", StatementId="s3", Action="lambda:InvokeFunction", Principal="*")
    assert code_of(problem) == "ResourceConflictException"
    client.remove_permission(FunctionName="resize", StatementId="s3")
    with pytest.raises(ClientError) as problem:
        client.get_policy(FunctionName="resize")
    assert code_of(problem) == "ResourceNotFoundException"


def test_tags_and_revisions(client: Any) -> None:
    made = make(client, Tags={"a": "1"})
    client.tag_resource(Resource=made["FunctionArn"], Tags={"b": "2"})
    client.untag_resource(Resource=made["FunctionArn"], TagKeys=["a"])
    assert client.list_tags(Resource=made["FunctionArn"])["Tags"] == {"b": "2"}
    with pytest.raises(ClientError) as problem:
        client.update_function_configuration(FunctionName="resize", Timeout=5, RevisionId="no-such-revision")
    assert code_of(problem) == "PreconditionFailedException"


def test_listing_pages_and_settings(client: Any) -> None:
    for i in range(5):
        make(client, f"f{i}")
    pages = list(client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    assert [[f["FunctionName"] for f in p["Functions"]] for p in pages] == [["f0", "f1"], ["f2", "f3"], ["f4"]]
    assert client.get_account_settings()["AccountUsage"]["FunctionCount"] == 5
