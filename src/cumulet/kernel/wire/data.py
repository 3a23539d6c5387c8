"""botocore's data files, read without botocore: where they are, which version, and slim copies of them in a cache folder.

A slim model is the newest `service-2.json` without its documentation: a tenth of the memory, and quick to load.
"""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import os
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import orjson

FORMAT = 9                             # of the cached files; raise it when their form changes
_DROPPED = frozenset({"documentation", "documentationUrl", "examples", "smithy.rules#contextParam", "contextParam",
                      "deprecatedMessage", "deprecatedSince", "operationContextParams", "staticContextParams"})


@cache
def home() -> Path:
    """botocore's folder."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:
        raise RuntimeError("botocore is not installed: cumulet reads AWS's models from it")
    return Path(spec.origin).parent


@cache
def version() -> str:
    """botocore's version, without importing it."""
    with open(home() / "__init__.py", encoding="utf-8") as file:
        found = re.search(r"__version__ = '([^']+)'", file.read(4096))
    return found[1] if found else "unknown"


def services() -> list[str]:
    """All services that have a model."""
    data = home() / "data"
    return sorted(entry.name for entry in os.scandir(data) if entry.is_dir() and newest(entry.name))


def newest(service: str) -> str:
    """The newest API version of a service, or ""."""
    try:
        versions = sorted(os.listdir(home() / "data" / service), reverse=True)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return next((v for v in versions if _file(service, v, "service-2").exists()), "")


def _file(service: str, api_version: str, kind: str) -> Path:
    plain = home() / "data" / service / api_version / f"{kind}.json"
    return plain if plain.exists() else plain.with_name(f"{kind}.json.gz")


def file_of(service: str) -> Path:
    """The file of a service's newest model."""
    return _file(service, newest(service), "service-2")


def read(service: str, kind: str) -> Any:
    """One data file of a service's newest version; None when there is none."""
    try:
        raw = _file(service, newest(service), kind).read_bytes()
    except FileNotFoundError:
        return None
    return orjson.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)


def slim_model(service: str) -> Any:
    """A service's model without documentation; from the cache when it is there. None when there is no such service."""
    if not re.fullmatch(r"[a-z0-9-]+", service):
        return None
    kept = load(f"{service}.json")
    if kept is None:
        kept = read(service, "service-2")
        if kept is not None:
            kept = slim(_extended(service, kept))
            save(f"{service}.json", kept)
    return kept


def _extended(service: str, model: Any) -> Any:
    """The model with the members that botocore adds. (S3's addition is none: it makes a text, `Expires`, a timestamp.)"""
    extras = None if service == "s3" else read(service, "service-2.sdk-extras")
    for name, more in (extras or {}).get("merge", {}).get("shapes", {}).items():
        shape = model["shapes"].setdefault(name, {})
        for trait, value in more.items():
            shape[trait] = {**shape.get(trait, {}), **value} if isinstance(value, dict) else value
    return model


def slim(model: Any) -> Any:
    """The same model without what only people read."""
    return {
        "metadata": model["metadata"],
        "operations": {name: _without(operation) for name, operation in model["operations"].items()},
        "shapes": {name: _slim_shape(shape) for name, shape in model["shapes"].items()},
    }


def _without(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: _without(v) if k in ("input", "output", "member", "key", "value") else v
            for k, v in entry.items() if k not in _DROPPED}


def _slim_shape(shape: dict[str, Any]) -> dict[str, Any]:
    kept = _without(shape)
    if "members" in kept:
        kept["members"] = {name: _without(member) for name, member in kept["members"].items()}
    return kept


def paginators(service: str) -> dict[str, Any]:
    """Operation → paginator, with the additions that botocore merges into them."""
    found = dict((read(service, "paginators-1") or {}).get("pagination", {}))
    extras = read(service, "paginators-1.sdk-extras") or {}
    for name, more in extras.get("merge", {}).get("pagination", {}).items():
        found[name] = {**found.get(name, {}), **more}
    return found


# --- the cache folder -------------------------------------------------------------------------------------------------


@cache
def cache_folder() -> Path | None:
    """Where slim models are kept for this version of botocore; None when nothing can be written there."""
    root = os.environ.get("CUMULET_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cumulet")
    folder = Path(root) / f"botocore-{version()}-{FORMAT}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


def load(name: str) -> Any:
    """A cached file; None when it is not there or not whole."""
    folder = cache_folder()
    if folder is None:
        return None
    try:
        return orjson.loads((folder / name).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None


def save(name: str, content: Any) -> None:
    """Cache a file; a reader sees all of it or none. A folder that cannot be written is no error."""
    folder = cache_folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(orjson.dumps(content))
            os.replace(path, folder / name)
        except OSError:
            os.unlink(path)
