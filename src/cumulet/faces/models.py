"""botocore's models with their documentation, for tools and people; the server reads its own compiled form."""

from __future__ import annotations

import gzip
import html
import importlib.util
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any


def data_folder() -> Path:
    """Where botocore keeps its data files."""
    spec = importlib.util.find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def names() -> list[str]:
    """All models that botocore ships."""
    return sorted(p.name for p in data_folder().iterdir() if p.is_dir() and any(p.glob("*/service-2.json*")))


@lru_cache(maxsize=32)
def model(api: str) -> dict[str, Any]:
    """The newest service model of an API, as it stands in botocore's file."""
    versions = sorted(p for p in (data_folder() / api).iterdir() if p.is_dir())
    plain = versions[-1] / "service-2.json"
    if plain.exists():
        return dict(json.loads(plain.read_text()))
    with gzip.open(f"{plain}.gz") as f:
        return dict(json.load(f))


def sentence(documentation: str) -> str:
    """The first sentence of a piece of documentation, without markup."""
    text = html.unescape(re.sub(r"\s+", " ", re.sub(r"<fullname>.*?</fullname>|<[^>]+>", " ", documentation))).strip()
    found = re.match(r".+?[.!?](?=\s|$)", text)
    return re.sub(r"\s+([.,;:])", r"\1", found[0] if found else text)
