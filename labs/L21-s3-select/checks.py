"""The objects answer queries, and the kept answer is what a query says."""

import json

from cumulet.faces.labs.room import Room, Wrong

CSV = {"CSV": {"FileHeaderInfo": "USE"}}
PACKED = {"JSON": {"Type": "LINES"}, "CompressionType": "GZIP"}


def lines(room: Room) -> None:
    """Asked as the lab asks."""
    if len(_asked(room, "sales.csv", CSV, "SELECT s.city, CAST(s.amount AS INT) AS amount FROM S3Object s")) < 3:
        raise Wrong("sales.csv has fewer than three lines")


def packed(room: Room) -> None:
    """The same sales."""
    both = [_asked(room, key, how, "SELECT s.city, CAST(s.amount AS INT) AS amount FROM S3Object s")
            for key, how in (("sales.csv", CSV), ("sales.json.gz", PACKED))]
    if both[0] != both[1]:
        raise Wrong(f"sales.csv has {both[0]}, and sales.json.gz {both[1]}")


def answer(room: Room) -> None:
    """The sum of one city."""
    kept = json.loads(room.client("s3").get_object(Bucket=f"sales-{room.account}", Key="answer.json")["Body"].read())
    city = str(kept.get("city")).replace("'", "''")
    due = _asked(room, "sales.csv", CSV, f"SELECT SUM(CAST(s.amount AS INT)) AS total FROM S3Object s WHERE s.city = '{city}'")
    if due[0]["total"] is None or due[0]["total"] != kept.get("total"):
        raise Wrong(f"the total of {kept.get('city')} is {due[0]['total']}, and answer.json says {kept.get('total')}")


def _asked(room: Room, key: str, how: dict[str, object], expression: str) -> list[dict[str, object]]:
    events = room.client("s3").select_object_content(
        Bucket=f"sales-{room.account}", Key=key, ExpressionType="SQL", Expression=expression, InputSerialization=how,
        OutputSerialization={"JSON": {}})["Payload"]
    data = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
    return [json.loads(line) for line in data.splitlines()]
