"""One address works, one is over, and two uploads came without credentials."""

from urllib.parse import parse_qs, urlsplit

from cumulet.faces.labs.room import Room, Wrong


def _follow(room: Room, key: str) -> tuple[int, bytes]:
    """Where the address in an object leads."""
    text = room.client("s3").get_object(Bucket=f"drop-{room.account}", Key=key)["Body"].read().decode().strip()
    address = urlsplit(text)
    if "photo.txt" not in address.path or not {"X-Amz-Signature", "Signature"} & parse_qs(address.query).keys():
        raise Wrong(f"{key} holds no presigned address of photo.txt")
    return room.get(address.netloc, f"{address.path}?{address.query}")


def _via(room: Room, key: str, how: str) -> None:
    found = room.client("s3").head_object(Bucket=f"drop-{room.account}", Key=key)["Metadata"].get("via")
    if found != how:
        raise Wrong(f"the metadata via of {key} is {found!r}, and should be {how!r}")


def link(room: Room) -> None:
    """It works, and without it nobody gets in."""
    status, body = _follow(room, "link.txt")
    if status != 200 or body != room.client("s3").get_object(Bucket=f"drop-{room.account}", Key="photo.txt")["Body"].read():
        raise Wrong(f"the address in link.txt is answered {status}")
    status, _ = room.get(f"drop-{room.account}.s3.localhost", "/photo.txt")
    if status != 403:
        raise Wrong(f"photo.txt is answered {status} without a signature: the bucket is not private")


def ended(room: Room) -> None:
    """Its time is over; its signature is right."""
    status, body = _follow(room, "old-link.txt")
    if status != 403 or b"Request has expired" not in body:
        raise Wrong(f"the address in old-link.txt is answered {status}, and should have expired")


def upload(room: Room) -> None:
    """By a link."""
    _via(room, "from-a-link.txt", "link")


def form(room: Room) -> None:
    """By a form."""
    found = room.client("s3").list_objects_v2(Bucket=f"drop-{room.account}", Prefix="forms/").get("Contents", [])
    if not found:
        raise Wrong("nothing was uploaded to forms/")
    _via(room, found[0]["Key"], "form")
