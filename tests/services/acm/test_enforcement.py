"""Private certificates in a cloud that enforces policies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud, Start, new_account
from services.acm.certificates import detail
from services.acm_pca.authorities import root
from services.sqs.queues import refused


@pytest.fixture(scope="module")
def enforcing(start_cloud: Start) -> Any:
    return start_cloud(iam="enforce")


def user(cloud: Cloud, *statements: dict[str, Any]) -> dict[str, str]:
    iam, name = cloud.client("iam"), f"user{len(statements)}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in statements]}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def test_acm_does_not_lend_its_own_rights_over_an_authority(enforcing: Any) -> None:
    cloud = Cloud(enforcing, new_account())
    authority = root(cloud, cloud.client("acm-pca"))
    wanted = {"DomainName": "in.example.com", "CertificateAuthorityArn": authority, "KeyAlgorithm": "EC_prime256v1"}
    acm = {"Action": "acm:*"}
    with refused("AccessDeniedException", "acm-pca:IssueCertificate"):
        cloud.client("acm", **user(cloud, acm)).request_certificate(**wanted)
    allowed = cloud.client("acm", **user(
        cloud, acm, {"Action": ["acm-pca:IssueCertificate", "acm-pca:GetCertificate"], "Resource": authority}))
    arn = allowed.request_certificate(**wanted)["CertificateArn"]
    cloud.clock.idle()
    cloud.clock.advance(5)
    assert detail(allowed, arn)["Status"] == "ISSUED"


def test_another_account_needs_the_authoritys_policy(enforcing: Any) -> None:
    cloud = Cloud(enforcing, new_account())
    pca, theirs = cloud.client("acm-pca"), cloud.other()
    authority = root(cloud, pca)
    wanted = {"DomainName": "in.example.com", "CertificateAuthorityArn": authority, "KeyAlgorithm": "EC_prime256v1"}
    with refused("AccessDeniedException", "acm-pca:IssueCertificate"):
        theirs.client("acm").request_certificate(**wanted)
    pca.put_policy(ResourceArn=authority, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": theirs.account}, "Resource": authority,
         "Action": ["acm-pca:IssueCertificate", "acm-pca:GetCertificate"]}]}))
    arn = theirs.client("acm").request_certificate(**wanted)["CertificateArn"]
    cloud.clock.idle()
    cloud.clock.advance(5)
    assert detail(theirs.client("acm"), arn)["Status"] == "ISSUED"
