"""Roles by tokens of an OpenID Connect issuer, which runs beside the test and is asked for its keys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from conftest import Cloud


class Issuer:
    """An issuer on loopback: its discovery document, its keys, its tokens."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.ec = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"})
        self.pages: dict[str, Any] = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = pages.get(self.path)
                self.send_response(200 if page else 404)
                self.end_headers()
                self.wfile.write(json.dumps(page or {}).encode())

            def log_message(self, *args: Any) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.name = f"127.0.0.1:{self.server.server_address[1]}/realm"
        self.url = "http://" + self.name
        self.pages["/realm/.well-known/openid-configuration"] = {"issuer": self.url, "jwks_uri": self.url + "/keys"}
        self.pages["/realm/keys"] = KeySet([self.key, self.ec]).as_dict(private=False)

    def token(self, key: Any = None, alg: str = "RS256", **claims: Any) -> str:
        key = key or self.key
        now = int(time.time())
        said = {"iss": self.url, "sub": "system:pod:a", "aud": "sts.amazonaws.com", "iat": now, "exp": now + 600, **claims}
        return str(jwt.encode({"alg": alg, "kid": key.kid}, said, key, algorithms=[alg]))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def role(cloud: Cloud, issuer: Issuer) -> str:
    iam = cloud.client("iam")
    arn = iam.create_open_id_connect_provider(Url=f"https://{issuer.name}", ClientIDList=["sts.amazonaws.com"])[
        "OpenIDConnectProviderArn"]
    condition = {"StringEquals": {f"{issuer.name}:sub": "system:pod:a", f"{issuer.name}:aud": "sts.amazonaws.com"}}
    return make(cloud, "r", trust(arn, Condition=condition))


def trust(provider: str, **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity", **more}]})


def make(cloud: Cloud, name: str, document: str) -> str:
    return str(cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])


def assume(cloud: Cloud, role: str, token: str, **more: Any) -> dict[str, Any]:
    """Unsigned, as programs in clusters ask."""
    client = cloud.client("sts", config=Config(signature_version=UNSIGNED))
    return dict(client.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod", WebIdentityToken=token, **more))


def refused(cloud: Cloud, role: str, token: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        assume(cloud, role, token, **more)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


def test_a_token_of_a_known_issuer_makes_a_session(cloud: Cloud, issuer: Issuer, role: str) -> None:
    told = assume(cloud, role, issuer.token())
    assert (told["SubjectFromWebIdentityToken"], told["Audience"], told["Provider"]) == \
        ("system:pod:a", "sts.amazonaws.com", issuer.url)
    given = told["Credentials"]
    session = cloud.client("sts", key=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
    assert session.get_caller_identity()["Arn"] == f"arn:aws:sts::{cloud.account}:assumed-role/r/pod"
    assert assume(cloud, role, issuer.token(issuer.ec, "ES256", aud=["other", "sts.amazonaws.com"]))["Credentials"]


def test_only_whom_the_role_trusts(cloud: Cloud, issuer: Issuer, role: str) -> None:
    assert refused(cloud, role, issuer.token(sub="system:pod:b")) == \
        ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    assert refused(cloud, role + "x", issuer.token())[0] == "AccessDenied"
    other = make(cloud, "other", trust(f"arn:aws:iam::{cloud.account}:oidc-provider/example.com"))
    assert refused(cloud, other, issuer.token())[0] == "AccessDenied"
    nobody = make(cloud, "nobody", json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "sts:AssumeRole"}]}))
    assert refused(cloud, nobody, issuer.token())[0] == "AccessDenied"


def test_tokens_that_are_not_believed(cloud: Cloud, issuer: Issuer, role: str) -> None:
    now = int(time.time())
    assert refused(cloud, role, issuer.token(exp=now - 1))[0] == "ExpiredTokenException"
    assert refused(cloud, role, issuer.token(aud="somebody"))[1] == "Incorrect token audience"
    stranger = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
    unknown = RSAKey.generate_key(2048, {"kid": "three", "use": "sig"})
    for token in (issuer.token(stranger), issuer.token(unknown), issuer.token()[:-6] + "AAAAAA", "a.b.c", "nonsense",
                  issuer.token(nbf=now + 3600)):
        assert refused(cloud, role, token)[0] == "InvalidIdentityToken"
    head, claims, _ = issuer.token().split(".")
    assert refused(cloud, role, f"{head}.{claims}.")[0] == "InvalidIdentityToken"
    assert refused(cloud, role, issuer.token(iss="http://127.0.0.1:1/none"))[1].startswith("No OpenIDConnect provider found")
    for odd in ("http://example.com", "https://[", "https://"):
        assert refused(cloud, role, issuer.token(iss=odd))[0] == "InvalidIdentityToken"


def test_an_issuer_that_does_not_answer(cloud: Cloud, issuer: Issuer, role: str) -> None:
    discovery = "/realm/.well-known/openid-configuration"
    was = issuer.pages[discovery]
    issuer.pages[discovery] = {**was, "jwks_uri": "https://["}
    assert refused(cloud, role, issuer.token())[0] == "InvalidIdentityToken"
    issuer.pages[discovery] = {**was, "issuer": "https://example.com"}
    assert refused(cloud, role, issuer.token())[0] == "InvalidIdentityToken"
    del issuer.pages[discovery]
    assert refused(cloud, role, issuer.token())[0] == "IDPCommunicationError"


def test_tags_and_source_identity_of_a_token_need_to_be_allowed(cloud: Cloud, issuer: Issuer, role: str) -> None:
    claims = {"https://aws.amazon.com/tags": {"principal_tags": {"team": ["a"]}, "transitive_tag_keys": ["team"]},
              "https://aws.amazon.com/source_identity": "ann"}
    assert refused(cloud, role, issuer.token(**claims))[1] == "Not authorized to perform sts:TagSession"
    document = json.loads(trust(f"arn:aws:iam::{cloud.account}:oidc-provider/{issuer.name}"))
    document["Statement"][0]["Action"] = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:RequestTag/team": "a"}}
    tagged = make(cloud, "tagged", json.dumps(document))
    told = assume(cloud, tagged, issuer.token(**claims))
    assert told["SourceIdentity"] == "ann"
    assert told["PackedPolicySize"] == 1


def test_durations_and_policies(cloud: Cloud, issuer: Issuer, role: str) -> None:
    assert refused(cloud, role, issuer.token(), DurationSeconds=3601)[0] == "ValidationError"
    assert refused(cloud, role, issuer.token(), Policy="{")[0] == "MalformedPolicyDocument"
    read_only = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
    told = assume(cloud, role, issuer.token(), PolicyArns=read_only, Policy=nothing, DurationSeconds=900)
    assert told["PackedPolicySize"] > 0
    assert 890 < told["Credentials"]["Expiration"].timestamp() - time.time() < 910
