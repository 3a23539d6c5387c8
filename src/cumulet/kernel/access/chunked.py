"""aws-chunked bodies: chunks that may be signed, trailers that may be signed, streaming or in one go.

    5;chunk-signature=…\\r\\nhello\\r\\n0;chunk-signature=…\\r\\nx-amz-checksum-crc32:…\\r\\nx-amz-trailer-signature:…\\r\\n\\r\\n
"""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import NamedTuple

from ..errors import AwsError
from ..http.message import BodyStream, Request
from . import faults, sigv4, sigv4a
from .sigv4 import ECDSA, EMPTY, Signed

_LINE = 16_384                   # longest size line, and all trailers together
_MOST = 5 * 1024**4


class Seed(NamedTuple):
    """What the first chunk's signature is chained to. secret: "" when signatures cannot be verified."""

    signed: Signed
    secret: str


def is_chunked(request: Request) -> bool:
    """Does the body come in aws-chunks?"""
    return request.headers.get("x-amz-content-sha256", "").startswith("STREAMING-")


def decode(request: Request, body: bytes, seed: Seed | None) -> tuple[bytes, dict[str, str]]:
    """The content of a body that is held whole, and its trailers."""
    out: list[bytes] = []
    decoder = Decoder(request, seed, out.append)
    decoder.feed(body)
    decoder.end()
    return b"".join(out), decoder.trailers


async def stream(request: Request, source: BodyStream, decoder: Decoder, out: list[bytes]) -> AsyncIterator[bytes]:
    """The content of a body as it arrives; `out` is the list that the decoder fills."""
    async for data in source:
        decoder.feed(data)
        if out:
            yield b"".join(out)
            out.clear()
    decoder.end()


class Decoder:
    """Takes bytes as they come; gives content to `emit`. A signed chunk is given piece by piece and verified at its end."""

    def __init__(self, request: Request, seed: Seed | None, emit: Callable[[bytes], object]) -> None:
        kind = request.headers.get("x-amz-content-sha256", "")
        self.trailers: dict[str, str] = {}
        self._emit = emit
        self._signed = not kind.startswith("STREAMING-UNSIGNED")
        self._with_trailer = kind.endswith("-TRAILER")
        self._announced = {n.strip().lower() for n in request.headers.get("x-amz-trailer", "").split(",") if n.strip()}
        self._seed = seed if seed is not None and seed.secret else None
        self._previous = seed.signed.signature if seed is not None else ""
        self._buffer = bytearray()
        self._state: Callable[[], bool] = self._size
        self._left = 0
        self._got = 0
        self._claimed = ""
        self._hash = sha256()
        self._lines: list[bytes] = []
        self._done = False
        self._expected = _expected(request)

    def feed(self, data: bytes) -> None:
        """More bytes of the body."""
        self._buffer += data
        while not self._done and self._state():
            pass
        if self._done and self._buffer:
            raise _broken("There is data behind the last chunk.")

    def end(self) -> None:
        """The body is over: was it complete?"""
        if self._state == self._trailer and not self._buffer and not self._done:
            self._finish()                       # some clients leave out the last empty line
        if not self._done:
            raise AwsError("IncompleteBody", "The request body terminated unexpectedly", 400)
        if self._expected is not None and self._got != self._expected:
            raise AwsError("IncompleteBody", "You did not provide the number of bytes specified by the"
                           " x-amz-decoded-content-length HTTP header.", 400)

    # --- states: each returns False when it needs more bytes ---

    def _line(self) -> bytes | None:
        at = self._buffer.find(b"\r\n")
        if at < 0:
            if len(self._buffer) > _LINE:
                raise _broken("A line of the chunked body is too long.")
            return None
        line = bytes(self._buffer[:at])
        del self._buffer[: at + 2]
        return line

    def _size(self) -> bool:
        line = self._line()
        if line is None:
            return False
        digits, _, extension = line.partition(b";")
        try:
            if not digits or not digits.strip().isalnum():
                raise ValueError
            self._left = int(digits.strip(), 16)
        except ValueError:
            raise _broken("The chunk size is not a hexadecimal number.") from None
        self._got += self._left
        if self._got > (_MOST if self._expected is None else self._expected):
            raise AwsError("IncompleteBody", "The request body is longer than the x-amz-decoded-content-length HTTP header"
                           " says.", 400)
        self._claimed = extension.removeprefix(b"chunk-signature=").decode("latin-1").strip()
        if self._signed and not extension.startswith(b"chunk-signature="):
            raise _broken("A chunk has no signature.")
        self._state = self._data if self._left else self._last
        return True

    def _data(self) -> bool:
        if not self._buffer:
            return False
        piece = bytes(self._buffer[: self._left])
        del self._buffer[: len(piece)]
        self._left -= len(piece)
        if self._seed is not None and self._signed:
            self._hash.update(piece)
        self._emit(piece)
        if not self._left:
            self._state = self._after
        return True

    def _after(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise _broken("A chunk is longer than it says.")
        del self._buffer[:2]
        self._verify_chunk()
        self._state = self._size
        return True

    def _last(self) -> bool:
        self._verify_chunk()
        self._state = self._trailer
        return True

    def _trailer(self) -> bool:
        line = self._line()
        if line is None:
            return False
        if line:
            self._lines.append(line)
            if sum(map(len, self._lines)) > _LINE:
                raise _broken("The trailer is too long.")
            return True
        self._finish()
        return False

    def _finish(self) -> None:
        signature = ""
        signed_lines = []
        for line in self._lines:
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise _bad_trailer()
            name, value = name.strip().lower(), value.strip()
            if name == "x-amz-trailer-signature":
                signature = value
            else:
                self.trailers[name] = value
                signed_lines.append(f"{name}:{value}\n")
        if self._announced - self.trailers.keys():
            raise _bad_trailer()
        if self._signed and self._with_trailer:
            self._verify(f"{self._algorithm()}-TRAILER", sha256("".join(sorted(signed_lines)).encode("latin-1")).hexdigest(),
                         signature, empty=False)
        self._done = True

    # --- signatures ---

    def _algorithm(self) -> str:
        return self._seed.signed.algorithm if self._seed is not None else sigv4.HMAC

    def _verify_chunk(self) -> None:
        if self._signed:
            self._verify(f"{self._algorithm()}-PAYLOAD", self._hash.hexdigest(), self._claimed, empty=True)
            if self._seed is not None:
                self._hash = sha256()

    def _verify(self, algorithm: str, digest: str, claimed: str, empty: bool) -> None:
        if self._seed is None:
            return
        signed = self._seed.signed
        middle = f"{EMPTY}\n" if empty else ""
        claimed = claimed.rstrip("*")            # version 4a pads its signatures
        to_sign = f"{algorithm}\n{signed.date}\n{signed.scope.text}\n{self._previous}\n{middle}{digest}"
        if signed.algorithm == ECDSA:
            right = sigv4a.verifies(self._seed.secret, signed.scope.key, to_sign, claimed)
        else:
            right = hmac.compare_digest(sigv4.signature(self._seed.secret, signed.scope, to_sign).encode(), claimed.encode())
        if not right:
            raise faults.mismatch("s3", signed.scope.key, claimed, to_sign, "")
        self._previous = claimed


def _expected(request: Request) -> int | None:
    text = request.headers.get("x-amz-decoded-content-length")
    if text is None:
        if request.headers.get("content-length") is None:
            return None
        raise AwsError("MissingContentLength", "You must provide the Content-Length HTTP header.", 411)
    if not text.isascii() or not text.isdigit():
        raise AwsError("InvalidArgument", "x-amz-decoded-content-length must be a number", 400)
    return int(text)


def _bad_trailer() -> AwsError:
    return AwsError("MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform"
                    " to our published schema.", 400)


def _broken(message: str) -> AwsError:
    return AwsError("InvalidChunkSizeError" if "size" in message else "InvalidRequest", message, 400)
