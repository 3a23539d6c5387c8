"""The page, what it asks for, and to whom that is opened."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from cumulet.faces.labs.room import Room, Wrong


def _port(room: Room) -> str:
    return room.endpoint.rpartition(":")[2]


def _allowed(room: Room, origin: str, method: str = "GET", **headers: str) -> tuple[int, str | None]:
    """Status of data.json, and which origin may read it, as a browser asks."""
    connection = HTTPConnection(urlsplit(room.endpoint).netloc, timeout=10)
    try:
        connection.request(method, "/data.json", headers={
            "Host": f"data-{room.account}.s3.localhost:{_port(room)}", "Origin": origin} | headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("Access-Control-Allow-Origin")
    finally:
        connection.close()


def page(room: Room) -> None:
    """The website has it, and it asks the other bucket."""
    status, body = room.get(f"page-{room.account}.s3-website.localhost", "/")
    if status != 200 or b"fetch" not in body or f"data-{room.account}.s3.localhost".encode() not in body:
        raise Wrong(f"the website of page-{room.account} answers {status}, and its page should fetch from data-{room.account}")


def data(room: Room) -> None:
    """Everybody may read it."""
    status, _ = room.get(f"data-{room.account}.s3.localhost", "/data.json")
    if status != 200:
        raise Wrong(f"data.json is answered {status} to everybody, and should be 200")


def cors(room: Room) -> None:
    """Asked, and asked beforehand."""
    origin = f"http://page-{room.account}.s3-website.localhost:{_port(room)}"
    if _allowed(room, origin)[1] not in (origin, "*"):
        raise Wrong(f"pages of {origin} may not read data.json")
    if _allowed(room, "http://elsewhere.example")[1] is not None:
        raise Wrong("pages of any origin may read data.json")
    status, _ = _allowed(room, origin, "OPTIONS", **{"Access-Control-Request-Method": "GET"})
    if status != 200:
        raise Wrong(f"the preflight is answered {status}")
