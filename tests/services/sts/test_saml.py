"""Roles by assertions that an identity provider signs."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml import XMLSigner, methods

from conftest import Cloud

ISSUER = "https://idp.example.com/metadata"
AWS = "https://signin.aws.amazon.com/saml"
SAML = "urn:oasis:names:tc:SAML:2.0"


class Provider:
    """An identity provider with a key of its own."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp")]), datetime.now(UTC)
        self.certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(
            self.key.public_key()).serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(
            now + timedelta(days=365)).sign(self.key, hashes.SHA256())

    def metadata(self) -> str:
        der = base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode()
        return (f'<EntityDescriptor xmlns="{SAML}:metadata" entityID="{ISSUER}"><IDPSSODescriptor protocolSupportEnumeration='
                f'"{SAML}:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>'
                f"<X509Certificate>{der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>"
                f'<SingleSignOnService Binding="{SAML}:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>'
                "</IDPSSODescriptor></EntityDescriptor>").ljust(1000)

    def sign(self, element: Any) -> Any:
        signer = XMLSigner(methods.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
        return signer.sign(element, key=self.key, cert=[self.certificate], reference_uri=element.get("ID"))


def assertion(role: str, provider: str, *, issuer: str = ISSUER, recipient: str = AWS, age: float = 0, subject: str = "ann",
              audience: str = "urn:amazon:webservices", **ours: str) -> Any:
    now = datetime.now(UTC) - timedelta(seconds=age)
    at, end = now.strftime("%Y-%m-%dT%H:%M:%SZ"), (now + timedelta(seconds=300)).strftime("%Y-%m-%dT%H:%M:%SZ")
    attributes = {"Role": f"{role},{provider}", "RoleSessionName": "ann@example.com", **ours}
    ours = {f"https://aws.amazon.com/SAML/Attributes/{name.replace('__', ':')}": value for name, value in attributes.items()}
    told = "".join(f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue></saml:Attribute>'
                   for name, value in ours.items())
    return etree.fromstring(
        f'<saml:Assertion xmlns:saml="{SAML}:assertion" ID="_a1" Version="2.0" IssueInstant="{at}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>"
        f'<saml:Subject><saml:NameID Format="{SAML}:nameid-format:persistent">{subject}</saml:NameID><saml:SubjectConfirmation>'
        f'<saml:SubjectConfirmationData NotOnOrAfter="{end}" Recipient="{recipient}"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        f'<saml:Conditions NotBefore="{at}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>{audience}'
        "</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f"<saml:AttributeStatement>{told}</saml:AttributeStatement></saml:Assertion>")


def response(*assertions: Any, status: str = "Success") -> Any:
    root = etree.fromstring(
        f'<samlp:Response xmlns:samlp="{SAML}:protocol" ID="_r1" Version="2.0"><samlp:Status><samlp:StatusCode '
        f'Value="{SAML}:status:{status}"/></samlp:Status></samlp:Response>')
    root.extend(assertions)
    return root


def encoded(root: Any) -> str:
    return base64.b64encode(etree.tostring(root)).decode()


@pytest.fixture(scope="module")
def idp() -> Provider:
    return Provider()


@pytest.fixture
def arns(cloud: Cloud, idp: Provider) -> tuple[str, str]:
    """The role and the provider that it trusts."""
    iam = cloud.client("iam")
    provider = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=idp.metadata())["SAMLProviderArn"]
    document = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": AWS, "SAML:sub_type": "persistent"}}}]}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    return str(role), str(provider)


def assume(cloud: Cloud, arns: tuple[str, str], root: Any, **more: Any) -> dict[str, Any]:
    client = cloud.client("sts", config=Config(signature_version=UNSIGNED))
    return dict(client.assume_role_with_saml(RoleArn=arns[0], PrincipalArn=arns[1], SAMLAssertion=encoded(root), **more))


def refused(cloud: Cloud, arns: tuple[str, str], root: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        assume(cloud, arns, root, **more)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


def test_a_signed_assertion_makes_a_session(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    told = assume(cloud, arns, response(idp.sign(assertion(*arns))))
    assert (told["Subject"], told["SubjectType"], told["Issuer"], told["Audience"]) == ("ann", "persistent", ISSUER, AWS)
    assert len(base64.b64decode(told["NameQualifier"])) == 20
    given = told["Credentials"]
    session = cloud.client("sts", key=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
    assert session.get_caller_identity()["Arn"] == f"arn:aws:sts::{cloud.account}:assumed-role/r/ann@example.com"


def test_durations_and_policies(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    signed = response(idp.sign(assertion(*arns)))
    assert refused(cloud, arns, signed, DurationSeconds=3601)[0] == "ValidationError"
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    told = assume(cloud, arns, signed, DurationSeconds=900, Policy=nothing,
                  PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])
    assert 890 < told["Credentials"]["Expiration"].timestamp() - datetime.now(UTC).timestamp() < 910
    assert told["PackedPolicySize"] > 0


def test_a_signed_response_will_do(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    assert assume(cloud, arns, idp.sign(response(assertion(*arns))))["Subject"] == "ann"


def test_what_nobody_signed_is_not_believed(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    code = "InvalidIdentityToken"
    assert refused(cloud, arns, response(assertion(*arns))) == (code, "Response signature invalid")
    assert refused(cloud, arns, response(Provider().sign(assertion(*arns)))) == (code, "Response signature invalid")
    changed = response(idp.sign(assertion(*arns)))
    changed.find(".//{*}NameID").text = "root"
    assert refused(cloud, arns, changed) == (code, "Response signature invalid")


def test_a_wrapped_assertion_does_not_count(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    """The signed assertion is there, but another one is where it belongs."""
    evil = assertion(*arns, subject="root")
    evil.set("ID", "_evil")
    assert refused(cloud, arns, response(idp.sign(assertion(*arns)), evil))[0] == "InvalidIdentityToken"
    signed = idp.sign(assertion(*arns))
    evil.append(signed.find("{*}Signature"))
    evil.append(signed)
    assert refused(cloud, arns, response(evil))[0] == "InvalidIdentityToken"


def test_whom_and_when_and_for_whom(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    def ask(**more: Any) -> str:
        return refused(cloud, arns, response(idp.sign(assertion(*arns, **more))))[0]

    assert ask(age=301) == "ExpiredTokenException"
    assert ask(age=-3600) == "InvalidIdentityToken"
    assert ask(issuer="https://other.example.com") == "InvalidIdentityToken"
    assert ask(recipient="https://example.com/saml") == "InvalidIdentityToken"
    assert ask(audience="https://example.com") == "InvalidIdentityToken"
    assert ask(Role="arn:aws:iam::123456789012:role/other,arn:aws:iam::123456789012:saml-provider/corp") == "AccessDenied"
    assert ask(RoleSessionName="no good") == "InvalidIdentityToken"
    assert ask(PrincipalTag__team="a") == "AccessDenied"                # the role does not allow sts:TagSession
    assert refused(cloud, arns, response(idp.sign(assertion(*arns)), status="Requester"))[0] == "IDPRejectedClaim"
    assert refused(cloud, (arns[0], arns[1] + "x"), response(idp.sign(assertion(*arns))))[0] == "AccessDenied"


def test_a_document_type_is_refused(cloud: Cloud, arns: tuple[str, str]) -> None:
    text = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
    with pytest.raises(ClientError) as problem:
        cloud.client("sts").assume_role_with_saml(RoleArn=arns[0], PrincipalArn=arns[1],
                                                  SAMLAssertion=base64.b64encode(text).decode())
    assert problem.value.response["Error"]["Code"] == "InvalidIdentityToken"


def encrypt(element: Any, key: rsa.RSAPublicKey, *, gcm: bool = False) -> Any:
    """An EncryptedAssertion as providers make them."""
    secret, nonce, text = os.urandom(32), os.urandom(12 if gcm else 16), etree.tostring(element)
    if gcm:
        sealed, algorithm = nonce + AESGCM(secret).encrypt(nonce, text, None), "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    else:
        padder = PKCS7(128).padder()
        filled = padder.update(text) + padder.finalize()
        maker = Cipher(algorithms.AES(secret), modes.CBC(nonce)).encryptor()
        sealed, algorithm = nonce + maker.update(filled), "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
    wrapped = key.encrypt(secret, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
    values = [base64.b64encode(v).decode() for v in (wrapped, sealed)]
    return etree.fromstring(
        f'<saml:EncryptedAssertion xmlns:saml="{SAML}:assertion" xmlns:x="http://www.w3.org/2001/04/xmlenc#"><x:EncryptedData>'
        f'<x:EncryptionMethod Algorithm="{algorithm}"/><d:KeyInfo xmlns:d="http://www.w3.org/2000/09/xmldsig#"><x:EncryptedKey>'
        f'<x:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><x:CipherData><x:CipherValue>{values[0]}'
        f"</x:CipherValue></x:CipherData></x:EncryptedKey></d:KeyInfo><x:CipherData><x:CipherValue>{values[1]}</x:CipherValue>"
        "</x:CipherData></x:EncryptedData></saml:EncryptedAssertion>")


def test_an_encrypted_assertion_is_opened_by_the_providers_key(cloud: Cloud, idp: Provider, arns: tuple[str, str]) -> None:
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signed = response(encrypt(idp.sign(assertion(*arns)), own.public_key()))
    assert refused(cloud, arns, signed)[0] == "InvalidIdentityToken"               # no key yet
    pem = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    iam = cloud.client("iam")
    iam.update_saml_provider(SAMLProviderArn=arns[1], AddPrivateKey=pem, AssertionEncryptionMode="Required")
    for gcm in (False, True):
        shell = encrypt(idp.sign(assertion(*arns)), own.public_key(), gcm=gcm)
        assert assume(cloud, arns, response(shell))["Subject"] == "ann"
        unsigned = encrypt(assertion(*arns), own.public_key(), gcm=gcm)
        assert assume(cloud, arns, idp.sign(response(unsigned)))["Subject"] == "ann"
        assert refused(cloud, arns, response(unsigned)) == ("InvalidIdentityToken", "Response signature invalid")
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(cloud, arns, response(encrypt(idp.sign(assertion(*arns)), other.public_key())))[0] == "InvalidIdentityToken"
    assert refused(cloud, arns, response(idp.sign(assertion(*arns))))[1] == "The assertion must be encrypted"
