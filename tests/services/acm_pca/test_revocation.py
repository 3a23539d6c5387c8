"""Revocation, lists in S3, audit reports, permissions, policies."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from conftest import Cloud
from services.acm_pca.authorities import describe, extension, issue, openssl, parse, request, root
from services.sqs.queues import refused

DAY = 86400


@pytest.fixture
def pca(cloud: Cloud) -> Any:
    return cloud.client("acm-pca")


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name = f"lists-{cloud.account}"
    cloud.client("s3").create_bucket(Bucket=name)
    return name


def configuration(bucket: str, **more: Any) -> dict[str, Any]:
    return {"CrlConfiguration": {"Enabled": True, "ExpirationInDays": 10, "S3BucketName": bucket,
                                 "S3ObjectAcl": "BUCKET_OWNER_FULL_CONTROL"} | more}


def object_of(cloud: Cloud, bucket: str, key: str) -> bytes:
    return bytes(cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def test_a_revoked_certificate_is_on_the_list_in_the_bucket(cloud: Cloud, pca: Any, bucket: str, tmp_path: Path) -> None:
    arn = root(cloud, pca, RevocationConfiguration=configuration(bucket))
    answer = issue(cloud, pca, arn, request())
    made = parse(answer)
    key = f"crl/{arn.rpartition('/')[2]}.crl"
    point = extension(made, x509.CRLDistributionPoints)[0].full_name[0].value
    assert point == f"http://{bucket}.s3.us-east-1.amazonaws.com/{key}"
    empty = x509.load_der_x509_crl(object_of(cloud, bucket, key))
    assert len(empty) == 0
    serial = answer["Arn"].rpartition("/")[2]
    pca.revoke_certificate(CertificateAuthorityArn=arn, RevocationReason="KEY_COMPROMISE",
                           CertificateSerial=":".join(serial[i:i + 2] for i in range(0, 32, 2)))
    cloud.clock.idle()
    own = parse(pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn))
    found = x509.load_der_x509_crl(object_of(cloud, bucket, key))
    assert found.is_signature_valid(own.public_key())  # type: ignore[arg-type]
    entry = found.get_revoked_certificate_by_serial_number(made.serial_number)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise
    number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert number == empty.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    (tmp_path / "root.pem").write_text(answer["CertificateChain"])
    (tmp_path / "leaf.pem").write_text(answer["Certificate"])
    (tmp_path / "list.der").write_bytes(object_of(cloud, bucket, key))
    openssl("crl", "-inform", "der", "-in", tmp_path / "list.der", "-out", tmp_path / "list.pem")
    with pytest.raises(AssertionError, match="certificate revoked"):
        openssl("verify", "-crl_check", "-CRLfile", tmp_path / "list.pem", "-CAfile", tmp_path / "root.pem",
                tmp_path / "leaf.pem")
    with refused("RequestAlreadyProcessedException", "already"):
        pca.revoke_certificate(CertificateAuthorityArn=arn, CertificateSerial=serial, RevocationReason="UNSPECIFIED")
    cloud.clock.advance(6 * DAY)
    again = x509.load_der_x509_crl(object_of(cloud, bucket, key))
    assert again.next_update_utc is not None
    assert found.next_update_utc is not None
    assert again.next_update_utc > found.next_update_utc
    cloud.clock.advance(30 * DAY)
    assert len(x509.load_der_x509_crl(object_of(cloud, bucket, key))) == 0


def test_what_cannot_be_revoked(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    own = describe(pca, arn)["Serial"]
    with refused("InvalidRequestException", "root"):
        pca.revoke_certificate(CertificateAuthorityArn=arn, CertificateSerial=own, RevocationReason="UNSPECIFIED")
    with refused("ResourceNotFoundException", "serial number"):
        pca.revoke_certificate(CertificateAuthorityArn=arn, CertificateSerial="00:11", RevocationReason="UNSPECIFIED")


def test_where_lists_and_answers_are_asked_for(cloud: Cloud, pca: Any, bucket: str) -> None:
    arn = root(cloud, pca)
    bare = parse(issue(cloud, pca, arn, request()))
    for kind in (x509.CRLDistributionPoints, x509.AuthorityInformationAccess):
        with pytest.raises(x509.ExtensionNotFound):
            extension(bare, kind)
    pca.update_certificate_authority(CertificateAuthorityArn=arn, RevocationConfiguration={
        **configuration(bucket, CustomCname="crl.example.com", CustomPath="a/b"),
        "OcspConfiguration": {"Enabled": True, "OcspCustomCname": "ocsp.example.com"}})
    cloud.clock.idle()
    made = parse(issue(cloud, pca, arn, request()))
    key = f"a/b/{arn.rpartition('/')[2]}.crl"
    assert extension(made, x509.CRLDistributionPoints)[0].full_name[0].value == f"http://crl.example.com/{key}"
    assert extension(made, x509.AuthorityInformationAccess)[0].access_location.value == "http://ocsp.example.com"
    assert object_of(cloud, bucket, key)
    pca.update_certificate_authority(CertificateAuthorityArn=arn, RevocationConfiguration=configuration(
        bucket, CrlDistributionPointExtensionConfiguration={"OmitExtension": True}))
    with pytest.raises(x509.ExtensionNotFound):
        extension(parse(issue(cloud, pca, arn, request())), x509.CRLDistributionPoints)
    assert describe(pca, arn)["RevocationConfiguration"]["OcspConfiguration"]["Enabled"] is True


@pytest.mark.parametrize(("said", "code"), [
    ({"CrlConfiguration": {"Enabled": False, "ExpirationInDays": 5}}, "InvalidArgsException"),
    ({"CrlConfiguration": {"Enabled": True, "ExpirationInDays": 5}}, "InvalidArgsException"),
    ({"OcspConfiguration": {"Enabled": True, "OcspCustomCname": "http://x"}}, "InvalidArgsException"),
    (configuration("no-such-bucket-at-all"), "InvalidPolicyException"),
    (configuration("some-bucket", CrlType="PARTITIONED"), "NotImplemented")])
def test_configurations_that_cannot_be(cloud: Cloud, pca: Any, said: dict[str, Any], code: str) -> None:
    with refused(code, ""):
        root(cloud, pca, RevocationConfiguration=said)
    arn = root(cloud, pca)
    with refused(code, ""):
        pca.update_certificate_authority(CertificateAuthorityArn=arn, RevocationConfiguration=said)
    assert describe(pca, arn)["RevocationConfiguration"]["CrlConfiguration"] == {"Enabled": False}


def test_a_list_that_could_not_be_written_is_tried_again(cloud: Cloud, pca: Any, bucket: str) -> None:
    arn = root(cloud, pca, RevocationConfiguration=configuration(bucket))
    cloud.clock.idle()
    s3 = cloud.client("s3")
    for one in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=one["Key"])
    s3.delete_bucket(Bucket=bucket)
    cloud.clock.advance(5 * DAY + 60)
    s3.create_bucket(Bucket=bucket)
    cloud.clock.advance(16 * 60)
    assert object_of(cloud, bucket, f"crl/{arn.rpartition('/')[2]}.crl")


@pytest.mark.parametrize("form", ["JSON", "CSV"])
def test_an_audit_report_lies_in_its_bucket(cloud: Cloud, pca: Any, bucket: str, form: str) -> None:
    arn = root(cloud, pca)
    answer = issue(cloud, pca, arn, request())
    serial = answer["Arn"].rpartition("/")[2]
    pca.revoke_certificate(CertificateAuthorityArn=arn, CertificateSerial=serial, RevocationReason="SUPERSEDED")
    made = pca.create_certificate_authority_audit_report(
        CertificateAuthorityArn=arn, S3BucketName=bucket, AuditReportResponseFormat=form)
    members = {"CertificateAuthorityArn": arn, "AuditReportId": made["AuditReportId"]}
    pca.get_waiter("audit_report_created").wait(**members)
    told = pca.describe_certificate_authority_audit_report(**members)
    assert (told["AuditReportStatus"], told["S3BucketName"], told["S3Key"]) == ("SUCCESS", bucket, made["S3Key"])
    assert made["S3Key"] == f"audit-report/{arn.rpartition('/')[2]}/{made['AuditReportId']}.{form.lower()}"
    text = object_of(cloud, bucket, made["S3Key"]).decode()
    rows = json.loads(text) if form == "JSON" else list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2
    one = next(row for row in rows if row["certificateArn"] == answer["Arn"])
    assert (one["subject"], one["revocationReason"], one["awsAccountId"]) == ("CN=www.example.com", "SUPERSEDED", cloud.account)
    assert one["serial"].replace(":", "") == serial
    assert one["templateArn"] == "arn:aws:acm-pca:::template/EndEntityCertificate/V1"
    assert one["notAfter"].endswith("+0000")


def test_a_report_without_a_bucket_fails(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    id = pca.create_certificate_authority_audit_report(
        CertificateAuthorityArn=arn, S3BucketName=f"none-{cloud.account}", AuditReportResponseFormat="CSV")["AuditReportId"]
    cloud.clock.idle()
    told = pca.describe_certificate_authority_audit_report(CertificateAuthorityArn=arn, AuditReportId=id)
    assert told["AuditReportStatus"] == "FAILED"
    with refused("ResourceNotFoundException", "audit report"):
        pca.describe_certificate_authority_audit_report(
            CertificateAuthorityArn=arn, AuditReportId="12345678-1234-1234-1234-123456789012")


def test_permissions(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    pca.create_permission(CertificateAuthorityArn=arn, Principal="acm.amazonaws.com",
                          Actions=["IssueCertificate", "GetCertificate", "ListPermissions"])
    with refused("PermissionAlreadyExistsException", "already"):
        pca.create_permission(CertificateAuthorityArn=arn, Principal="acm.amazonaws.com", Actions=["GetCertificate"])
    with refused("ValidationException", "acm.amazonaws.com"):
        pca.create_permission(CertificateAuthorityArn=arn, Principal="ec2.amazonaws.com", Actions=["GetCertificate"])
    one, = pca.list_permissions(CertificateAuthorityArn=arn)["Permissions"]
    assert (one["Principal"], one["SourceAccount"]) == ("acm.amazonaws.com", cloud.account)
    assert one["Actions"] == ["GetCertificate", "IssueCertificate", "ListPermissions"]
    pca.delete_permission(CertificateAuthorityArn=arn, Principal="acm.amazonaws.com")
    assert pca.list_permissions(CertificateAuthorityArn=arn)["Permissions"] == []
    with refused("ResourceNotFoundException", "no permission"):
        pca.delete_permission(CertificateAuthorityArn=arn, Principal="acm.amazonaws.com")


def test_policies(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    with refused("ResourceNotFoundException", "policy"):
        pca.get_policy(ResourceArn=arn)
    statement = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Resource": arn,
                 "Action": ["acm-pca:IssueCertificate", "acm-pca:GetCertificate"]}
    for wrong in ("nothing", json.dumps({"Statement": [statement | {"Resource": "*"}]}),
                  json.dumps({"Statement": {"Effect": "Allow"}}), json.dumps({"Statement": [statement | {"Effect": "deny"}]}),
                  json.dumps({"Statement": [statement | {"Effect": "Deny", "Condition": {"StringMaybe": {"a": "b"}}}]})):
        with refused("InvalidPolicyException", ""):
            pca.put_policy(ResourceArn=arn, Policy=wrong)
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    pca.put_policy(ResourceArn=arn, Policy=text)
    assert pca.get_policy(ResourceArn=arn)["Policy"] == text
    pca.delete_policy(ResourceArn=arn)
    with refused("ResourceNotFoundException", "policy"):
        pca.get_policy(ResourceArn=arn)


def test_another_account_issues_from_a_shared_authority(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    theirs = cloud.other().client("acm-pca")
    answer = issue(cloud, theirs, arn, request())
    assert answer["Arn"].startswith(arn)
    again = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=answer["Arn"])
    assert again["Certificate"] == answer["Certificate"]
