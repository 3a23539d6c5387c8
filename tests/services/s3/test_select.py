"""S3 Select: SQL over CSV, JSON and Parquet objects."""

from __future__ import annotations

import bz2
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest

from services.s3.refusals import refused

PEOPLE = b'name,Age,city\nAna,31,Lisbon\nBo,7,"Aarhus, north"\n# nobody\nCy,,Rome\n'
RULES = (b'{"Rules": [{"id": "1"}, {"expr": "y > x"}, {"id": "2", "expr": "z = DEBUG"}]}\n'
         b'{"created": "June 27", "modified": "July 6"}\n')
THINGS = (b'{"id": 1, "name": "one", "Tags": ["a", "b"], "price": 2.5, "on": true, "none": null}\n'
          b'{"id": 2, "name": "two", "Tags": [], "price": "10", "on": false}\n{"id": 12345678901234567, "name": "big"}\n')


class Asked:
    """What came back: records, events' names, statistics."""

    def __init__(self, answer: Any) -> None:
        self.names: list[str] = []
        self.data = b""
        self.stats: dict[str, int] = {}
        for event in answer["Payload"]:
            (name, said), = event.items()
            self.names.append(name)
            if name == "Records":
                self.data += said["Payload"]
            if name == "Stats":
                self.stats = said["Details"]

    @property
    def lines(self) -> list[str]:
        return self.data.decode().splitlines()

    @property
    def objects(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


def wish(s3: Any, expression: str, key: str = "k", source: Any = None, into: Any = None, **more: Any) -> dict[str, Any]:
    return {"Bucket": s3.bucket, "Key": key, "Expression": expression, "ExpressionType": "SQL",
            "InputSerialization": source or {"CSV": {"FileHeaderInfo": "USE"}},
            "OutputSerialization": into or {"JSON": {}}} | more


def ask(s3: Any, expression: str, **more: Any) -> Asked:
    return Asked(s3.select_object_content(**wish(s3, expression, **more)))


@pytest.fixture
def people(s3: Any) -> Any:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=PEOPLE)
    return s3


@pytest.fixture
def things(s3: Any) -> Any:
    """A client that asks JSON lines: `ask(things, …, source=LINES)`."""
    s3.put_object(Bucket=s3.bucket, Key="k", Body=THINGS)
    return s3


LINES = {"JSON": {"Type": "LINES"}}


@pytest.mark.parametrize(("expression", "found"), [
    ("SELECT * FROM s3object s WHERE s.city LIKE 'A%'", [{"name": "Bo", "Age": "7", "city": "Aarhus, north"}]),
    ("select s.NAME, s.\"Age\" years from S3Object s where s.age > 8", [{"NAME": "Ana", "years": "31"}]),
    ("SELECT name FROM S3Object WHERE CAST(NULLIF(_2, '') AS INT) BETWEEN 1 AND 10", [{"name": "Bo"}]),
    ("SELECT COUNT(*), MAX(CAST(age AS INT)) AS oldest FROM S3Object WHERE age <> ''", [{"_1": 2, "oldest": 31}]),
    ("SELECT SUM(s.age), AVG(s.age) FROM S3Object s", [{"_1": 38, "_2": 19}]),
    ("SELECT UPPER(s.name) || '!' AS cry FROM S3Object s LIMIT 1", [{"cry": "ANA!"}]),
    ("SELECT s.name FROM S3Object s WHERE s.name IN ('Cy', 'Bo') AND NOT s.age = ''", [{"name": "Bo"}]),
    ("SELECT SUBSTRING('123456789' FROM -4 FOR 6) AS a, SUBSTRING('123456789', 0) AS b, TRIM(LEADING 'x' FROM 'xxa') AS c, "
     "CHAR_LENGTH('abc') AS d FROM S3Object LIMIT 1", [{"a": "1", "b": "123456789", "c": "a", "d": 3}]),
    ("SELECT CASE WHEN age = '' THEN 'none' ELSE age END AS a FROM S3Object", [{"a": "31"}, {"a": "7"}, {"a": "none"}]),
    ("SELECT 1 + 2 * 3 AS n, -1 AS m, 7 % 4 AS r FROM S3Object LIMIT 1", [{"n": 7, "m": -1, "r": 3}]),
    ("SELECT DATE_ADD(year, 5, `2010-01-01T`) AS a, DATE_DIFF(month, `2010T`, `2010-05T`) AS b, "
     "DATE_DIFF(day, `2010-01-01T23:00`, `2010-01-02T01:00`) AS c, EXTRACT(YEAR FROM CAST('2010-02-03' AS TIMESTAMP)) AS d, "
     "TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y') AS e FROM S3Object LIMIT 1",
     [{"a": "2015-01-01T00:00:00Z", "b": 4, "c": 0, "d": 2010, "e": "July 20, 1969"}])])
def test_lines_of_csv_are_asked(people: Any, expression: str, found: list[Any]) -> None:
    assert ask(people, expression).objects == found


@pytest.mark.parametrize(("source", "lines"), [
    ({"CSV": {}}, ["name,Age", "Ana,31", "Bo,7", "Cy,"]), ({"CSV": {"FileHeaderInfo": "IGNORE"}}, ["Ana,31", "Bo,7", "Cy,"])])
def test_columns_have_numbers(people: Any, source: Any, lines: list[str]) -> None:
    assert ask(people, "SELECT s._1, s._2 FROM S3Object s", source=source, into={"CSV": {}}).lines == lines


def test_csv_is_written_and_read_with_any_delimiters(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"a|'x''|\ny'|1;b|z|2;%c|d|e;")
    source = {"CSV": {"FieldDelimiter": "|", "RecordDelimiter": ";", "QuoteCharacter": "'", "Comments": "%"}}
    into = {"CSV": {"QuoteFields": "ALWAYS", "FieldDelimiter": ";", "RecordDelimiter": "|\n", "QuoteCharacter": "'"}}
    assert ask(s3, "SELECT * FROM S3Object", source=source, into=into).data == b"'a';'x''|\ny';'1'|\n'b';'z';'2'|\n"
    assert ask(s3, "SELECT _2 FROM S3Object", source=source, into={"CSV": {}}).data == b'"x\'|\ny"\nz\n'


def test_short_and_long_lines(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"a,b\n1\n1,2,3\n")
    assert ask(s3, "SELECT * FROM S3Object", source={"CSV": {}}, into={"CSV": {}}).lines == ["a,b", "1", "1,2,3"]
    assert ask(s3, "SELECT _2 FROM S3Object s WHERE _2 IS MISSING", source={"CSV": {}}).objects == [{}]


@pytest.mark.parametrize(("pack", "kind"), [(gzip.compress, "GZIP"), (bz2.compress, "BZIP2")])
def test_packed_objects(s3: Any, pack: Any, kind: str) -> None:
    packed = pack(PEOPLE) + pack(b"Di,4,Oslo\n")
    s3.put_object(Bucket=s3.bucket, Key="k", Body=packed)
    source = {"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": kind}
    found = ask(s3, "SELECT name FROM S3Object", source=source, into={"CSV": {}})
    assert found.lines == ["Ana", "Bo", "Cy", "Di"]
    assert found.stats == {"BytesScanned": len(packed), "BytesProcessed": len(PEOPLE) + 10, "BytesReturned": len(found.data)}
    s3.put_object(Bucket=s3.bucket, Key="k", Body=packed[:-9])
    assert refused(s3.select_object_content, **wish(s3, "SELECT * FROM S3Object", source=source)) == ("TruncatedInput", 400)


@pytest.mark.parametrize(("expression", "found"), [
    ("SELECT s.id, s.price FROM S3Object s WHERE s.price > 2", [{"id": 1, "price": 2.5}]),
    ("SELECT s.Name FROM S3Object[*] s WHERE s.id >= 2", [{"Name": "two"}, {"Name": "big"}]),
    ("SELECT s.\"Name\", s.none FROM S3Object[*] s LIMIT 2", [{"none": None}, {}]),
    ("SELECT s.tags[1] FROM S3Object s WHERE s.\"on\" LIMIT 1", [{"_1": "b"}]),
    ("SELECT s.id FROM S3Object s WHERE s.price IS MISSING", [{"id": 12345678901234567}]),
    ("SELECT COUNT(s.none) AS n FROM S3Object s WHERE s.none IS NULL", [{"n": 1}]),
    ("SELECT COALESCE(s.none, s.name) AS x, NULLIF(s.name, 'one') AS y FROM S3Object s LIMIT 1", [{"x": "one"}]),
    ("SELECT * FROM S3Object[*].Tags[*] t WHERE t = 'b'", [{"_1": "b"}]),
    ("SELECT t FROM S3Object[*].Tags[*] t LIMIT 2", [{"t": "a"}, {"t": "b"}]),
    ("SELECT CAST(s.price AS DECIMAL(4, 1)) AS p, CAST(s.id AS STRING) AS i FROM S3Object s LIMIT 2",
     [{"p": 2.5, "i": "1"}, {"p": 10, "i": "2"}])])
def test_json_lines_are_asked(things: Any, expression: str, found: list[Any]) -> None:
    assert ask(things, expression, source=LINES).objects == found


def test_documents_and_their_arrays(s3: Any) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-select.html"""
    s3.put_object(Bucket=s3.bucket, Key="k", Body=RULES)
    document = {"JSON": {"Type": "DOCUMENT"}}
    assert ask(s3, "SELECT id FROM S3Object[*].Rules[*].id", source=document).objects == [{"id": "1"}, {}, {"id": "2"}, {}]
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b'[{"a": 1},\n {"a": {"b": 2}}]')
    assert ask(s3, "SELECT * FROM S3Object[*][*] s", source=document).objects == [{"a": 1}, {"a": {"b": 2}}]
    assert ask(s3, "SELECT s.a.b FROM S3Object[*][*] s", source=document, into={"CSV": {}}).data == b"\n2\n"
    assert ask(s3, "SELECT * FROM S3Object[*][*] s", source=document, into={"CSV": {}}).lines == ["1", '"{""b"":2}"']


def parquet(folder: Path) -> bytes:
    import duckdb
    path = folder / "k.parquet"
    duckdb.sql(f"COPY (SELECT range AS id, 'n' || range AS name, {{'x': range * 2}} AS deep FROM range(5000)) TO '{path}' "
               "(ROW_GROUP_SIZE 2048, COMPRESSION snappy)")
    return path.read_bytes()


def test_parquet_is_asked(s3: Any, tmp_path: Path) -> None:
    body = parquet(tmp_path)
    s3.put_object(Bucket=s3.bucket, Key="k", Body=body)
    source: dict[str, Any] = {"Parquet": {}}
    assert ask(s3, "SELECT s.name, s.deep.x FROM S3Object s WHERE s.id = 4711", source=source).objects == [
        {"name": "n4711", "x": 9422}]
    assert ask(s3, "SELECT COUNT(*) FROM S3Object s WHERE s.name LIKE 'n1%'", source=source, into={"CSV": {}}).lines == ["1111"]
    first = ask(s3, "SELECT COUNT(*) AS n FROM S3Object", source=source, ScanRange={"Start": 0, "End": 100}).objects
    rest = ask(s3, "SELECT COUNT(*) AS n FROM S3Object", source=source, ScanRange={"Start": 101}).objects
    assert (first, rest) == ([{"n": 2048}], [{"n": 2952}])
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"no parquet at all, but long enough to be one")
    asked = wish(s3, "SELECT * FROM S3Object", source=source)
    assert refused(s3.select_object_content, **asked) == ("ParquetParsingError", 400)


@pytest.mark.parametrize(("window", "lines"), [
    ({"Start": 0, "End": 3}, ["a,1"]), ({"Start": 1}, ["b,2", "c,3"]), ({"Start": 4, "End": 7}, ["b,2"]),
    ({"End": 5}, ["c,3"])])
def test_records_that_begin_in_the_range(s3: Any, window: dict[str, int], lines: list[str]) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"a,1\nb,2\nc,3\n")
    assert ask(s3, "SELECT * FROM S3Object", source={"CSV": {}}, into={"CSV": {}}, ScanRange=window).lines == lines


def test_large_answers_come_in_pieces(s3: Any) -> None:
    body = b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(20_000))
    s3.put_object(Bucket=s3.bucket, Key="k", Body=body)
    found = ask(s3, "SELECT * FROM S3Object", source={"CSV": {}}, into={"CSV": {}}, RequestProgress={"Enabled": True})
    assert found.data == body
    assert found.names.count("Records") > 10
    assert "Progress" in found.names
    assert found.names[-2:] == ["Stats", "End"]
    assert found.stats == {"BytesScanned": len(body), "BytesProcessed": len(body), "BytesReturned": len(body)}


def test_encrypted_objects_are_asked(s3: Any, cloud: Any) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=s3.bucket, Key="k", Body=PEOPLE * 2000, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert ask(s3, "SELECT COUNT(*) AS n FROM S3Object WHERE name = 'Bo'").objects == [{"n": 2000}]


def test_an_error_on_the_way_ends_the_stream(s3: Any) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=b"1\n" * 200_000 + b"one\n")
    from botocore.exceptions import EventStreamError
    with pytest.raises(EventStreamError, match="CastFailed"):
        ask(s3, "SELECT CAST(_1 AS INT) FROM S3Object", source={"CSV": {}})


@pytest.mark.parametrize(("expression", "code"), [
    ("SELECT FROM S3Object", "ParseEmptySelect"), ("SELECT *", "ParseSelectMissingFrom"),
    ("SELECT *, name FROM S3Object", "ParseAsteriskIsNotAloneInSelectList"), ("SELECT * FROM elsewhere", "ParseUnexpectedTerm"),
    ("SELECT name FROM S3Object GROUP BY name", "UnsupportedSqlStructure"), ("SELECT name FROM S3Object ORDER BY name",
     "UnsupportedSqlStructure"), ("SELECT name, COUNT(*) FROM S3Object", "UnsupportedSqlStructure"),
    ("SELECT SHA(name) FROM S3Object", "UnsupportedFunction"), ("SELECT SUM(*) FROM S3Object", "ParseUnsupportedCallWithStar"),
    ("SELECT s.nothing FROM S3Object s", "MissingHeaders"), ("SELECT _9 FROM S3Object", "InvalidColumnIndex"),
    ("SELECT CAST(name AS INT) FROM S3Object", "CastFailed"), ("SELECT CAST(name AS THING) FROM S3Object",
     "ParseExpectedTypeName"), ("SELECT CAST name FROM S3Object", "ParseExpectedLeftParenAfterCast"),
    ("SELECT name FROM S3Object LIMIT many", "ParseExpectedNumber"),
    ("SELECT name FROM S3Object WHERE", "ParseExpectedExpression"),
    ("SELECT 'open FROM S3Object", "LexerInvalidLiteral"), ("SELECT name ? FROM S3Object", "LexerInvalidChar"),
    ("SELECT LOWER(name, name) FROM S3Object", "EvaluatorInvalidArguments"), ("SELECT EXTRACT(WEEK FROM name) FROM S3Object",
     "ParseExpectedDatePart"), ("SELECT * FROM S3Object; DROP", "LexerInvalidChar"),
    ("DELETE FROM S3Object", "ParseUnexpectedToken"),
    ("SELECT '" + "x" * 262_144 + "' FROM S3Object", "ExpressionTooLong"),
    ("SELECT a.b.c FROM S3Object a", "ParseInvalidPathComponent"),
    ("SELECT DISTINCT name FROM S3Object", "ParseUnsupportedSelect")])
def test_wrong_expressions_are_named(people: Any, expression: str, code: str) -> None:
    assert refused(people.select_object_content, **wish(people, expression)) == (code, 400)


@pytest.mark.parametrize(("change", "code"), [
    ({"source": {"CSV": {}, "JSON": {"Type": "LINES"}}}, "ObjectSerializationConflict"),
    ({"source": {"CompressionType": "GZIP"}}, "InvalidDataSource"),
    ({"source": {"Parquet": {}, "CompressionType": "GZIP"}}, "InvalidCompressionFormat"),
    ({"source": {"CSV": {}, "CompressionType": "GZIP"}}, "InvalidCompressionFormat"),
    ({"source": {"CSV": {"FileHeaderInfo": "MAYBE"}}}, "InvalidFileHeaderInfo"),
    ({"source": {"JSON": {"Type": "LINES"}}}, "JSONParsingError"), ({"source": {"JSON": {"Type": "TREE"}}}, "InvalidJsonType"),
    ({"into": {"CSV": {"QuoteFields": "NEVER"}}}, "InvalidQuoteFields"),
    ({"ExpressionType": "PROLOG"}, "InvalidExpressionType"),
    ({"source": {"JSON": {"Type": "DOCUMENT"}}, "ScanRange": {"Start": 1}}, "UnsupportedScanRangeInput"),
    ({"ScanRange": {"Start": 5, "End": 2}}, "InvalidRequestParameter"), ({"source": {"CSV": {"QuoteCharacter": "ab"}}},
                                                                          "InvalidRequestParameter")])
def test_wrong_requests_are_named(people: Any, change: dict[str, Any], code: str) -> None:
    assert refused(people.select_object_content, **wish(people, "SELECT * FROM S3Object", **change)) == (code, 400)


def test_what_cannot_be_read(people: Any) -> None:
    assert refused(people.select_object_content, **wish(people, "SELECT * FROM S3Object", key="no")) == ("NoSuchKey", 404)
    people.put_object(Bucket=people.bucket, Key="cold", Body=PEOPLE, StorageClass="GLACIER")
    assert refused(people.select_object_content, **wish(people, "SELECT * FROM S3Object", key="cold")) == (
        "UnsupportedStorageClass", 400)


def test_nothing_is_left_behind(people: Any, cloud: Any) -> None:
    """Also where a client goes away in the middle of its answer."""
    people.put_object(Bucket=people.bucket, Key="large", Body=(b"x" * 99 + b"\n") * 100_000)
    asked = wish(people, "SELECT * FROM S3Object", key="large", source={"CSV": {}})
    answer = people.select_object_content(**asked)
    next(iter(answer["Payload"]))
    answer["Payload"].close()
    ask(people, "SELECT * FROM S3Object", source={"CSV": {}})
    folder = Path(cloud.kernel.store.blobs.temporary()).parent.parent
    for _ in range(100):
        if not list(folder.rglob("*.part")):
            return
        time.sleep(0.1)
    pytest.fail("files of queries are left")


@pytest.mark.parametrize("value", ["(" * 20_000 + "1" + ")" * 20_000, "1" + "+1" * 20_000])
def test_what_is_nested_too_deeply_is_refused(s3: Any, value: str) -> None:
    s3.put_object(Bucket=s3.bucket, Key="k", Body=PEOPLE)
    assert refused(s3.select_object_content, **wish(s3, f"SELECT {value} FROM s3object")) == ("UnsupportedSqlStructure", 400)
