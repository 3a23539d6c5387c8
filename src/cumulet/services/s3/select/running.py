"""A query that runs: DuckDB over one file, in a thread, with no way to any other file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cumulet.kernel import not_implemented

from . import lines, results, sql
from .faults import refused
from .nodes import Query
from .terms import MACROS, quoted
from .wishes import CSV, PARQUET, Range, Reading, Writing

_ROWS = 1000
_MEMORY = "512MB"


class Running:
    """One query. Its file is `path`, which goes with it. `begin` and `more` run in threads, one at a time."""

    def __init__(self, query: Query, reading: Reading, writing: Writing, window: Range | None, now: float, path: str) -> None:
        self.query = query
        self.reading = reading
        self.writing = writing
        self.window = window
        self.now = now
        self.path = path
        self.scanned = self.processed = self.returned = 0
        self._database: Any = None
        self._batches: Iterator[bytes] = iter(())

    def begin(self, chunks: Iterable[bytes]) -> bytes | None:
        """Read the object, and answer with the first records; None when there are none."""
        with open(self.path, "wb") as file:
            laid = lines.lay(self._scanned(chunks), self.reading, self.window, file)
        self.processed = laid.unpacked
        self._database = _database(self.path)
        self._batches = self._run(laid)
        return self.more()

    def more(self) -> bytes | None:
        """The next records; None at the end."""
        try:
            found = next(self._batches, None)
        except Exception as problem:
            code = self._code(problem)
            if code is None:
                raise
            raise refused(code) from None
        self.returned += len(found or b"")
        return found

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        Path(self.path).unlink(missing_ok=True)

    __del__ = close

    def _scanned(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.scanned += len(chunk)
            yield chunk

    def _run(self, laid: lines.Laid) -> Iterator[bytes]:
        if not os.path.getsize(self.path) and self.reading.form == PARQUET:
            raise refused("ParquetParsingError")
        plan = sql.plan(self.query, self._records(laid), self.now)
        cursor = self._database.execute(plan.sql)

        def rows() -> Iterator[tuple[str | None, ...]]:
            while found := cursor.fetchmany(_ROWS):
                yield from found

        yield from results.batches(rows(), plan.names, self.writing, self.query.items is None)

    def _records(self, laid: lines.Laid) -> sql.Records:
        how, path = self.reading, quoted(self.path)
        if how.form == PARQUET:
            where = f" WHERE file_row_number IN ({self._rows_in_range()})" if self.window is not None else ""
            what = "* EXCLUDE (file_row_number)" if self.window is not None else "*"
            numbered = ", file_row_number=true" if self.window is not None else ""
            rows = f"SELECT {what} FROM read_parquet({path}{numbered}){where}"
            return sql.Records(f'(SELECT to_json("\x01") AS record FROM ({rows}) "\x01")')
        if how.form != CSV:
            largest = max(os.path.getsize(self.path), 1 << 20)
            return sql.Records(f"(SELECT json AS record FROM read_json_objects({path}, format='unstructured', "
                               f"maximum_object_size={largest}, compression='uncompressed'))")
        width = max(laid.width, 1)
        columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(1, width + 1))
        scan = (f"read_csv({path}, auto_detect=false, header=false, skip={int(how.header != 'NONE')}, "
                f"delim={quoted(how.field)}, quote={quoted(how.quote)}, escape={quoted(how.escape)}, null_padding=true, "
                f"parallel=false, strict_mode=false, nullstr='\x01', max_line_size={1 << 20}, "
                f"compression='none', columns={{{columns}}})")
        return sql.Records(scan, width, lines.fields(laid.first, how) if how.header == "USE" else ())

    def _rows_in_range(self) -> str:
        """The rows of Parquet's groups that begin in the range."""
        assert self.window is not None
        found = self._database.execute(
            "SELECT any_value(row_group_num_rows), min(least(data_page_offset, coalesce(dictionary_page_offset, "
            f"data_page_offset))) FROM parquet_metadata({quoted(self.path)}) GROUP BY row_group_id "
            "ORDER BY row_group_id").fetchall()
        wanted, first = [], 0
        for rows, begins in found:
            if self.window.start <= begins <= self.window.end:
                wanted.append(f"SELECT * FROM range({first}, {first + rows})")
            first += rows
        return " UNION ALL ".join(wanted) or "SELECT -1"

    def _code(self, problem: Exception) -> str | None:
        """What S3 calls that which DuckDB complains of."""
        kind, text = type(problem).__name__, str(problem)
        if kind in ("ConversionException", "OutOfRangeException"):
            return "CastFailed"
        if kind == "RecursionError":                             # a chain of thousands of operators
            return "UnsupportedSqlStructure"
        if "maximum line size" in text.lower():
            return "OverMaxRecordSize"
        if "invalid unicode" in text.lower():
            return "InvalidTextEncoding"
        if kind in ("InvalidInputException", "IOException", "SerializationException"):
            return f"{self.reading.form}ParsingError"
        if kind in ("BinderException", "CatalogException", "ParserException"):
            return "UnsupportedSqlOperation"
        return None


def _database(path: str) -> Any:
    """A database in memory that reads this file and nothing else."""
    try:
        import duckdb
    except ImportError:
        raise not_implemented("s3: SelectObjectContent without the extra `select` (the package duckdb)") from None
    found = duckdb.connect(":memory:", config={
        "threads": 1, "memory_limit": _MEMORY, "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for macro in MACROS:
        found.execute(macro)
    found.execute("SET disabled_optimizers='type_pushdown'")     # else a TRY_CAST may fail in the reader
    found.execute(f"SET allowed_paths=[{quoted(path)}]")
    found.execute("SET enable_external_access=false")
    found.execute("SET lock_configuration=true")
    return found
