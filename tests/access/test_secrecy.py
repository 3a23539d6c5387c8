"""What must be secret is told once, to whom it is for: it stands in no log, no error, no entry of the inspector, no decision
that is kept, and readable nowhere in the state. Of every service that holds secrets; KMS has a test of its own.
"""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from conftest import Cloud, Start, new_account
from enforced import document

Secrets = dict[str, bytes]
ROLE = document({"Action": "sts:AssumeRole", "Principal": {"AWS": "*"}})


def forms(secret: bytes) -> list[bytes]:
    """How a secret might lie somewhere."""
    return [secret, base64.b64encode(secret).rstrip(b"=")[:-1], secret.hex().encode(), secret.hex().upper().encode()]


def certificate() -> tuple[bytes, bytes]:
    """A certificate of its own and its private key, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "secret.example.com")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    made = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(300))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), pem


def inside(pem: bytes) -> bytes:
    """The private number of a key in PEM."""
    key: Any = serialization.load_pem_private_key(pem, None)
    return int(key.private_numbers().private_value).to_bytes(32, "big")


# --- what each service is given, and then asked so that it errs ---


def of_iam(cloud: Cloud) -> Secrets:
    iam, body = cloud.client("iam"), certificate()
    iam.create_user(UserName="ann")
    password, other = "pass-Word-of-ann-1!", "pass-Word-of-ann-2!"
    iam.create_login_profile(UserName="ann", Password=password)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    special = iam.create_service_specific_credential(UserName="ann", ServiceName="codecommit.amazonaws.com")
    iam.upload_server_certificate(ServerCertificateName="web", CertificateBody=body[0].decode(), PrivateKey=body[1].decode())
    mine = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    mine.change_password(OldPassword=password, NewPassword=other)
    erring(mine.change_password, OldPassword=password, NewPassword=other)
    erring(iam.create_login_profile, UserName="ann", Password=other)
    erring(iam.upload_server_certificate, ServerCertificateName="web", CertificateBody=body[0].decode(),
           PrivateKey=body[1].decode())
    erring(cloud.client("iam", key=key["AccessKeyId"], secret="wrong" * 8).get_user)
    return {"password": password.encode(), "new password": other.encode(), "access key": key["SecretAccessKey"].encode(),
            "MFA seed": device["Base32StringSeed"], "service credential":
            special["ServiceSpecificCredential"]["ServicePassword"].encode(), "server certificate": inside(body[1]),
            "its PEM": body[1].split(b"\n")[2]}


def of_sts(cloud: Cloud) -> Secrets:
    cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=ROLE)
    sts = cloud.client("sts")
    made = sts.assume_role(RoleArn=f"arn:aws:iam::{cloud.account}:role/role", RoleSessionName="one")["Credentials"]
    got = sts.get_session_token()["Credentials"]
    session = cloud.client("sts", key=made["AccessKeyId"], secret=made["SecretAccessKey"], token=made["SessionToken"])
    session.get_caller_identity()
    erring(cloud.client("sts", key=made["AccessKeyId"], secret=made["SecretAccessKey"], token=got["SessionToken"]
                        ).get_caller_identity)
    erring(session.get_session_token)
    return {"session": made["SecretAccessKey"].encode(), "token": made["SessionToken"].encode(),
            "own session": got["SecretAccessKey"].encode(), "own token": got["SessionToken"].encode()}


def of_secrets_manager(cloud: Cloud) -> Secrets:
    client, text, blob = cloud.client("secretsmanager"), "the text that nobody may read", os.urandom(40)
    client.create_secret(Name="text", SecretString=text)
    client.put_secret_value(SecretId="text", SecretBinary=blob)
    assert client.get_secret_value(SecretId="text")["SecretBinary"] == blob
    erring(client.create_secret, Name="text", SecretString=text)
    erring(client.put_secret_value, SecretId="none", SecretString=text)
    return {"secret": text.encode(), "binary secret": blob}


def of_parameters(cloud: Cloud) -> Secrets:
    ssm, text = cloud.client("ssm"), "the parameter that nobody may read"
    ssm.put_parameter(Name="/s", Type="SecureString", Value=text)
    assert ssm.get_parameter(Name="/s", WithDecryption=True)["Parameter"]["Value"] == text
    erring(ssm.put_parameter, Name="/s", Type="SecureString", Value=text)
    erring(ssm.put_parameter, Name="/t", Type="SecureString", Value=text, AllowedPattern="[0-9]+")
    return {"parameter": text.encode()}


def of_certificates(cloud: Cloud) -> Secrets:
    acm, body = cloud.client("acm"), certificate()
    acm.import_certificate(Certificate=body[0], PrivateKey=body[1])
    erring(acm.import_certificate, Certificate=certificate()[0], PrivateKey=body[1])
    return {"imported key": inside(body[1]), "imported PEM": body[1].split(b"\n")[2]}


def of_objects(cloud: Cloud) -> Secrets:
    s3, key, bucket = cloud.client("s3"), os.urandom(32), f"b-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key}
    content = b"the content of an object that its customer's key encrypts"
    s3.put_object(Bucket=bucket, Key="k", Body=content, **customer)
    assert s3.get_object(Bucket=bucket, Key="k", **customer)["Body"].read() == content
    erring(s3.get_object, Bucket=bucket, Key="none", **customer)
    return {"customer's key": key, "content": content}


def of_the_portal(cloud: Cloud) -> Secrets:
    oidc = cloud.client("sso-oidc")
    client = oidc.register_client(clientName="cli", clientType="public")
    erring(oidc.create_token, clientId=client["clientId"], clientSecret=client["clientSecret"], grantType="refresh_token",
           refreshToken="a refresh token that is none")
    return {"client's secret": client["clientSecret"].encode(), "refresh token": b"a refresh token that is none"}


WITH_SECRETS: tuple[Callable[[Cloud], Secrets], ...] = (
    of_iam, of_sts, of_secrets_manager, of_parameters, of_certificates, of_objects, of_the_portal)
ERRORS: list[str] = []


def erring(operation: Any, **members: Any) -> None:
    """What it says is looked through with the rest."""
    with pytest.raises(ClientError) as problem:
        operation(**members)
    ERRORS.append(json.dumps(problem.value.response, default=str))


def test_secrets_are_nowhere_to_be_read(start_cloud: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "cumulet")
    ERRORS.clear()
    thread = start_cloud(data=tmp_path / "state", store="", iam="audit")
    secrets: Secrets = {}
    for give in WITH_SECRETS:
        secrets |= give(Cloud(thread, new_account()))
    recorder = thread.cloud.recorder
    entries, decisions = repr(list(recorder.ring)), repr(list(recorder.decisions._by_id.values()))
    payloads = repr([recorder.payloads.told(entry.id) for entry in recorder.ring])
    assert "CreateLoginProfile" in entries
    assert "'Name': 'text'" in payloads
    assert "iam:ChangePassword" in decisions
    thread.stop()
    files = [p for p in tmp_path.rglob("*") if p.is_file() and p.name != "machine.key"]
    places = {str(p.relative_to(tmp_path)): p.read_bytes() for p in files}
    assert len(places["state/state.sqlite"]) > 8192
    logged = "".join(caplog.handler.format(record) for record in caplog.records if record.name.startswith("cumulet"))
    places |= {"log": logged.encode(), "errors": "".join(ERRORS).encode(), "entries": entries.encode(),
               "decisions": decisions.encode(), "payloads": payloads.encode()}
    found = {name: where for name, secret in secrets.items()
             if (where := [place for place, text in places.items() for form in forms(secret) if form in text])}
    assert found == {}
    assert b"secret.example.com" in places["state/state.sqlite"]       # no secret, and so found: this is where to look
