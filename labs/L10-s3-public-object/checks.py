"""Anonymous readers get objects, and nothing else."""

from cumulet.faces.labs.room import Room, Wrong


def private(room: Room) -> None:
    """The object is there."""
    room.client("s3").head_object(Bucket=f"open-{room.account}", Key="hello.txt")


def public(room: Room) -> None:
    """Asked as a browser asks."""
    host = f"open-{room.account}.s3.localhost"
    for method, path, due in (("GET", "/hello.txt", 200), ("GET", "/", 403), ("PUT", "/by-anybody.txt", 403)):
        status, _ = room.get(host, path, method=method)
        if status != due:
            raise Wrong(f"{method} http://{host}{path} without credentials is answered {status}, and should be {due}")
