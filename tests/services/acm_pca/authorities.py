"""What several tests of AWS Private CA need: authorities that work, requests, and chains that OpenSSL verifies."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from conftest import Cloud

TEMPLATE = "arn:aws:acm-pca:::template/"
KEY = ec.generate_private_key(ec.SECP256R1())


def create(cloud: Cloud, pca: Any, kind: str = "ROOT", name: str = "Example Root", key: str = "EC_prime256v1",
           signing: str = "SHA256WITHECDSA", **more: Any) -> str:
    """One that waits for its certificate."""
    arn = pca.create_certificate_authority(
        CertificateAuthorityType=kind, CertificateAuthorityConfiguration={
            "KeyAlgorithm": key, "SigningAlgorithm": signing, "Subject": {"CommonName": name, "Organization": "Example"}},
        **more)["CertificateAuthorityArn"]
    cloud.clock.idle()
    assert describe(pca, arn)["Status"] == "PENDING_CERTIFICATE"
    return str(arn)


def describe(pca: Any, arn: str) -> dict[str, Any]:
    return dict(pca.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"])


def root(cloud: Cloud, pca: Any, years: int = 10, signing: str = "SHA256WITHECDSA", **more: Any) -> str:
    """An active root."""
    arn = create(cloud, pca, signing=signing, **more)
    install(cloud, pca, arn, arn, "RootCACertificate/V1", years, signing)
    return arn


def subordinate(cloud: Cloud, pca: Any, above: str, depth: int = 0, years: int = 5, **more: Any) -> str:
    """An active subordinate of this one."""
    arn = create(cloud, pca, "SUBORDINATE", "Example Subordinate", **more)
    install(cloud, pca, arn, above, f"SubordinateCACertificate_PathLen{depth}/V1", years, "SHA256WITHECDSA")
    return arn


def install(cloud: Cloud, pca: Any, arn: str, issuer: str, template: str, years: int, signing: str) -> None:
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
    answer = issue(cloud, pca, issuer, csr, template, {"Type": "YEARS", "Value": years}, SigningAlgorithm=signing)
    chain = {"CertificateChain": answer["CertificateChain"].encode()} if "CertificateChain" in answer else {}
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=answer["Certificate"].encode(), **chain)
    assert describe(pca, arn)["Status"] == "ACTIVE"


def issue(cloud: Cloud, pca: Any, authority: str, csr: bytes, template: str = "", validity: dict[str, Any] | None = None,
          **more: Any) -> dict[str, Any]:
    """GetCertificate's answer, and the ARN."""
    members: dict[str, Any] = {"SigningAlgorithm": "SHA256WITHECDSA", "Validity": validity or {"Type": "DAYS", "Value": 30}}
    if template:
        members["TemplateArn"] = TEMPLATE + template
    arn = pca.issue_certificate(CertificateAuthorityArn=authority, Csr=csr, **members | more)["CertificateArn"]
    cloud.clock.idle()
    return {**pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn), "Arn": arn}


def request(name: str = "www.example.com", *extensions: tuple[Any, bool], key: Any = KEY) -> bytes:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def parse(answer: dict[str, Any]) -> x509.Certificate:
    return x509.load_pem_x509_certificate(answer["Certificate"].encode())


def extension(certificate: x509.Certificate, kind: Any) -> Any:
    return certificate.extensions.get_extension_for_class(kind).value


def openssl(*arguments: str | Path) -> str:
    ran = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return ran.stdout


def verified(folder: Path, answer: dict[str, Any], *more: str) -> None:
    """OpenSSL finds the way from a certificate to its root."""
    chain = x509.load_pem_x509_certificates(answer["CertificateChain"].encode())
    (folder / "root.pem").write_bytes(chain[-1].public_bytes(Encoding.PEM))
    (folder / "between.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    (folder / "leaf.pem").write_text(answer["Certificate"])
    assert "OK" in openssl("verify", *more, "-x509_strict", "-CAfile", folder / "root.pem", "-untrusted",
                           folder / "between.pem", folder / "leaf.pem")
