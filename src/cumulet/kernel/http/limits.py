"""How much and how long the transport puts up with."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """Bytes and seconds. Times are looked at once a `tick`, so they hold to within one."""

    head: int = 65_536            # request line and headers, or trailers; more is 431
    buffered: int = 1_048_576     # of a streamed body that nobody has read yet; then the client is made to wait
    drained: int = 2_097_152      # of a body that nobody wants: read and thrown away to keep the connection
    header_seconds: float = 30.0  # from a request's first byte to the end of its headers
    body_seconds: float = 60.0    # without a byte of a body that we want
    idle_seconds: float = 120.0   # between requests
    write_seconds: float = 600.0  # without a byte taken of a response
    linger_seconds: float = 5.0   # for a client to stop sending after an answer that ends the connection
    tick: float = 1.0
