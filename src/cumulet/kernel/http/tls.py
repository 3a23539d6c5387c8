"""TLS for any name: a certificate authority of this installation's own, and certificates made when a client asks for a name.

Trust `<folder>/tls/ca.pem` (AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE) and every host name that leads here is served.
Certificates are good by the wall clock: clients check them against theirs, and know nothing of the cloud's.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import os
import re
import ssl
import tempfile
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}", re.I)
_NAMES = ("localhost", "*.localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud", "127.0.0.1", "::1")
_KEPT = 512                          # contexts of names, the least recently asked for go first
_DAY = datetime.timedelta(days=1)
_AUTHORITY_DAYS, _LEAF_DAYS, _RENEWED = 3650, 397, 30


class TlsSettings(NamedTuple):
    """folder: where the authority is kept, in a folder `tls` of its own."""

    folder: str


class Authority:
    """The certificate authority. Made on first use, then read from its folder."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "tls")
        self._contexts: OrderedDict[str, tuple[ssl.SSLContext, datetime.datetime]] = OrderedDict()
        self._key: EllipticCurvePrivateKey | None = None
        self._certificate: x509.Certificate | None = None
        self._making = asyncio.Lock()
        self._server: ssl.SSLContext | None = None

    @property
    def file(self) -> str:
        """The certificate for clients to trust."""
        return os.path.join(self._folder, "ca.pem")

    async def context(self) -> ssl.SSLContext:
        """For the server's side of a handshake; the name that the client asks for chooses the certificate."""
        if self._server is None:
            async with self._making:
                if self._server is None:
                    self._server = await asyncio.to_thread(self._first)
        return self._server

    def open(self) -> None:
        """Read the authority, or make it. Both key and certificate come into being by one rename or not at all."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        whole = os.path.join(self._folder, "authority.pem")
        if not os.path.exists(whole):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            _write(whole, _new_authority(), exclusive=True)
        with open(whole, "rb") as f:
            pem = f.read()
        key = load_pem_private_key(pem, None)
        self._key = key                                  # type: ignore[assignment]
        self._certificate = x509.load_pem_x509_certificate(pem)
        public = pem[pem.index(b"-----BEGIN CERTIFICATE"):]
        if not os.path.exists(self.file):
            _write(self.file, public, exclusive=False)

    def pair(self) -> tuple[EllipticCurvePrivateKey, x509.Certificate]:
        """The authority's key and certificate, for a service that issues certificates."""
        if self._key is None or self._certificate is None:
            self.open()
        assert self._key is not None
        assert self._certificate is not None
        return self._key, self._certificate

    def _first(self) -> ssl.SSLContext:
        self.open()
        context = self._make("")
        context.sni_callback = self._named
        return context

    def _named(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        """What the TLS library calls with the name that a client asks for."""
        if name is not None:
            if not _NAME.fullmatch(name):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            connection.context = self.context_of(name.lower())
        return None

    def context_of(self, name: str) -> ssl.SSLContext:
        """The context with a name's certificate."""
        now = datetime.datetime.now(datetime.UTC)
        found = self._contexts.get(name)
        if found is not None and found[1] > now:
            self._contexts.move_to_end(name)
            return found[0]
        context = self._make(name)
        self._contexts[name] = context, now + (_LEAF_DAYS - _RENEWED) * _DAY
        if len(self._contexts) > _KEPT:
            self._contexts.popitem(last=False)
        return context

    def _make(self, name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1", "h2"])   # by preference: HTTP/2 is for those that speak nothing else
        # The ssl module reads certificates from files only.
        handle, path = tempfile.mkstemp(dir=self._folder, suffix=".pem")
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(self._leaf(name))
            context.load_cert_chain(path)
        finally:
            os.unlink(path)
        return context

    def _leaf(self, name: str) -> bytes:
        """Key and certificate of a name, or of the names of this machine."""
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import Encoding
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

        assert self._key is not None
        assert self._certificate is not None
        key = ec.generate_private_key(ec.SECP256R1())
        names = (name,) if name else _NAMES
        common = [x509.NameAttribute(NameOID.COMMON_NAME, names[0])] if len(names[0]) <= 64 else []
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(common)).issuer_name(self._certificate.subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - _DAY).not_valid_after(now + _LEAF_DAYS * _DAY)
            .add_extension(x509.SubjectAlternativeName([_general(n) for n in names]), critical=not common)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, SHA256()))
        return _private(key) + certificate.public_bytes(Encoding.PEM) + self._certificate.public_bytes(Encoding.PEM)


def _new_authority() -> bytes:
    """Key and certificate of a new authority, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"cumulet local CA {now:%Y-%m-%d}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY).not_valid_after(now + _AUTHORITY_DAYS * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256()))
    return _private(key) + certificate.public_bytes(Encoding.PEM)


def _usage(signs_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False)


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: str, data: bytes, exclusive: bool) -> None:
    """Write a file so that it is there whole or not at all. exclusive: one that another process made meanwhile stays."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        if not exclusive:
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
