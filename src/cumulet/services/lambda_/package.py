"""Deployment packages: where they come from, whether they are zips, how large, and which hash."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from collections.abc import Mapping
from typing import Any

from cumulet.drivers.functions import folders
from cumulet.kernel import Call, error

HOT_RELOAD = "hot-reload"             # the bucket whose keys are folders
ZIPPED, UNZIPPED = 52_428_800, 262_144_000


def sha256(package: bytes) -> str:
    """As CodeSha256 tells it: base64."""
    return base64.b64encode(hashlib.sha256(package).digest()).decode()


def fault(package: bytes, direct: bool) -> str:
    """What is wrong with a package, in AWS's words; "" when nothing is. direct: sent in the request, not from S3."""
    if direct and len(package) > ZIPPED:
        return f"Request must be smaller than {ZIPPED + 16_984_064} bytes for the CreateFunction operation"
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as z:
            size = sum(entry.file_size for entry in z.infolist())
    except (zipfile.BadZipFile, NotImplementedError):
        return "Could not unzip uploaded file. Please check your file, then try to upload again."
    if not package:
        return "Uploaded file must be a non-empty zip"
    return f"Unzipped size must be smaller than {UNZIPPED} bytes" if size > UNZIPPED else ""


def folder(call: Call, code: Mapping[str, Any]) -> str:
    """The folder of this machine that a request names instead of a package; "" for none. An absolute path is no key that
    anybody would give a package, so that the bucket of this name may be there for others."""
    if code.get("S3Bucket") != HOT_RELOAD or not os.path.isabs(code.get("S3Key", "")):
        return ""
    try:
        return folders.allowed(call.cloud.settings.hot_reload, code["S3Key"])
    except ValueError as problem:
        raise error.InvalidParameterValueException(str(problem)) from None


def fetched(call: Call, code: Mapping[str, Any]) -> tuple[bytes, bool]:
    """The package that a request brings or names, and whether it came with the request."""
    package = code.get("ZipFile")
    if package is not None:
        return package, True
    if "S3Bucket" not in code or "S3Key" not in code:
        raise error.InvalidParameterValueException("Please provide a source for function code.")
    found = call.aws.s3.get_object(Bucket=code["S3Bucket"], Key=code["S3Key"], VersionId=code.get("S3ObjectVersion"))
    return call.read(found["Body"]), False
