"""`cumulet version`."""

from __future__ import annotations

import platform
from importlib.metadata import version

from .... import __version__
from ..base import Output
from ..base import command as declare


@declare("version", short_help="Which cumulet, which models.")
def command(out: Output) -> None:
    """The versions of cumulet, of Python, and of botocore, whose models say what AWS's APIs are."""
    found = {"cumulet": __version__, "botocore": version("botocore"), "python": platform.python_version()}
    out.show(found, lambda: "   ".join(f"{name} {number}" for name, number in found.items()))
