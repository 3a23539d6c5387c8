"""Java functions run by the JDK on PATH; where there is none, their invocation says what to install."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from .conftest import Deploy

SOURCES = {
    "com/amazonaws/services/lambda/runtime/Context.java": """package com.amazonaws.services.lambda.runtime;
public interface Context { String getAwsRequestId(); String getFunctionName(); int getRemainingTimeInMillis();
  int getMemoryLimitInMB(); LambdaLogger getLogger(); }""",
    "com/amazonaws/services/lambda/runtime/LambdaLogger.java": """package com.amazonaws.services.lambda.runtime;
public interface LambdaLogger { void log(String message); }""",
    "com/amazonaws/services/lambda/runtime/RequestHandler.java": """package com.amazonaws.services.lambda.runtime;
public interface RequestHandler<I, O> { O handleRequest(I input, Context context); }""",
    "com/amazonaws/services/lambda/runtime/RequestStreamHandler.java": """package com.amazonaws.services.lambda.runtime;
public interface RequestStreamHandler {
  void handleRequest(java.io.InputStream in, java.io.OutputStream out, Context context) throws java.io.IOException; }""",
    "shop/App.java": """package shop;
import com.amazonaws.services.lambda.runtime.*;
import java.util.*;
public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private int count;
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    context.getLogger().log("said " + event);
    if (event.containsKey("fail")) throw new IllegalStateException("no such thing");
    if (event.containsKey("exit")) System.exit(3);
    Map<String, Object> answer = new TreeMap<>();
    answer.put("event", event);
    answer.put("name", context.getFunctionName());
    answer.put("left", context.getRemainingTimeInMillis());
    answer.put("memory", context.getMemoryLimitInMB());
    answer.put("count", ++count);
    return answer;
  }
  public static String joined(List<String> words, Context context) { return String.join(" ", words); }
  public Object odd(Thread nobody) { return null; }
}""",
    "shop/Pipe.java": """package shop;
import com.amazonaws.services.lambda.runtime.*;
public class Pipe implements RequestStreamHandler {
  public void handleRequest(java.io.InputStream in, java.io.OutputStream out, Context context) throws java.io.IOException {
    in.transferTo(out);
  }
}""",
}


def built(folder: Path) -> bytes:
    """A jar as users upload it: their classes and AWS's interfaces; or, without a compiler, the sources."""
    for name, text in SOURCES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if shutil.which("javac") is not None:
        subprocess.run(["javac", "--release", "11", *SOURCES], cwd=folder, check=True, capture_output=True, timeout=60)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for path in sorted(folder.rglob("*.*")):
            if path.is_file():
                z.write(path, path.relative_to(folder))
    return out.getvalue()


def test_java_functions_run_where_a_jdk_is_and_say_what_is_missing_elsewhere(deploy: Deploy, tmp_path: Path) -> None:
    function = deploy(Runtime="java21", Handler="shop.App", MemorySize=512, Timeout=30, Code={"ZipFile": built(tmp_path)})
    if shutil.which("javac") is None:
        with pytest.raises(ClientError, match=r"needs a JDK .* default-jdk-headless") as problem:
            function({})
        assert problem.value.response["Error"]["Code"] == "InvalidRuntimeException"
        return
    event = {"text": 'ü "quoted"\n', "many": [1, 2.5, -3, None, True, {"deep": []}], "large": 12345678901}
    answer = function.raw(event)
    said = answer["Payload"]
    assert (said["event"], said["name"], said["memory"], said["count"]) == (event, function.name, 512, 1)
    assert 0 < said["left"] <= 30_000
    assert "said {text=" in answer["Log"]
    failed = function.raw({"fail": True})
    assert (failed["FunctionError"], failed["Payload"]["errorType"]) == ("Unhandled", "java.lang.IllegalStateException")
    assert failed["Payload"]["errorMessage"] == "no such thing"
    assert failed["Payload"]["stackTrace"][0].startswith("shop.App.handleRequest(App.java:")
    assert "no such thing: java.lang.IllegalStateException" in failed["Log"]
    assert function({})["count"] == 2
    for handler, given, wanted in (("shop.App::joined", ["a", "b"], "a b"),
                                   ("shop.Pipe", {"as": ["it", "is"]}, {"as": ["it", "is"]})):
        function.client.update_function_configuration(FunctionName=function.name, Handler=handler)
        assert function(given) == wanted
    for handler, kind in (("shop.App::odd", "Runtime.UnmarshalError"), ("shop.None", "java.lang.ClassNotFoundException")):
        function.client.update_function_configuration(FunctionName=function.name, Handler=handler)
        assert function.raw({})["Payload"]["errorType"] == kind
