"""Addresses and a form, signed by the SDK, used by plain HTTP."""

import json
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

from cumulet.faces.labs.room import Key, Room


def send(method: str, address: str, body: bytes | None = None, **headers: str) -> int:
    """The status of one request without credentials."""
    there = urlsplit(address)
    connection = HTTPConnection(there.netloc, timeout=10)
    try:
        connection.request(method, f"{there.path}?{there.query}", body,
                           {name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


def form(fields: dict[str, str], file: bytes) -> bytes:
    """multipart/form-data with the boundary "part"."""
    parts = [f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    head = '--part\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    return "".join(parts).encode() + head.encode() + file + b"\r\n--part--\r\n"


def solve(room: Room) -> None:
    """Signed by a user, since everybody's right is what the signature gives; the link that is over is waited for."""
    iam, name = room.client("iam"), f"drop-{room.account}"
    iam.create_user(UserName="signer")
    iam.put_user_policy(UserName="signer", PolicyName="files", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}))
    s3 = room.client("s3", Key.of(iam.create_access_key(UserName="signer")["AccessKey"]))
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="photo.txt", Body=b"a photo, in words")
    photo = {"Bucket": name, "Key": "photo.txt"}
    link = s3.generate_presigned_url("get_object", Params=photo, ExpiresIn=3600)
    assert send("GET", link) == 200
    assert send("GET", link.partition("?")[0]) == 403
    assert send("PUT", link, b"another photo") == 403
    s3.put_object(Bucket=name, Key="link.txt", Body=link.encode())

    upload = {"Bucket": name, "Key": "from-a-link.txt", "Metadata": {"via": "link"}}
    there = s3.generate_presigned_url("put_object", Params=upload, ExpiresIn=2)
    old = s3.generate_presigned_url("get_object", Params=photo, ExpiresIn=2)
    assert send("GET", old) == 200
    assert send("PUT", there, b"by a link", x_amz_meta_via="link") == 200
    time.sleep(3)
    assert send("GET", old) == 403
    assert send("PUT", there, b"too late", x_amz_meta_via="link") == 403
    s3.put_object(Bucket=name, Key="old-link.txt", Body=old.encode())

    made = s3.generate_presigned_post(name, "forms/${filename}", Fields={"x-amz-meta-via": "form"},
                                      Conditions=[{"x-amz-meta-via": "form"}, ["content-length-range", 1, 100]], ExpiresIn=60)
    kind = "multipart/form-data; boundary=part"
    assert send("POST", made["url"], form(made["fields"], b"by a form"), Content_Type=kind) == 204
    assert send("POST", made["url"], form(made["fields"], b"too long" * 100), Content_Type=kind) == 400
    assert send("POST", made["url"], form(made["fields"] | {"x-amz-meta-via": "me"}, b"x"), Content_Type=kind) == 403
