"""A topic with queues, a mail address and a web server on it, and a topic in order."""

import base64
import json
import re
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from cumulet.faces.labs.room import Room


class Hook(BaseHTTPRequestHandler):
    """A server that takes what it is sent."""

    got: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        Hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


def solve(room: Room) -> None:
    """Subscribe all of them, publish, and look at what each gets."""
    sns, sqs = room.client("sns"), room.client("sqs")
    topic = sns.create_topic(Name="orders")["TopicArn"]
    for name in ("billing", "shipping"):
        sqs.create_queue(QueueName=name)
        attributes = {"FilterPolicy": json.dumps({"kind": ["goods"]})} if name == "shipping" else {}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{room.account}:{name}",
                      Attributes=attributes)

    said = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="office@example.com")
    assert said["SubscriptionArn"] == "pending confirmation"
    (line,) = room.remote.get("/_cumulet/mail", account=room.account)["messages"]
    text = room.remote.get("/_cumulet/mail", id=line["id"])["text"]
    urllib.request.urlopen(re.findall(r"http\S+ConfirmSubscription\S+", text)[0]).read()

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_address[1]}/orders")
        room.advance(1)
        asked = Hook.got.pop()
        urllib.request.urlopen(asked["SubscribeURL"]).read()
        for kind in ("goods", "voucher"):
            sns.publish(TopicArn=topic, Message=f"an order of {kind}", MessageAttributes={
                "kind": {"DataType": "String", "StringValue": kind}})
        room.advance(1)
        assert len(Hook.got) == 2
        _verify(Hook.got.pop())
    finally:
        server.shutdown()
        server.server_close()

    steps = sns.create_topic(Name="steps.fifo", Attributes={
        "FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    sqs.create_queue(QueueName="steps.fifo", Attributes={"FifoQueue": "true"})
    sns.subscribe(TopicArn=steps, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{room.account}:steps.fifo",
                  Attributes={"RawMessageDelivery": "true"})
    for step in ("one", "two", "two", "three"):
        sns.publish(TopicArn=steps, Message=step, MessageGroupId="g")
    room.refused("InvalidParameter", sns.publish, TopicArn=steps, Message="without a group")


def _verify(told: dict[str, Any]) -> None:
    """The signature, as a receiver checks it."""
    key = load_pem_x509_certificate(urllib.request.urlopen(told["SigningCertURL"]).read()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    text = "".join(f"{name}\n{told[name]}\n" for name in names).encode()
    key.verify(base64.b64decode(told["Signature"]), text, padding.PKCS1v15(), hashes.SHA1())
