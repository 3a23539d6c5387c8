"""Records to Parquet: DuckDB writes it, in a thread, with no way to any other file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cumulet.kernel import not_implemented

from ..select.terms import quoted
from .columns import Column, field_ids, types

_MEMORY = "512MB"
_LARGEST = 16 << 20                   # bytes of a record: an annotation of a mebibyte, with all its letters escaped


def check() -> None:
    """Raises where files could not be written."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        raise not_implemented("s3: tables and reports in Parquet without the extra `select` (the package duckdb)") from None


def write(columns: tuple[Column, ...], records: Sequence[Mapping[str, Any]], places: tuple[str, str],
          numbered: bool = True) -> bytes:
    """A file of these records; columns that one does not have are NULL. places: of two files for the time being.
    numbered: are the columns of Iceberg, which have ids?"""
    import duckdb

    source, made = places
    ids = f", FIELD_IDS {{{field_ids(columns)}}}" if numbered else ""
    try:
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in records)
        with duckdb.connect(":memory:", config={
                "threads": 1, "memory_limit": _MEMORY, "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false"}) as database:
            database.execute(f"SET allowed_paths=[{quoted(source)}, {quoted(made)}]")
            database.execute("SET enable_external_access=false")
            database.execute(
                f"COPY (SELECT * FROM read_json({quoted(source)}, format='newline_delimited', columns={{{types(columns)}}}, "
                f"maximum_object_size={_LARGEST})) TO {quoted(made)} (FORMAT parquet, COMPRESSION zstd{ids})")
        return Path(made).read_bytes()
    finally:
        for place in places:
            Path(place).unlink(missing_ok=True)
