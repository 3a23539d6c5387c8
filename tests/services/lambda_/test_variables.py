"""Environment variables under a KMS key: given to the function, told to who may decrypt, and to nobody while the key is off."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

READ = "import os\ndef handler(event, context): return os.environ.get('SECRET')"


def secret(value: str) -> dict[str, Any]:
    return {"Variables": {"SECRET": value}}


def test_variables_under_a_key(deploy: Any, cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    function = deploy(READ, KMSKeyArn=key, Environment=secret("one"))
    client, name = function.client, function.name
    told = client.get_function_configuration(FunctionName=name)
    assert (told["KMSKeyArn"], told["Environment"]) == (key, secret("one"))
    assert function() == "one"
    grant, = kms.list_grants(KeyId=key)["Grants"]
    assert (grant["Operations"], grant["GranteeServicePrincipal"]) == (["Decrypt"], "lambda.amazonaws.com")
    number = client.publish_version(FunctionName=name)["Version"]
    assert client.publish_version(FunctionName=name)["Version"] == number
    client.update_function_configuration(FunctionName=name, KMSKeyArn=other)
    client.update_function_configuration(FunctionName=name, Environment=secret("two"))
    assert function() == "two"
    assert function(Qualifier=number) == "one"
    kms.disable_key(KeyId=key)
    told = client.get_function_configuration(FunctionName=name, Qualifier=number)
    assert told["Environment"]["Error"]["ErrorCode"] == "DisabledException"
    assert "Variables" not in told["Environment"]
    client.update_function_configuration(FunctionName=name, Description="new")
    assert function() == "two"
    kms.disable_key(KeyId=other)
    client.update_function_configuration(FunctionName=name, Timeout=9)
    with pytest.raises(ClientError, match="unable to decrypt the environment variables because the KMS key used is") as no:
        function()
    assert no.value.response["Error"]["Code"] == "KMSDisabledException"
    assert no.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    for arn in (key, other):
        kms.enable_key(KeyId=arn)
    assert client.update_function_configuration(FunctionName=name, KMSKeyArn="")["Environment"] == secret("two")
    assert "KMSKeyArn" not in client.get_function_configuration(FunctionName=name)
    assert function() == "two"
    client.delete_function(FunctionName=name)
    assert [kms.list_grants(KeyId=arn)["Grants"] for arn in (key, other)] == [[], []]


def test_a_key_that_cannot_be_used_is_refused(deploy: Any, cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="unable to configure access to your environment variables") as problem:
        deploy(READ, KMSKeyArn=f"arn:aws:kms:us-east-1:{cloud.account}:key/00000000-0000-0000-0000-000000000000",
               Environment=secret("x"))
    assert problem.value.response["Error"]["Code"] == "InvalidParameterValueException"
    with pytest.raises(ClientError, match="Function not found"):
        cloud.client("lambda").get_function(FunctionName="function")
