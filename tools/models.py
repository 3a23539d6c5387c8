"""What the models say of a service of this repository."""

from __future__ import annotations

import ast
from pathlib import Path

from cumulet.faces.models import model

# Errors that any AWS API may answer and no model lists.
COMMON_ERRORS = frozenset({
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InternalFailure",
    "InternalError", "InvalidAction", "InvalidClientTokenId", "InvalidParameterCombination", "InvalidParameterValue",
    "InvalidQueryParameter", "InvalidSignatureException", "MalformedQueryString", "MissingAction", "MissingAuthenticationToken",
    "MissingParameter", "NotImplemented", "OptInRequired", "RequestExpired", "SerializationException", "ServiceUnavailable",
    "SignatureDoesNotMatch", "Throttling", "ThrottlingException", "UnrecognizedClientException", "UnknownOperationException",
    "ValidationError", "ValidationException",
})


def apis(folder: str, root: Path) -> list[str]:
    """The models that a service folder serves, read from its declaration."""
    tree = ast.parse((root / "src" / "cumulet" / "services" / folder / "__init__.py").read_text())
    said = {k.arg: ast.literal_eval(k.value) for node in ast.walk(tree) if isinstance(node, ast.Call) for k in node.keywords}
    return [said["api"], *said.get("also", ())]


def modelled_errors(folder: str, root: Path) -> set[str] | None:
    """The names of all error shapes of a service's models; None when they name none, or when AWS names its errors in
    its documentation only (S3's model names 10 of some 90)."""
    if folder in ("s3", "s3control"):
        return None
    found = {name for api in apis(folder, root) for name, shape in model(api)["shapes"].items() if shape.get("exception")}
    return found or None
