"""/aws/reference/secretsmanager/NAME: a secret of Secrets Manager, told as a parameter."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import AwsError, Call, error

from .names import invalid

PREFIX = "/aws/reference/secretsmanager/"


def tell(call: Call, text: str, plain: bool) -> dict[str, Any]:
    """The secret behind a reference; its selector is a version's id or a staging label."""
    if not plain:
        raise invalid("WithDecryption flag must be True for retrieving a Secret Manager secret.")
    name, colon, selector = text.removeprefix(PREFIX).partition(":")
    chosen: dict[str, str] = {}
    if colon:
        chosen = {"VersionId": selector} if len(selector) >= 32 else {"VersionStage": selector}
    try:
        secret = call.aws.secretsmanager.get_secret_value(SecretId=name, **chosen)
    except AwsError as problem:
        if problem.code == "ResourceNotFoundException":
            raise error.ParameterNotFound(f"An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret "
                                          f"{PREFIX}{name} not found.") from None
        raise
    source = {"ARN": secret["ARN"], "name": secret["Name"], "versionId": secret["VersionId"],
              "versionStages": secret["VersionStages"], "createdDate": secret["CreatedDate"]}
    if "SecretString" not in secret:
        raise invalid("A secret with a binary value can't be told as a parameter.")
    return {"Name": PREFIX + name, "Type": "SecureString", "Value": secret["SecretString"], "Version": 0,
            "SourceResult": json.dumps(source), "LastModifiedDate": secret["CreatedDate"], "ARN": secret["ARN"],
            "DataType": "text"} | ({"Selector": colon + selector} if colon else {})
