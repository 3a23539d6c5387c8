"""Who may use a key: key policies alone, what they hand over to IAM, grants, condition keys. In a cloud that enforces."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.call import Call
from cumulet.kernel.errors import AwsError
from services.kms.asking import code, new_key, refused

EVERYTHING = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def user(cloud: Cloud, name: str, *statements: dict[str, Any]) -> Any:
    """A user's KMS client."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return cloud.client("kms", key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def root(cloud: Cloud) -> dict[str, Any]:
    return EVERYTHING | {"Principal": {"AWS": f"arn:aws:iam::{cloud.account}:root"}}


def arn(cloud: Cloud, name: str) -> str:
    return f"arn:aws:iam::{cloud.account}:user/{name}"


def test_the_default_policy_hands_over_to_iam(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann, bob = user(strict, "ann", EVERYTHING), user(strict, "bob")
    key = new_key(kms)
    blob = ann.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code(bob.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert f"kms:Encrypt on resource: {key['Arn']}" in refused(bob.encrypt, KeyId=key["KeyId"], Plaintext=b"x")[1]


def test_a_key_policy_that_hands_nothing_over_decides_alone(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann, bob = user(strict, "ann", EVERYTHING), user(strict, "bob")
    key = new_key(kms, BypassPolicyLockoutSafetyCheck=True, Policy=document(
        EVERYTHING | {"Principal": {"AWS": arn(strict, "bob")}}))["KeyId"]
    bob.encrypt(KeyId=key, Plaintext=b"x")
    assert code(ann.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == "AccessDeniedException"      # even the account's root


def test_another_account_needs_both_sides(strict: Cloud) -> None:
    other = strict.other()
    eve, mallory = user(other, "eve", EVERYTHING), user(other, "mallory")
    kms = strict.client("kms")
    key = new_key(kms)
    assert code(eve.encrypt, KeyId=key["Arn"], Plaintext=b"x") == "AccessDeniedException"
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(root(strict), root(other) | {"Action": "kms:Encrypt"}))
    eve.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    assert code(eve.describe_key, KeyId=key["Arn"]) == "AccessDeniedException"
    assert code(mallory.encrypt, KeyId=key["Arn"], Plaintext=b"x") == "AccessDeniedException"


def test_a_policy_must_let_its_author_change_it(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann = user(strict, "ann", EVERYTHING)
    lock_out = ("MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.")
    key = new_key(kms)["KeyId"]
    only_ann = document(EVERYTHING | {"Principal": {"AWS": arn(strict, "ann")}})
    use_only = document(root(strict) | {"Action": ["kms:Encrypt", "kms:Get*"]})
    denied = document(root(strict), root(strict) | {"Effect": "Deny", "Action": "kms:PutKey*"})
    for policy in (only_ann, use_only, denied):
        assert refused(kms.put_key_policy, KeyId=key, Policy=policy) == lock_out
        assert refused(kms.create_key, Policy=policy) == lock_out
    ann.put_key_policy(KeyId=key, Policy=only_ann)
    assert json.loads(ann.get_key_policy(KeyId=key)["Policy"]) == json.loads(only_ann)
    assert ann.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]
    ann.put_key_policy(KeyId=key, Policy=document(root(strict)), BypassPolicyLockoutSafetyCheck=True)
    assert code(ann.get_key_policy, KeyId=key, PolicyName="other") == "NotFoundException"


def test_policies_that_are_no_key_policies(strict: Cloud) -> None:
    kms = strict.client("kms")
    key = new_key(kms)["KeyId"]
    before = kms.get_key_policy(KeyId=key)["Policy"]
    nobody = EVERYTHING | {"Principal": {"AWS": arn(strict, "nobody")}}
    for policy in ("no json", "{}", "[1]", document(EVERYTHING), document(root(strict) | {"Effect": "allow"}),
                   document(root(strict), nobody), document(root(strict), nobody | {"Principal": {"AWS": "x"}})):
        assert code(kms.put_key_policy, KeyId=key, Policy=policy) == "MalformedPolicyDocumentException"
    assert refused(kms.put_key_policy, KeyId=key, Policy=document(root(strict), nobody))[1] \
        == "Policy contains a statement with one or more invalid principals."
    long = document(root(strict) | {"Sid": "x" * 33_000})
    assert code(kms.put_key_policy, KeyId=key, Policy=long) == "LimitExceededException"
    assert kms.get_key_policy(KeyId=key)["Policy"] == before


@pytest.mark.parametrize(("condition", "good", "bad"), [
    ({"StringEquals": {"kms:EncryptionContext:App": "shop"}}, {"EncryptionContext": {"App": "shop"}},
     {"EncryptionContext": {"App": "bank"}}),
    ({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["App"]}, "Null": {"kms:EncryptionContextKeys": "false"}},
     {"EncryptionContext": {"App": "x"}}, {"EncryptionContext": {"App": "x", "Other": "y"}}),
    ({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}, {}, {"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}),
    ({"StringLike": {"kms:RequestAlias": "alias/*"}}, {"KeyId": "alias/c"}, {}),
    ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/c"}}, {}, {"KeyId": "other"}),
    ({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyOrigin": "AWS_KMS", "kms:KeyUsage": "ENCRYPT_DECRYPT"},
      "Bool": {"kms:MultiRegion": "false"}}, {}, {"KeyId": "multi"}),
    ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, {}, {"KeyId": "other"}),
])
def test_conditions_of_a_request_and_its_key(strict: Cloud, condition: dict[str, Any], good: dict[str, Any],
                                             bad: dict[str, Any]) -> None:
    kms = strict.client("kms")
    ann = user(strict, "ann", EVERYTHING | {"Condition": condition})
    named = {"other": new_key(kms)["KeyId"], "multi": new_key(kms, MultiRegion=True)["KeyId"]}
    key = new_key(kms, Tags=[{"TagKey": "team", "TagValue": "blue"}])["KeyId"]
    kms.create_alias(AliasName="alias/c", TargetKeyId=key)

    def members(more: dict[str, Any]) -> dict[str, Any]:
        said = {"KeyId": key, "Plaintext": b"x"} | more
        return said | {"KeyId": named.get(said["KeyId"], said["KeyId"])}

    ann.encrypt(**members(good))
    assert code(ann.encrypt, **members(bad)) == "AccessDeniedException"


def test_a_service_may_use_a_key_where_its_caller_may_not(strict: Cloud) -> None:
    kms = strict.client("kms")
    via = {"Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}}
    ann = user(strict, "ann", EVERYTHING | via, {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"})
    key = new_key(kms)
    assert code(ann.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "AccessDeniedException"
    credentials = ann._request_signer._credentials
    secrets = strict.client("secretsmanager", key=credentials.access_key, secret=credentials.secret_key)
    for name in (key["Arn"], "alias/aws/secretsmanager"):
        made = secrets.create_secret(Name=f"s{name[-4:]}", SecretString="value", KmsKeyId=name)
        assert secrets.get_secret_value(SecretId=made["ARN"])["SecretString"] == "value"


def test_a_grant_permits_until_it_is_revoked(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann = user(strict, "ann")
    key = new_key(kms)
    made = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn(strict, "ann"), Operations=["Encrypt", "DescribeKey"],
                            Name="first")
    blob = ann.encrypt(KeyId=key["KeyId"], Plaintext=b"x", GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    ann.describe_key(KeyId=key["KeyId"])
    assert code(ann.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    [listed] = kms.list_grants(KeyId=key["KeyId"])["Grants"]
    told = ("GrantId", "KeyId", "Name", "GranteePrincipal", "Operations", "IssuingAccount")
    assert {name: listed[name] for name in told} == {
        "GrantId": made["GrantId"], "KeyId": key["Arn"], "Name": "first", "GranteePrincipal": arn(strict, "ann"),
        "Operations": ["Encrypt", "DescribeKey"], "IssuingAccount": f"arn:aws:iam::{strict.account}:root"}
    assert code(ann.revoke_grant, KeyId=key["KeyId"], GrantId=made["GrantId"]) == "AccessDeniedException"
    kms.revoke_grant(KeyId=key["KeyId"], GrantId=made["GrantId"])
    assert code(ann.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "AccessDeniedException"
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    assert refused(kms.revoke_grant, KeyId=key["KeyId"], GrantId=made["GrantId"]) == (
        "NotFoundException", f"Grant ID {made['GrantId']} not found")


@pytest.mark.parametrize(("constraints", "good", "bad"), [
    ({"EncryptionContextEquals": {"a": "1"}}, [{"a": "1"}], [{}, {"a": "2"}, {"a": "1", "b": "2"}]),
    ({"EncryptionContextSubset": {"a": "1"}}, [{"a": "1"}, {"a": "1", "b": "2"}], [{}, {"b": "2"}, {"a": "2"}])])
def test_a_grant_may_be_constrained_to_a_context(strict: Cloud, constraints: Any, good: Any, bad: Any) -> None:
    kms = strict.client("kms")
    ann = user(strict, "ann")
    key = new_key(kms)["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=arn(strict, "ann"), Operations=["Encrypt", "DescribeKey"],
                     Constraints=constraints)
    for context in good:
        ann.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)
    for context in bad:
        assert code(ann.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context) == "AccessDeniedException"
    ann.describe_key(KeyId=key)


def test_a_grant_is_retired_by_whom_it_names(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann, bob, eve = user(strict, "ann"), user(strict, "bob"), user(strict, "eve")
    key = new_key(kms)

    def give(**members: Any) -> Any:
        return kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn(strict, "ann"), **members)

    made = give(Operations=["Encrypt"], RetiringPrincipal=arn(strict, "bob"))
    other = give(Operations=["Decrypt"])
    [retirable] = kms.list_retirable_grants(RetiringPrincipal=arn(strict, "bob"))["Grants"]
    assert retirable["GrantId"] == made["GrantId"]
    for client in (eve, ann):
        assert code(client.retire_grant, GrantToken=made["GrantToken"]) == "AccessDeniedException"
    assert code(bob.retire_grant, KeyId=key["Arn"], GrantId=other["GrantId"]) == "AccessDeniedException"
    assert code(bob.retire_grant, GrantToken=made["GrantToken"], DryRun=True) == "DryRunOperationException"
    bob.retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_retirable_grants(RetiringPrincipal=arn(strict, "bob"))["Grants"] == []
    own = give(Operations=["RetireGrant", "Encrypt"])
    ann.retire_grant(KeyId=key["Arn"], GrantId=own["GrantId"])
    kms.retire_grant(KeyId=key["Arn"], GrantId=other["GrantId"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    assert code(kms.retire_grant, GrantToken="rubbish") == "InvalidGrantTokenException"
    assert code(kms.retire_grant, KeyId=key["Arn"]) == "ValidationException"


def test_aliases_need_permission_on_the_alias_and_its_key(strict: Cloud) -> None:
    kms = strict.client("kms")
    key, other = new_key(kms), new_key(kms)
    alias = key["Arn"].replace("key/" + key["KeyId"], "alias/mine")
    ann = user(strict, "ann", {"Effect": "Allow", "Action": "kms:*Alias", "Resource": [alias, key["Arn"]]})
    assert code(ann.create_alias, AliasName="alias/mine", TargetKeyId=other["KeyId"]) == "AccessDeniedException"
    assert code(ann.create_alias, AliasName="alias/yours", TargetKeyId=key["KeyId"]) == "AccessDeniedException"
    ann.create_alias(AliasName="alias/mine", TargetKeyId=key["KeyId"])
    assert code(ann.update_alias, AliasName="alias/mine", TargetKeyId=other["KeyId"]) == "AccessDeniedException"
    ann.delete_alias(AliasName="alias/mine")


def test_moving_a_ciphertext_needs_both_keys(strict: Cloud) -> None:
    kms = strict.client("kms")
    one, two = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=one["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    source = {"Effect": "Allow", "Action": "kms:ReEncryptFrom", "Resource": one["Arn"]}
    target = {"Effect": "Allow", "Action": "kms:ReEncryptTo", "Resource": two["Arn"]}
    for name, statements in (("from", [source]), ("to", [target])):
        assert code(user(strict, name, *statements).re_encrypt, CiphertextBlob=blob, DestinationKeyId=two["KeyId"]) \
            == "AccessDeniedException"
    user(strict, "both", source, target).re_encrypt(CiphertextBlob=blob, DestinationKeyId=two["KeyId"])


def test_a_grantee_passes_on_no_more_than_was_given(strict: Cloud) -> None:
    kms = strict.client("kms")
    ann, bob = user(strict, "ann"), user(strict, "bob")
    key = new_key(kms)["KeyId"]
    kms.create_grant(KeyId=key, GranteePrincipal=arn(strict, "ann"), Operations=["CreateGrant", "Encrypt"],
                     Constraints={"EncryptionContextSubset": {"a": "1"}})

    def passes(operations: list[str], **members: Any) -> str:
        try:
            ann.create_grant(KeyId=key, GranteePrincipal=arn(strict, "bob"), Operations=operations, **members)
        except ann.exceptions.ClientError as problem:
            return str(problem.response["Error"]["Code"])
        return ""

    same = {"Constraints": {"EncryptionContextSubset": {"a": "1"}}}
    assert passes(["Decrypt"], **same) == passes(["Encrypt", "Decrypt"], **same) == "AccessDeniedException"
    assert passes(["Encrypt"]) == "AccessDeniedException"
    assert passes(["Encrypt"], Constraints={"EncryptionContextSubset": {"a": "2"}}) == "AccessDeniedException"
    assert code(bob.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1"}) == "AccessDeniedException"
    assert passes(["Encrypt"], Constraints={"EncryptionContextEquals": {"a": "1", "b": "2"}}) == ""
    bob.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1", "b": "2"})
    assert code(bob.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1"}) == "AccessDeniedException"
    assert passes(["Encrypt"], **same) == ""
    bob.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1", "c": "3"})


def test_a_service_needs_the_key_policy_or_a_grant(strict: Cloud) -> None:
    """A topic that encrypts, say: `sns.amazonaws.com` acts for itself."""
    kms = strict.client("kms")
    key = new_key(kms)

    def as_sns(source: str = "") -> str:
        cloud = strict.kernel

        def work(tx: Any) -> str:
            call = Call(cloud, tx, "sns", "Publish", strict.account, "us-east-1", root_of(strict.account), cloud.clock.now())
            try:
                call.as_service(source).kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
            except AwsError as problem:
                return problem.code
            return ""

        return str(strict.thread.call(cloud.store.run(work)))

    topic = f"arn:aws:sns:us-east-1:{strict.account}:topic"
    assert as_sns() == "AccessDeniedException"
    kms.create_grant(KeyId=key["KeyId"], GranteeServicePrincipal="sns.amazonaws.com", Operations=["Encrypt"],
                     RetiringServicePrincipal="sns.amazonaws.com", Constraints={"SourceArn": topic})
    assert (as_sns(), as_sns(topic)) == ("AccessDeniedException", "")
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(root(strict), EVERYTHING | {
        "Principal": {"Service": "sns.amazonaws.com"}, "Action": ["kms:Encrypt", "kms:GenerateDataKey*"]}))
    assert as_sns() == ""


def test_each_side_of_a_re_encryption_has_its_own_context(strict: Cloud) -> None:
    """Else who may read one tenant's data could bring another one's under it."""
    kms = strict.client("kms")
    key = new_key(kms)
    mine, theirs = {"tenant": "mine"}, {"tenant": "theirs"}
    only_mine = {"Condition": {"StringEquals": {"kms:EncryptionContext:tenant": "mine"}}}
    blobs = [kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext=one)["CiphertextBlob"] for one in (mine, theirs)]
    clerk = user(strict, "clerk", EVERYTHING | {"Action": "kms:ReEncrypt*"} | only_mine)
    assert code(clerk.re_encrypt, CiphertextBlob=blobs[1], SourceEncryptionContext=theirs, DestinationKeyId=key["KeyId"],
                DestinationEncryptionContext=mine) == "AccessDeniedException"
    assert code(clerk.re_encrypt, CiphertextBlob=blobs[0], SourceEncryptionContext=mine, DestinationKeyId=key["KeyId"],
                DestinationEncryptionContext=theirs) == "AccessDeniedException"
    clerk.re_encrypt(CiphertextBlob=blobs[0], SourceEncryptionContext=mine, DestinationKeyId=key["KeyId"],
                     DestinationEncryptionContext=mine)
    grantee = user(strict, "grantee")
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=arn(strict, "grantee"), Operations=["ReEncryptFrom", "ReEncryptTo"],
                     Constraints={"EncryptionContextSubset": mine})
    assert code(grantee.re_encrypt, CiphertextBlob=blobs[1], SourceEncryptionContext=theirs, DestinationKeyId=key["KeyId"],
                DestinationEncryptionContext=mine) == "AccessDeniedException"


def test_conditions_on_a_key_are_about_the_key_of_each_action(strict: Cloud) -> None:
    """The alias and the name of the key that is read say nothing of the one that is written to."""
    kms = strict.client("kms")
    named, other = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/app", TargetKeyId=named["KeyId"])
    blob = kms.encrypt(KeyId=named["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    for name, condition in (("ann", {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}),
                            ("bob", {"StringEquals": {"kms:RequestAlias": "alias/app"}})):
        client = user(strict, name, EVERYTHING | {"Action": "kms:ReEncrypt*", "Condition": condition})
        assert code(client.re_encrypt, CiphertextBlob=blob, SourceKeyId="alias/app",
                    DestinationKeyId=other["KeyId"]) == "AccessDeniedException"
        client.re_encrypt(CiphertextBlob=blob, SourceKeyId="alias/app", DestinationKeyId="alias/app")
    kms.create_alias(AliasName="alias/own", TargetKeyId=named["KeyId"])
    mover = user(strict, "mover", EVERYTHING | {"Resource": f"arn:aws:kms:*:{strict.account}:alias/*"},
                 EVERYTHING | {"Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}}})
    assert code(mover.update_alias, AliasName="alias/own", TargetKeyId=other["KeyId"]) == "AccessDeniedException"
    mover.update_alias(AliasName="alias/own", TargetKeyId=named["KeyId"])
