"""An issuer and an identity provider of our own: their keys, a token and an assertion, and what each is good for."""

import base64
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from lxml import etree
from signxml import XMLSigner, methods

from cumulet.faces.labs.room import Key, Room

AUDIENCE = "https://signin.aws.amazon.com/saml"
SAML = "urn:oasis:names:tc:SAML:2.0"


def solve(room: Room) -> None:
    """OpenID Connect, then SAML."""
    with_web_identity(room)
    with_saml(room)


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def with_web_identity(room: Room) -> None:
    """A token of the right subject becomes the robot; another subject does not, and neither does a token of another key."""
    key, pages = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}), {}

    class Issuer(BaseHTTPRequestHandler):
        """Answers its two pages."""

        def do_GET(self) -> None:
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(json.dumps(pages.get(self.path, {})).encode())

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        host = f"127.0.0.1:{server.server_address[1]}"
        pages["/.well-known/openid-configuration"] = {"issuer": f"http://{host}", "jwks_uri": f"http://{host}/keys"}
        pages["/keys"] = KeySet([key]).as_dict(private=False)
        iam = room.client("iam")
        provider = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["sts.amazonaws.com"])
        role = iam.create_role(RoleName="robot", AssumeRolePolicyDocument=policy(
            Principal={"Federated": provider["OpenIDConnectProviderArn"]}, Action="sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {f"{host}:sub": "repo:shop/main", f"{host}:aud": "sts.amazonaws.com"}}))["Role"]["Arn"]
        iam.put_role_policy(RoleName="robot", PolicyName="list",
                            PolicyDocument=policy(Action="s3:ListAllMyBuckets", Resource="*"))

        def token(subject: str, signer: Any = key) -> str:
            now = int(time.time())
            claims = {"iss": f"http://{host}", "sub": subject, "aud": "sts.amazonaws.com", "iat": now, "exp": now + 600}
            return str(jwt.encode({"alg": "RS256", "kid": "one"}, claims, signer))

        ask = room.client("sts").assume_role_with_web_identity
        given = ask(RoleArn=role, RoleSessionName="build", WebIdentityToken=token("repo:shop/main"))["Credentials"]
        room.client("s3", Key.of(given)).list_buckets()
        room.refused("AccessDenied", ask, RoleArn=role, RoleSessionName="build", WebIdentityToken=token("repo:evil/main"))
        forged = token("repo:shop/main", RSAKey.generate_key(2048, {"kid": "one"}))
        room.refused("InvalidIdentityToken", ask, RoleArn=role, RoleSessionName="build", WebIdentityToken=forged)
    finally:
        server.shutdown()
        server.server_close()


def with_saml(room: Room) -> None:
    """A signed assertion becomes a member of the staff; one that was changed afterwards does not."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "company")]), datetime.now(UTC)
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(
        1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(365)).sign(key, hashes.SHA256())
    iam = room.client("iam")
    provider = iam.create_saml_provider(Name="company", SAMLMetadataDocument=metadata(certificate))["SAMLProviderArn"]
    role = iam.create_role(RoleName="staff", AssumeRolePolicyDocument=policy(
        Principal={"Federated": provider}, Action="sts:AssumeRoleWithSAML",
        Condition={"StringEquals": {"SAML:aud": AUDIENCE}}))["Role"]["Arn"]
    signed = XMLSigner(methods.enveloped, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#").sign(
        assertion(role, provider), key=key, cert=[certificate], reference_uri="_a1")
    text = (f'<samlp:Response xmlns:samlp="{SAML}:protocol" ID="_r1" Version="2.0" Destination="{AUDIENCE}" IssueInstant="'
            f'{now:%Y-%m-%dT%H:%M:%SZ}"><samlp:Status><samlp:StatusCode Value="{SAML}:status:Success"/></samlp:Status>'
            f"{etree.tostring(signed).decode()}</samlp:Response>")
    ask = room.client("sts").assume_role_with_saml
    ask(RoleArn=role, PrincipalArn=provider, SAMLAssertion=base64.b64encode(text.encode()).decode())
    changed = text.replace("ann@example.com", "eve@example.com")
    room.refused("InvalidIdentityToken", ask, RoleArn=role, PrincipalArn=provider,
                 SAMLAssertion=base64.b64encode(changed.encode()).decode())


def metadata(certificate: x509.Certificate) -> str:
    """What the company's identity provider tells of itself."""
    der = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return (f'<EntityDescriptor xmlns="{SAML}:metadata" entityID="https://company.example/idp"><IDPSSODescriptor '
            f'protocolSupportEnumeration="{SAML}:protocol"><KeyDescriptor use="signing"><KeyInfo '
            f'xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{der}</X509Certificate></X509Data></KeyInfo>'
            f'</KeyDescriptor><SingleSignOnService Binding="{SAML}:bindings:HTTP-Redirect" '
            'Location="https://company.example/sso"/></IDPSSODescriptor></EntityDescriptor>').ljust(1000)


def assertion(role: str, provider: str) -> Any:
    """What it says of ann, not signed yet."""
    now = datetime.now(UTC)
    at, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (now, now + timedelta(minutes=5)))
    attributes = {"Role": f"{role},{provider}", "RoleSessionName": "ann@example.com"}
    told = "".join(f'<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}"><saml:AttributeValue>{value}'
                   "</saml:AttributeValue></saml:Attribute>" for name, value in attributes.items())
    return etree.fromstring(
        f'<saml:Assertion xmlns:saml="{SAML}:assertion" ID="_a1" Version="2.0" IssueInstant="{at}">'
        "<saml:Issuer>https://company.example/idp</saml:Issuer>"
        f'<saml:Subject><saml:NameID Format="{SAML}:nameid-format:persistent">ann</saml:NameID>'
        f'<saml:SubjectConfirmation Method="{SAML}:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{end}" '
        f'Recipient="{AUDIENCE}"/></saml:SubjectConfirmation></saml:Subject>'
        f'<saml:Conditions NotBefore="{at}" NotOnOrAfter="{end}"><saml:AudienceRestriction><saml:Audience>'
        f"{AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        f"<saml:AttributeStatement>{told}</saml:AttributeStatement></saml:Assertion>")
