"""Functions are brought to the cloud from here."""

import io
import zipfile

import boto3

from . import people


def package(source):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("main.py", source)
    return made.getvalue()


def deploy(name, source, **environment):
    """Create a function, or change its code; the new version."""
    functions = boto3.client("lambda")
    try:
        functions.get_function(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        role = people.role(f"{name}-role", "lambda.amazonaws.com", "logs:PutLogEvents")
        made = functions.create_function(FunctionName=name, Runtime="python3.12", Handler="main.handler", Role=role,
                                         Publish=True, Code={"ZipFile": package(source)},
                                         Environment={"Variables": environment})
        functions.create_alias(FunctionName=name, Name="live", FunctionVersion=made["Version"])
        return made["Version"]
    made = functions.update_function_code(FunctionName=name, ZipFile=package(source), Publish=True)
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=made["Version"])
    return made["Version"]


def live(name):
    return boto3.client("lambda").get_alias(FunctionName=name, Name="live")["FunctionVersion"]


def names():
    pages = boto3.client("lambda").get_paginator("list_functions").paginate()
    return sorted(each["FunctionName"] for page in pages for each in page["Functions"])
