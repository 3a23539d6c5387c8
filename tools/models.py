"""botocore's models, as far as the tools of this repository need them."""

from __future__ import annotations

import ast
import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

# Errors that any AWS API may answer and no model lists.
COMMON_ERRORS = frozenset({
    "AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "IncompleteSignature", "InternalFailure",
    "InternalError", "InvalidAction", "InvalidClientTokenId", "InvalidParameterCombination", "InvalidParameterValue",
    "InvalidQueryParameter", "InvalidSignatureException", "MalformedQueryString", "MissingAction", "MissingAuthenticationToken",
    "MissingParameter", "NotImplemented", "OptInRequired", "RequestExpired", "SerializationException", "ServiceUnavailable",
    "SignatureDoesNotMatch", "Throttling", "ThrottlingException", "UnrecognizedClientException", "UnknownOperationException",
    "ValidationError", "ValidationException",
})


def data_folder() -> Path:
    """Where botocore keeps its data files."""
    spec = importlib.util.find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


@cache
def model(api: str) -> dict[str, Any]:
    """The newest service model of an API, as it stands in botocore's file."""
    versions = sorted(p for p in (data_folder() / api).iterdir() if p.is_dir())
    plain = versions[-1] / "service-2.json"
    if plain.exists():
        return dict(json.loads(plain.read_text()))
    with gzip.open(f"{plain}.gz") as f:
        return dict(json.load(f))


def apis(folder: str, root: Path) -> list[str]:
    """The models that a service folder serves, read from its declaration."""
    tree = ast.parse((root / "src" / "cumulet" / "services" / folder / "__init__.py").read_text())
    said = {k.arg: ast.literal_eval(k.value) for node in ast.walk(tree) if isinstance(node, ast.Call) for k in node.keywords}
    return [said["api"], *said.get("also", ())]


def modelled_errors(folder: str, root: Path) -> set[str] | None:
    """The names of all error shapes of a service's models; None when they name none, or when botocore knows its
    errors from documentation only (S3's model names 10 of some 90)."""
    if folder in ("s3", "s3control"):
        return None
    found = {name for api in apis(folder, root) for name, shape in model(api)["shapes"].items() if shape.get("exception")}
    return found or None
