"""Certificates from elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from conftest import Cloud
from services.acm.certificates import detail, issued
from services.sqs.queues import refused


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def signed(subject: str, public: Any, issuer: str, signer: Any, *, since: int = -1, days: int = 90, ca: bool = False,
           purposes: bool = True) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer)).public_key(public)
               .serial_number(x509.random_serial_number()).not_valid_before(now + timedelta(days=since))
               .not_valid_after(now + timedelta(days=since + days))
               .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
               .add_extension(x509.SubjectAlternativeName([x509.DNSName(subject), x509.DNSName("b.example.com")]), False))
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def key_pem(key: Any, passphrase: bytes = b"") -> bytes:
    how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(c.public_bytes(Encoding.PEM) for c in certificates)


KEY = ec.generate_private_key(ec.SECP256R1())
ROOT, MIDDLE = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


def chain() -> tuple[x509.Certificate, x509.Certificate, x509.Certificate]:
    return (signed("a.example.com", KEY.public_key(), "middle", MIDDLE),
            signed("middle", MIDDLE.public_key(), "root", ROOT, ca=True),
            signed("root", ROOT.public_key(), "root", ROOT, ca=True))


def test_an_import_is_told_and_given_back(acm: Any) -> None:
    leaf, middle, root = chain()
    arn = acm.import_certificate(Certificate=pem(leaf), PrivateKey=key_pem(KEY), CertificateChain=pem(middle, root),
                                 Tags=[{"Key": "a", "Value": "1"}])["CertificateArn"]
    told = detail(acm, arn)
    assert (told["Type"], told["Status"], told["DomainName"]) == ("IMPORTED", "ISSUED", "a.example.com")
    assert told["SubjectAlternativeNames"] == ["a.example.com", "b.example.com"]
    assert (told["Issuer"], told["KeyAlgorithm"], told["RenewalEligibility"]) == ("middle", "EC_prime256v1", "INELIGIBLE")
    assert told["ExtendedKeyUsages"] == [{"Name": "TLS_WEB_CLIENT_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.2"}]
    assert told["CertificateKeyPairOrigin"] == "CUSTOMER_PROVIDED"
    assert "ImportedAt" in told
    assert "IssuedAt" not in told
    answer = acm.get_certificate(CertificateArn=arn)
    assert answer["Certificate"].encode() == pem(leaf)
    assert answer["CertificateChain"].encode() == pem(middle, root)
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    with refused("ValidationException", "not exportable"):
        acm.export_certificate(CertificateArn=arn, Passphrase=b"secret")


def test_an_import_again_keeps_the_arn(cloud: Cloud, acm: Any) -> None:
    first = signed("a.example.com", KEY.public_key(), "a.example.com", KEY)
    arn = acm.import_certificate(Certificate=pem(first), PrivateKey=key_pem(KEY))["CertificateArn"]
    other = ec.generate_private_key(ec.SECP256R1())
    second = signed("c.example.com", other.public_key(), "c.example.com", other)
    again = {"CertificateArn": arn, "Certificate": pem(second), "PrivateKey": key_pem(other)}
    with refused("InvalidParameterException", "Tags"):
        acm.import_certificate(**again, Tags=[{"Key": "a"}])
    assert acm.import_certificate(**again)["CertificateArn"] == arn
    assert acm.get_certificate(CertificateArn=arn)["Certificate"].encode() == pem(second)
    assert detail(acm, arn)["DomainName"] == "c.example.com"
    bare = signed("c.example.com", other.public_key(), "c.example.com", other, purposes=False)
    with refused("ValidationException", "extended key usages"):
        acm.import_certificate(**again | {"Certificate": pem(bare)})
    big = rsa.generate_private_key(65537, 2048)
    with refused("ValidationException", "key type and size"):
        acm.import_certificate(CertificateArn=arn, PrivateKey=key_pem(big),
                               Certificate=pem(signed("c.example.com", big.public_key(), "c.example.com", big)))
    with refused("ValidationException", "not an imported"):
        acm.import_certificate(**again | {"CertificateArn": issued(cloud, acm)})
    with refused("ResourceNotFoundException", "Could not find certificate"):
        acm.import_certificate(**again | {"CertificateArn": arn[:-3] + "xyz"})
    assert acm.get_certificate(CertificateArn=arn)["Certificate"].encode() == pem(second)


def test_what_is_not_in_order_is_refused(acm: Any) -> None:
    leaf, middle, root = chain()
    other = ec.generate_private_key(ec.SECP256R1())
    small = ec.generate_private_key(ec.SECP256K1())
    good = {"Certificate": pem(leaf), "PrivateKey": key_pem(KEY), "CertificateChain": pem(middle, root)}
    for change, words in (
            ({"Certificate": pem(leaf, middle)}, "more than one certificate"),
            ({"Certificate": b"nothing"}, "The certificate is not a valid PEM"),
            ({"PrivateKey": key_pem(other)}, "does not match"),
            ({"PrivateKey": key_pem(KEY, b"secret")}, "encrypted"),
            ({"PrivateKey": b"nothing"}, "not a valid PEM-encoded private key"),
            ({"PrivateKey": key_pem(KEY) + b"\n" * 5200}, "5120"),
            ({"CertificateChain": pem(root, middle)}, "The index within the chain of the invalid certificate is: 0"),
            ({"CertificateChain": pem(middle, middle)}, "The index within the chain of the invalid certificate is: 1"),
            ({"CertificateChain": b"nothing"}, "chain is not a list"),
            ({"Certificate": pem(signed("a.example.com", KEY.public_key(), "middle", MIDDLE, since=-50, days=40))}, "expired"),
            ({"Certificate": pem(signed("a.example.com", KEY.public_key(), "middle", MIDDLE, since=2))}, "not valid yet"),
            ({"Certificate": pem(signed("k.example.com", small.public_key(), "middle", MIDDLE)), "PrivateKey": key_pem(small)},
             "not supported")):
        with refused("ValidationException", words):
            acm.import_certificate(**good | change)
    everything = {"keyTypes": ["EC_prime256v1"]}
    assert acm.list_certificates(Includes=everything)["CertificateSummaryList"] == []


def test_an_import_expires_by_the_clock(cloud: Cloud, acm: Any) -> None:
    leaf = signed("a.example.com", KEY.public_key(), "a.example.com", KEY, days=30)
    arn = acm.import_certificate(Certificate=pem(leaf), PrivateKey=key_pem(KEY))["CertificateArn"]
    cloud.clock.advance(28 * 86400)
    assert detail(acm, arn)["Status"] == "ISSUED"
    cloud.clock.advance(2 * 86400)
    assert detail(acm, arn)["Status"] == "EXPIRED"
