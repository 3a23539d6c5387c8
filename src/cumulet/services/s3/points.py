"""What S3 knows of an access point by which a request comes."""

from __future__ import annotations

from typing import NamedTuple


class Entrance(NamedTuple):
    """An access point, and the bucket behind it. block: the four blocks of public access.  vpc: from which alone it is reached,
    or ""."""

    arn: str
    account: str
    bucket: str
    block: dict[str, bool]
    name: str
    alias: str
    vpc: str = ""
