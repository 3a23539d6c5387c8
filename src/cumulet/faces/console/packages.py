"""A function's code as the page shows and changes it: the texts of its package, and a package made of texts.

GetFunction gives no address of the package here, and a browser has no zip: both are done on this side.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping, Set
from typing import Any

from ...kernel.access.contract import Principal
from ...kernel.cloud import Cloud
from ...kernel.store.contract import Transaction
from .permitted import as_if

_LARGEST = 262_144               # bytes of a text that is shown
_MOST = 200                      # texts that are shown
_LARGEST_PACKAGE = 16 * 1_048_576
_WHEN = (1980, 1, 1, 0, 0, 0)    # of a new file: what is packed twice is the same


def read(cloud: Cloud, tx: Transaction, who: Principal, region: str, function: str, qualifier: str = "") -> bytes:
    """The package of a function or of one of its versions, for whoever may get it. Raises what Lambda would."""
    call = as_if(cloud, tx, who, region, "lambda", "GetFunction", {"FunctionName": function})
    from ...services.lambda_ import names
    from ...services.lambda_.resources import LATEST, Code

    name, number = names.split(call, function, qualifier)
    row = names.function(call, name)
    digest = row.code_sha256 if number in ("", LATEST) else names.version(call, name, number).code_sha256
    code = call.table(Code).get(name, digest)
    return b"" if code is None else code.package


def told(package: bytes) -> dict[str, Any]:
    """{"files": {name: text}, "others": [{"name", "size"}]}: others are not text, too large, or too many."""
    files: dict[str, str] = {}
    others: list[dict[str, Any]] = []
    with zipfile.ZipFile(io.BytesIO(package)) as packed:
        for entry in packed.infolist():
            text = None if entry.is_dir() or len(files) == _MOST else _text(packed, entry)
            if text is not None:
                files[entry.filename] = text
            elif not entry.is_dir():
                others.append({"name": entry.filename, "size": entry.file_size})
    return {"files": files, "others": others}


def made(files: Mapping[str, str], before: bytes) -> dict[str, Any]:
    """{"base64"}: a package of these texts, and of what the one before it has that is not shown as text."""
    if any(not name or name.startswith("/") or ".." in name.split("/") for name in files):
        raise ValueError("a file's name is a path within the package")
    kept = {entry["name"] for entry in told(before)["others"]} - files.keys() if before else frozenset()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        modes = _keep(packed, before, kept)
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = modes.get(name) or (0o755 if text.startswith("#!") else 0o644) << 16
            packed.writestr(entry, text)
    if out.tell() > _LARGEST_PACKAGE:
        raise ValueError(f"packages above {_LARGEST_PACKAGE} bytes are for the CLI or for S3")
    return {"base64": base64.b64encode(out.getvalue()).decode()}


def _keep(packed: zipfile.ZipFile, before: bytes, names: Set[str]) -> dict[str, int]:
    """Copy what is kept; who may run what, of all that was there."""
    if not before:
        return {}
    with zipfile.ZipFile(io.BytesIO(before)) as old:
        for entry in old.infolist():
            if entry.filename in names:
                packed.writestr(entry, old.read(entry))
        return {entry.filename: entry.external_attr for entry in old.infolist()}


def _text(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str | None:
    if entry.file_size > _LARGEST:
        return None
    try:
        text = packed.read(entry).decode()
    except (UnicodeDecodeError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return None                      # no text, or packed in a way that is not read here
    return None if "\0" in text else text
