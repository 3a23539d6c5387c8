"""Client certificates, as API Gateway makes them: its own, for a year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cumulet.kernel import Call

SECONDS = 365 * 86_400


def made(call: Call) -> str:
    """A new certificate, in PEM. Its key is thrown away: nothing here asks for the client's certificate yet."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "US"), x509.NameAttribute(NameOID.COMMON_NAME, "ApiGateway")])
    start = datetime.fromtimestamp(int(call.now), UTC)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(int(call.token(30), 16)).not_valid_before(start)
                   .not_valid_after(start + timedelta(seconds=SECONDS)).sign(key, hashes.SHA256()))
    return certificate.public_bytes(Encoding.PEM).decode()
