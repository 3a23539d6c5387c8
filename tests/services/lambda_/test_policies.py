"""Code signing, runtime management, and resource policies as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

PROFILE = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/p/abcdefghij"


def code(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


def test_code_signing_is_configured_and_enforced(deploy: Any, cloud: Cloud) -> None:
    client = cloud.client("lambda")
    made = client.create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [PROFILE]}, Description="ours",
                                             Tags={"team": "a"})["CodeSigningConfig"]
    arn = made["CodeSigningConfigArn"]
    assert made["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    assert client.list_tags(Resource=arn)["Tags"] == {"team": "a"}
    function = deploy()
    name = function.name
    assert "CodeSigningConfigArn" not in client.get_function_code_signing_config(FunctionName=name)
    client.put_function_code_signing_config(FunctionName=name, CodeSigningConfigArn=arn)
    assert client.get_function_code_signing_config(FunctionName=name)["CodeSigningConfigArn"] == arn
    assert client.list_functions_by_code_signing_config(CodeSigningConfigArn=arn)["FunctionArns"] == [function.arn]
    zipped = base_zip()
    client.update_function_code(FunctionName=name, ZipFile=zipped)
    enforced = {"UntrustedArtifactOnDeployment": "Enforce"}
    client.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies=enforced)
    assert code(client.update_function_code, FunctionName=name, ZipFile=zipped) == "CodeVerificationFailedException"
    assert code(client.delete_code_signing_config, CodeSigningConfigArn=arn) == "ResourceConflictException"
    client.delete_function_code_signing_config(FunctionName=name)
    client.update_function_code(FunctionName=name, ZipFile=zipped)
    told = client.get_code_signing_config(CodeSigningConfigArn=arn)["CodeSigningConfig"]
    assert (told["Description"], told["CodeSigningPolicies"]) == ("ours", enforced)
    assert [c["CodeSigningConfigArn"] for c in client.list_code_signing_configs()["CodeSigningConfigs"]] == [arn]
    client.delete_code_signing_config(CodeSigningConfigArn=arn)
    assert code(client.get_code_signing_config, CodeSigningConfigArn=arn) == "ResourceNotFoundException"
    assert code(client.put_function_code_signing_config, FunctionName=name, CodeSigningConfigArn=arn
                ) == "CodeSigningConfigNotFoundException"


def base_zip() -> bytes:
    import io
    import zipfile
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("app.py", "def handler(event, context): return 1")
    return out.getvalue()


def test_runtime_updates_are_told(deploy: Any) -> None:
    function = deploy()
    client, name = function.client, function.name
    assert client.get_runtime_management_config(FunctionName=name)["UpdateRuntimeOn"] == "Auto"
    client.put_runtime_management_config(FunctionName=name, UpdateRuntimeOn="FunctionUpdate")
    told = client.get_runtime_management_config(FunctionName=name)
    assert (told["UpdateRuntimeOn"], told["FunctionArn"]) == ("FunctionUpdate", function.arn)
    assert code(client.put_runtime_management_config, FunctionName=name, UpdateRuntimeOn="Manual"
                ) == "InvalidParameterValueException"
    arn = "arn:aws:lambda:us-east-1::runtime:" + "a" * 64
    client.put_runtime_management_config(FunctionName=name, UpdateRuntimeOn="Manual", RuntimeVersionArn=arn)
    assert client.get_runtime_management_config(FunctionName=name)["RuntimeVersionArn"] == arn


def test_a_policy_is_put_as_a_whole_and_counts(deploy: Any, cloud: Cloud) -> None:
    function, other = deploy("def handler(event, context): return 1"), cloud.other()
    client = function.client
    client.add_permission(FunctionName=function.name, StatementId="old", Action="lambda:InvokeFunction",
                          Principal="s3.amazonaws.com")
    policy = {"Version": "2012-10-17", "Statement": [
        {"Sid": "theirs", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other.account}:root"},
         "Action": "lambda:InvokeFunction", "Resource": function.arn}]}
    put = client.put_resource_policy(ResourceArn=function.arn, Policy=json.dumps(policy))
    told = client.get_resource_policy(ResourceArn=function.arn)
    assert told["RevisionId"] == put["RevisionId"]
    assert [s["Sid"] for s in json.loads(told["Policy"])["Statement"]] == ["theirs"]
    assert [s["Sid"] for s in json.loads(client.get_policy(FunctionName=function.name)["Policy"])["Statement"]] == ["theirs"]
    answer = other.client("lambda").invoke(FunctionName=function.arn)
    assert answer["Payload"].read() == b"1"
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-cumulet-iam"].endswith("allowed")
    assert code(client.put_resource_policy, ResourceArn=function.arn, Policy="{") == "InvalidParameterValueException"
    client.delete_resource_policy(ResourceArn=function.arn)
    assert code(client.get_resource_policy, ResourceArn=function.arn) == "ResourceNotFoundException"
    denied = other.client("lambda").invoke(FunctionName=function.arn)
    assert denied["ResponseMetadata"]["HTTPHeaders"]["x-cumulet-iam"].endswith("denied")
