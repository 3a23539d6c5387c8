"""A Lambda authorizer: who knows the word may come in."""

from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The policy that lets the caller call this method, or not."""
    effect = "Allow" if event["authorizationToken"] == "open sesame" else "Deny"
    return {"principalId": "guest", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]}}
