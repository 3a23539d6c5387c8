"""What a request says of the object's form and of the answer's, checked.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .faults import refused

CSV, JSON, PARQUET = "CSV", "JSON", "Parquet"
_FORMS = (CSV, JSON, PARQUET)


class Reading(NamedTuple):
    """How the object is written. header: USE, IGNORE or NONE."""

    form: str
    compression: str = "NONE"
    header: str = "NONE"
    comment: str = "#"
    quote: str = '"'
    escape: str = '"'
    record: str = "\n"
    field: str = ","
    quoted_records: bool = False
    json: str = ""


class Writing(NamedTuple):
    """How the answer is written."""

    form: str
    always_quoted: bool = False
    quote: str = '"'
    escape: str = '"'
    record: str = "\n"
    field: str = ","


class Range(NamedTuple):
    """Records that begin from `start` up to `end` (inclusive) of the object's bytes."""

    start: int
    end: int


def reading(said: Mapping[str, Any]) -> Reading:
    """InputSerialization."""
    form = _form(said, _FORMS)
    options: Mapping[str, Any] = said[form] or {}
    compression = said.get("CompressionType") or "NONE"
    if compression not in ("NONE", "GZIP", "BZIP2") or (form == PARQUET and compression != "NONE"):
        raise refused("InvalidCompressionFormat")
    if form == PARQUET:
        return Reading(form)
    if form == JSON:
        if options.get("Type") not in ("DOCUMENT", "LINES"):
            raise refused("InvalidJsonType" if options.get("Type") else "MissingRequiredParameter")
        return Reading(form, compression, json=options["Type"])
    header = options.get("FileHeaderInfo") or "NONE"
    if header not in ("USE", "IGNORE", "NONE"):
        raise refused("InvalidFileHeaderInfo")
    quote = _character(options, "QuoteCharacter", '"')
    return Reading(form, compression, header, _character(options, "Comments", "#"), quote,
                   _character(options, "QuoteEscapeCharacter", quote), _delimiter(options, "RecordDelimiter", "\n"),
                   _delimiter(options, "FieldDelimiter", ","), bool(options.get("AllowQuotedRecordDelimiter")))


def writing(said: Mapping[str, Any]) -> Writing:
    """OutputSerialization."""
    form = _form(said, (CSV, JSON))
    options: Mapping[str, Any] = said[form] or {}
    if form == JSON:
        return Writing(form, record=_delimiter(options, "RecordDelimiter", "\n"))
    quoting = options.get("QuoteFields") or "ASNEEDED"
    if quoting not in ("ALWAYS", "ASNEEDED"):
        raise refused("InvalidQuoteFields")
    quote = _character(options, "QuoteCharacter", '"')
    return Writing(form, quoting == "ALWAYS", quote, _character(options, "QuoteEscapeCharacter", quote),
                   _delimiter(options, "RecordDelimiter", "\n"), _delimiter(options, "FieldDelimiter", ","))


def scan_range(said: Mapping[str, Any] | None, how: Reading, size: int) -> Range | None:
    """ScanRange; an end alone means the last bytes."""
    if said is None or (said.get("Start") is None and said.get("End") is None):
        return None
    if how.compression != "NONE" or how.json == "DOCUMENT" or how.quoted_records:
        raise refused("UnsupportedScanRangeInput")
    start, end = said.get("Start"), said.get("End")
    if start is None:
        return Range(max(size - int(end or 0), 0), size)
    if start < 0 or start >= max(size, 1) or (end is not None and end < start):
        raise refused("InvalidRequestParameter")
    return Range(start, size if end is None else end)


def _form(said: Mapping[str, Any], known: tuple[str, ...]) -> str:
    found = [form for form in known if said.get(form) is not None]
    if not found:
        raise refused("InvalidDataSource" if len(known) == len(_FORMS) else "MissingRequiredParameter")
    if len(found) > 1:
        raise refused("ObjectSerializationConflict")
    return found[0]


def _character(options: Mapping[str, Any], name: str, default: str) -> str:
    found = options.get(name)
    if found is None:
        return default
    if len(found.encode()) > 1:
        raise refused("InvalidRequestParameter")
    return str(found)


def _delimiter(options: Mapping[str, Any], name: str, default: str) -> str:
    found = options.get(name)
    if found is None:
        return default
    if not 1 <= len(found) <= 2:
        raise refused("InvalidRequestParameter")
    return str(found)
