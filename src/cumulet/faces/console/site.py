"""The page's files, as they were built from `console/`: read once, packed once, told apart by what is in them."""

from __future__ import annotations

import gzip
import mimetypes
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from ...kernel.http.message import Request, Response

HOME = Path(__file__).with_name("site")
_PAGE = "index.html"
# Cloudscape sets styles on elements; pictures of objects are shown from memory.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
          "media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self' blob:; manifest-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
_HEADERS = (("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cache-Control", "no-cache"), ("Vary", "Accept-Encoding"))
_MISSING = (b"<!doctype html><title>Console</title><h1>The console was not built</h1>"
            b"<p>Its files are not in this installation. In a checkout, run <code>make console</code>.</p>")
_TEXT = ("text/", "application/json", "application/javascript", "image/svg")


class _File(NamedTuple):
    kind: str
    plain: bytes
    packed: bytes
    tag: str


class Site:
    """Answers with files below `home`; any other path is the page's own, which reads it and shows what belongs there."""

    def __init__(self, home: Path = HOME) -> None:
        self._home = home
        self._files: dict[str, _File] = {}

    def answer(self, request: Request, name: str) -> Response:
        """The file of this name."""
        if request.method not in ("GET", "HEAD"):
            return Response(405, [*_HEADERS, ("Allow", "GET, HEAD")])
        file = self._file(name) if name else None
        if file is None and name.startswith("assets/"):
            return Response(404, [*_HEADERS, ("Content-Type", "text/plain")], b"There is no such file.\n")
        file = file or self._file(_PAGE)
        if file is None:
            return Response(503, [*_HEADERS, ("Content-Type", "text/html; charset=utf-8")], _MISSING)
        headers = [*_HEADERS, ("ETag", file.tag), ("Content-Type", file.kind)]
        if file.tag in request.headers.get("if-none-match", ""):
            return Response(304, headers)
        if file.packed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(200, [*headers, ("Content-Encoding", "gzip")], file.packed)
        return Response(200, headers, file.plain)

    def _file(self, name: str) -> _File | None:
        """Read on first use; only what lies in the folder, by its plain name."""
        if name not in self._files:
            path = self._home / name
            if any(part in ("", "..", ".") for part in name.split("/")) or not path.is_file():
                return None
            self._files[name] = _read(path)
        return self._files[name]


def _read(path: Path) -> _File:
    plain = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":                    # what the machine's own table says of it is not always so
        kind = "text/javascript"
    text = kind.startswith(_TEXT)
    packed = gzip.compress(plain, 9, mtime=0) if text else b""
    return _File(f"{kind}; charset=utf-8" if text else kind, plain, packed, f'"{sha256(plain).hexdigest()[:20]}"')
