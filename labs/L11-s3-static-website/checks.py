"""The website endpoint answers with the pages."""

from cumulet.faces.labs.room import Room, Wrong


def pages(room: Room) -> None:
    """Both are there, as HTML."""
    for key in ("index.html", "error.html"):
        kind = room.client("s3").head_object(Bucket=f"site-{room.account}", Key=key)["ContentType"]
        if not kind.startswith("text/html"):
            raise Wrong(f"{key} is {kind}")


def website(room: Room) -> None:
    """Asked as a browser asks."""
    host, s3 = f"site-{room.account}.s3-website.localhost", room.client("s3")
    for path, due, key in (("/", 200, "index.html"), ("/nowhere.html", 404, "error.html")):
        status, body = room.get(host, path)
        if status != due:
            raise Wrong(f"http://{host}{path} is answered {status}, and should be {due}")
        if body != s3.get_object(Bucket=f"site-{room.account}", Key=key)["Body"].read():
            raise Wrong(f"http://{host}{path} is not {key}")
