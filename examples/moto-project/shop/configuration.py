"""How the shop is set: parameters below /shop, and the password of its database."""

import json

import boto3


def put(name, value, secret=False):
    return boto3.client("ssm").put_parameter(Name=f"/shop/{name}", Value=value, Type="SecureString" if secret else "String",
                                             Overwrite=True)["Version"]


def everything():
    reader = boto3.client("ssm").get_paginator("get_parameters_by_path")
    pages = reader.paginate(Path="/shop", Recursive=True, WithDecryption=True)
    return {each["Name"].removeprefix("/shop/"): each["Value"] for page in pages for each in page["Parameters"]}


def get(name):
    ssm = boto3.client("ssm")
    try:
        return ssm.get_parameter(Name=f"/shop/{name}", WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None


def set_password(password):
    secrets = boto3.client("secretsmanager")
    text = json.dumps({"user": "shop", "password": password})
    try:
        secrets.put_secret_value(SecretId="shop/database", SecretString=text)
    except secrets.exceptions.ResourceNotFoundException:
        secrets.create_secret(Name="shop/database", SecretString=text)


def password(stage="AWSCURRENT"):
    found = boto3.client("secretsmanager").get_secret_value(SecretId="shop/database", VersionStage=stage)
    return json.loads(found["SecretString"])["password"]
