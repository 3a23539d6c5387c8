"""Both providers are there, and their roles trust no more than they should."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong


def _trust(room: Room, role: str) -> list[dict[str, Any]]:
    said = room.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    statements = (json.loads(said) if isinstance(said, str) else said)["Statement"]
    return statements if isinstance(statements, list) else [statements]


def _trusted(room: Room, role: str, action: str, provider: str) -> dict[str, dict[str, Any]]:
    """The condition under which a role trusts a provider."""
    for statement in _trust(room, role):
        if statement["Action"] == action and statement["Principal"].get("Federated") == provider:
            return dict(statement.get("Condition") or {})
    raise Wrong(f"{role} does not trust {provider} for {action}")


def oidc(room: Room) -> None:
    """Trusts one subject."""
    iam = room.client("iam")
    arn = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"][0]["Arn"]
    conditions = _trusted(room, "robot", "sts:AssumeRoleWithWebIdentity", arn)
    values = {key: value for block in conditions.values() for key, value in block.items()}
    if not any(key.endswith(":sub") and value in ("repo:shop/main", ["repo:shop/main"]) for key, value in values.items()):
        raise Wrong("robot trusts every subject of the issuer")
    found = iam.simulate_principal_policy(PolicySourceArn=iam.get_role(RoleName="robot")["Role"]["Arn"],
                                          ActionNames=["s3:ListAllMyBuckets"])
    if found["EvaluationResults"][0]["EvalDecision"] != "allowed":
        raise Wrong("robot may not list buckets")


def saml(room: Room) -> None:
    """Trusts the company for AWS's audience."""
    arn = f"arn:aws:iam::{room.account}:saml-provider/company"
    room.client("iam").get_saml_provider(SAMLProviderArn=arn)
    conditions = _trusted(room, "staff", "sts:AssumeRoleWithSAML", arn)
    if "SAML:aud" not in {key for block in conditions.values() for key in block}:
        raise Wrong("staff takes assertions for any audience")
