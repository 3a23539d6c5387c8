"""`cumulet doctor`."""

from __future__ import annotations

import click

from ..base import CheckFailed, Output
from ..base import command as declare
from ..checks import CHECKS, Finding

_SIGNS = {"good": "✓", "look": "!", "bad": "✗"}


@declare("doctor", short_help="Looks at this machine for what will trouble you.")
@click.option("--fix", is_flag=True, help="Repair what can be repaired.")
def command(out: Output, fix: bool) -> None:
    """Look at this machine and shell for what will trouble you. Exit code 5 when something is wrong."""
    findings = [finding for check in CHECKS for finding in check()]
    mended = [f for f in findings if fix and f.mend is not None and f.mend()]
    left = [f for f in findings if f.level != "good" and f not in mended]
    out.show([{"level": f.level, "what": f.what, "how": f.how, "mended": f in mended} for f in findings],
             lambda: "\n".join(_line(f, f in mended) for f in findings) + _sum(left, fix))
    if any(f.level == "bad" for f in left):
        raise CheckFailed("This machine is not ready.")


def _line(finding: Finding, mended: bool) -> str:
    if mended:
        return f"✓ {finding.what} (repaired)"
    return f"{_SIGNS[finding.level]} {finding.what}" + (f"\n    {finding.how}" if finding.how else "")


def _sum(left: list[Finding], fixed: bool) -> str:
    if not left:
        return "\nNothing to look at."
    can = sum(f.mend is not None for f in left)
    return f"\n{len(left)} to look at." + (f"  cumulet doctor --fix repairs {can}." if can and not fixed else "")
