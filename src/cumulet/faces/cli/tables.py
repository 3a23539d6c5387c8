"""Tables for people."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[str] = ()) -> str:
    """Rows under headings, cut to the terminal's width; columns in `numbers` stand to the right."""
    from rich.box import SIMPLE_HEAD  # not before a table is shown: 25 ms
    from rich.console import Console
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        made.add_column(name, justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    out = io.StringIO()
    width = None if sys.stdout.isatty() else 180             # into a file or pipe, nothing is cut
    Console(file=out, width=width, color_system=None, markup=False, highlight=False).print(made)
    return out.getvalue().rstrip()
