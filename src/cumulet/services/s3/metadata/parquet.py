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
    source, made = places
    try:
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in records)
        return _copied(f"read_json({quoted(source)}, format='newline_delimited', columns={{{types(columns)}}}, "
                       f"maximum_object_size={_LARGEST})", [source], made, columns if numbered else ())
    finally:
        Path(source).unlink(missing_ok=True)


def merged(columns: tuple[Column, ...], files: Sequence[bytes], places: Sequence[str]) -> bytes:
    """One file of all records that are in these, in their order. places: of one file more for the time being."""
    *sources, made = places
    try:
        for place, data in zip(sources, files, strict=True):
            Path(place).write_bytes(data)
        return _copied(f"read_parquet([{', '.join(map(quoted, sources))}])", sources, made, columns)
    finally:
        for place in sources:
            Path(place).unlink(missing_ok=True)


def _copied(what: str, sources: Sequence[str], made: str, numbered: tuple[Column, ...]) -> bytes:
    """What DuckDB reads there, as Parquet; it opens no other file. numbered: the columns, where they have ids."""
    import duckdb

    ids = f", FIELD_IDS {{{field_ids(numbered)}}}" if numbered else ""
    try:
        with duckdb.connect(":memory:", config={
                "threads": 1, "memory_limit": _MEMORY, "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false"}) as database:
            database.execute(f"SET allowed_paths=[{', '.join(map(quoted, [*sources, made]))}]")
            database.execute("SET enable_external_access=false")
            database.execute(f"COPY (SELECT * FROM {what}) TO {quoted(made)} (FORMAT parquet, COMPRESSION zstd{ids})")
        return Path(made).read_bytes()
    finally:
        Path(made).unlink(missing_ok=True)
