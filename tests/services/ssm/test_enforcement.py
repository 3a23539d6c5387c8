"""Who may use a parameter, in a cloud that enforces policies."""

from __future__ import annotations

from conftest import Cloud
from enforced import document, own, refused, user
from services.ssm.test_parameters import get, put
from services.ssm.test_sharing import policy


def arn(cloud: Cloud, path: str) -> str:
    return f"arn:aws:ssm:us-east-1:{cloud.account}:parameter{path}"


def test_a_user_reads_what_lies_under_a_path(strict: Cloud) -> None:
    mine = strict.client("ssm")
    put(mine, "/app/a")
    put(mine, "/app/s", "hidden", Type="SecureString")
    put(mine, "/other")
    keys = user(strict, "ann", document({"Action": "ssm:Get*", "Resource": [arn(strict, "/app"), arn(strict, "/app/*")]}))
    ann = strict.client("ssm", **keys)
    assert get(ann, "/app/a")["Value"] == "v"
    assert get(ann, "/app/a:1")["Value"] == "v"
    assert ann.get_parameter(Name="/app/s", WithDecryption=True)["Parameter"]["Value"] == "hidden"
    assert len(ann.get_parameters_by_path(Path="/app")["Parameters"]) == 2
    assert f"ssm:GetParameter on resource: {arn(strict, '/other')}" in refused(ann.get_parameter, Name="/other")
    refused(ann.get_parameters, Names=["/app/a", "/other"])
    refused(ann.get_parameters_by_path, Path="/")
    refused(ann.put_parameter, Name="/app/a", Value="x", Overwrite=True)


def test_overwriting_is_a_condition(strict: Cloud) -> None:
    keys = user(strict, "ann", own("ssm:PutParameter", Condition={"StringEquals": {"ssm:Overwrite": "false"}}))
    ann = strict.client("ssm", **keys)
    put(ann, "/p")
    refused(ann.put_parameter, Name="/p", Value="x", Overwrite=True)
    assert get(strict.client("ssm"), "/p")["Value"] == "v"


def test_tags_are_a_condition(strict: Cloud) -> None:
    mine = strict.client("ssm")
    put(mine, "/tagged", Tags=[{"Key": "env", "Value": "test"}])
    put(mine, "/untagged")
    keys = user(strict, "ann", own("ssm:GetParameter", Condition={"StringEquals": {"ssm:resourceTag/env": "test"}}))
    assert get(strict.client("ssm", **keys), "/tagged")["Value"] == "v"
    refused(strict.client("ssm", **keys).get_parameter, Name="/untagged")


def test_blanks_around_a_name_are_no_way_around_a_denial(strict: Cloud) -> None:
    denied = own("ssm:AddTagsToResource", Effect="Deny", Resource=arn(strict, "/p"))
    ann = strict.client("ssm", **user(strict, "ann", own("ssm:*"), denied))
    for name in ("/p", " /p", "/p "):
        assert "explicit deny" in refused(ann.put_parameter, Name=name, Value="v", Type="String",
                                          Tags=[{"Key": "a", "Value": "b"}])
    put(ann, "/p")


def test_a_customers_key_needs_rights_of_its_own(strict: Cloud) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["KeyId"]
    put(strict.client("ssm"), "/s", "hidden", Type="SecureString", KeyId=key)
    ann = strict.client("ssm", **user(strict, "ann", own("ssm:*")))
    assert get(ann, "/s")["Type"] == "SecureString"
    assert "kms:Decrypt" in refused(ann.get_parameter, Name="/s", WithDecryption=True)
    bob = strict.client("ssm", **user(strict, "bob", own("ssm:*", "kms:Decrypt")))
    assert bob.get_parameter(Name="/s", WithDecryption=True)["Parameter"]["Value"] == "hidden"


def test_another_account_reads_what_is_shared_with_it(strict: Cloud) -> None:
    other = strict.other()
    mine = strict.client("ssm")
    put(mine, "/shared", Tier="Advanced")
    theirs = other.client("ssm", **user(other, "bob", own("ssm:GetParameter")))
    refused(theirs.get_parameter, Name=arn(strict, "/shared"))
    mine.put_resource_policy(ResourceArn=arn(strict, "/shared"), Policy=policy(other.account, arn(strict, "/shared")))
    assert get(theirs, arn(strict, "/shared"))["Value"] == "v"
    put(mine, "/alone", Tier="Advanced")
    refused(theirs.get_parameter, Name=arn(strict, "/alone"))
