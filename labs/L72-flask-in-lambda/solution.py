"""Flask, an adapter and the application in one package, behind one route."""

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from cumulet.faces.labs.room import Room

_APP = '''import boto3
from apig_wsgi import make_lambda_handler
from flask import Flask, abort, request

app = Flask(__name__)
notes = boto3.resource("dynamodb").Table("notes")


@app.put("/notes/<name>")
def make(name):
    notes.put_item(Item={"name": name, "text": request.get_json()["text"]})
    return {"name": name}, 201


@app.get("/notes/<name>")
def read(name):
    return notes.get_item(Key={"name": name}).get("Item") or abort(404)


@app.patch("/notes/<name>")
def change(name):
    read(name)
    return make(name)[0]


@app.delete("/notes/<name>")
def end(name):
    notes.delete_item(Key={"name": name})
    return "", 204


@app.post("/notes")
def add():
    return make(request.get_json()["name"])


handler = make_lambda_handler(app)
'''
_NEEDS = ("flask>=3", "apig-wsgi>=2.19")             # boto3 is there already


def package() -> bytes:
    """The application with what it needs, from PyPI."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder, *_NEEDS], check=True, timeout=300)
        for file in sorted(Path(folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                made.write(file, file.relative_to(folder))
        made.writestr("app.py", _APP)
    return out.getvalue()


def solve(room: Room) -> None:
    """As one moves an application from a server."""
    functions, gateway, iam = room.client("lambda"), room.client("apigatewayv2"), room.client("iam")
    room.client("dynamodb").create_table(
        TableName="notes", KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}])
    role = iam.create_role(RoleName="notes", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="notes", PolicyName="table", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:DeleteItem"],
            "Resource": f"arn:aws:dynamodb:{room.region}:{room.account}:table/notes"}}))
    arn = functions.create_function(FunctionName="notes", Runtime="python3.11", Handler="app.handler", Role=role, Timeout=30,
                                    MemorySize=512, Code={"ZipFile": package()})["FunctionArn"]
    api = gateway.create_api(Name="notes", ProtocolType="HTTP", Target=arn)["ApiId"]
    functions.add_permission(FunctionName="notes", StatementId="api", Action="lambda:InvokeFunction",
                             Principal="apigateway.amazonaws.com",
                             SourceArn=f"arn:aws:execute-api:{room.region}:{room.account}:{api}/*")
    host = f"{api}.execute-api.localhost"
    note = json.dumps({"name": "first", "text": "hello"}).encode()
    assert room.get(host, "/notes", {"Content-Type": "application/json"}, "POST", note)[0] == 201
    assert json.loads(room.get(host, "/notes/first")[1]) == {"name": "first", "text": "hello"}
    assert room.get(host, "/nowhere")[0] == 404
