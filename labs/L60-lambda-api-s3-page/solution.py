"""A function, an HTTP API in front of it, and a page that asks."""

import json

from cumulet.faces.labs.room import Room

_CODE = '''import json


def handler(event, context):
    name = (event.get("queryStringParameters") or {}).get("name", "you")
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"},
            "body": json.dumps({"greeting": f"Hello, {name}!"})}
'''
_PAGE = '''<!doctype html><title>Greetings</title>
<button id="ask">Ask</button> <p id="said">nothing yet</p>
<script>
ask.onclick = () => fetch("ADDRESS/greeting?name=Ada").then(answer => answer.json())
  .then(told => { said.textContent = told.greeting }).catch(() => { said.textContent = "blocked" })
</script>'''


def solve(room: Room) -> None:
    """From the back to the front."""
    functions, gateway, s3 = room.client("lambda"), room.client("apigatewayv2"), room.client("s3")
    role = room.client("iam").create_role(RoleName="greeter", AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    arn = functions.create_function(FunctionName="greeter", Runtime="python3.11", Handler="greeter.handler", Role=role,
                                    Timeout=10, Code={"ZipFile": room.zipped({"greeter.py": _CODE})})["FunctionArn"]

    made = gateway.create_api(Name="greetings", ProtocolType="HTTP", RouteKey="GET /greeting", Target=arn)
    host, port = f"{made['ApiId']}.execute-api.localhost", room.endpoint.rpartition(":")[2]
    functions.add_permission(FunctionName="greeter", StatementId="api", Action="lambda:InvokeFunction",
                             Principal="apigateway.amazonaws.com",
                             SourceArn=f"arn:aws:execute-api:{room.region}:{room.account}:{made['ApiId']}/*")
    assert room.get(host, "/greeting?name=Ada") == (200, b'{"greeting": "Hello, Ada!"}')
    assert room.get(host, "/other")[0] == 404

    bucket = f"site-{room.account}"
    s3.create_bucket(Bucket=bucket)
    page = _PAGE.replace("ADDRESS", f"http://{host}:{port}")
    s3.put_object(Bucket=bucket, Key="index.html", ContentType="text/html", Body=page.encode())
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}}))
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    gateway.update_api(ApiId=made["ApiId"], CorsConfiguration={
        "AllowOrigins": [f"http://{bucket}.s3-website.localhost:{port}"], "AllowMethods": ["GET"]})
