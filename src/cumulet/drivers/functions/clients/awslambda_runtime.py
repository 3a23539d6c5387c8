"""Runs a Python function: asks the Runtime API for events over one raw socket, calls the handler, answers.

It runs under any `pythonX.Y` from 3.9 on, in the function's sandbox, and imports little, because every start waits for it:
neither typing nor importlib, and sockets without their enumerations.
The answer to one event and the question for the next go out together.
"""

from __future__ import annotations

import _socket as socket
import json
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_API = "/2018-06-01/runtime/"
_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


class Connection:
    """The one connection to the Runtime API."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def ask(self, text: bytes, body: bytes = b"") -> None:
        """Send a request without waiting."""
        self.socket.sendall(text + body)

    def answer(self) -> tuple[dict[str, str], bytes]:
        """The next answer: its headers (names in lower case) and its body."""
        held = self.held
        while True:
            end = held.find(b"\r\n\r\n")
            if end >= 0:
                break
            data = self.socket.recv(1 << 16)
            if not data:
                sys.exit(0)
            held += data
        headers = {}
        for line in held[:end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        pieces = [held[end + 4:end + 4 + length]]
        self.held = held[end + 4 + length:]
        missing = length - len(pieces[0])
        while missing:
            data = self.socket.recv(min(missing, 1 << 20))
            if not data:
                sys.exit(0)
            pieces.append(data)
            missing -= len(data)
        return headers, b"".join(pieces)


def post(path: str, body: bytes, more: bytes = b"") -> bytes:
    return b"POST %s%s HTTP/1.1\r\nHost: runtime\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n" % (
        _API.encode(), path.encode(), more, len(body))


_NEXT = b"GET " + _API.encode() + b"invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n"


class Fault(Exception):
    """What the runtime itself has to say against a function."""

    def __init__(self, kind: str, message: str, stack: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = kind
        self.stack = list(stack)


class Identity:
    """Who called, where Cognito said so."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.cognito_identity_id = said.get("cognitoIdentityId")
        self.cognito_identity_pool_id = said.get("cognitoIdentityPoolId")


class Client:
    def __init__(self, said: dict[str, Any]) -> None:
        for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"):
            setattr(self, name, said.get(name))


class ClientContext:
    """What a mobile application told of itself."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.custom = said.get("custom")
        self.env = said.get("env")
        self.client = Client(said["client"]) if said.get("client") else None


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, headers: dict[str, str]) -> None:
        env = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.log_group_name = env.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = env.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = env.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = env.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = env.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        client = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = Identity(json.loads(identity) if identity else {})
        self._deadline = int(headers.get("lambda-runtime-deadline-ms", 0))

    def get_remaining_time_in_millis(self) -> int:
        # The wall's time, as in AWS: the deadline that came with the event is of the same clock. This runs in the function's
        # own process, where a moved clock of the cloud's is not known.
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        fields = ",".join(f"{k}={v}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"LambdaContext([{fields}])"


def load(name: str) -> Any:
    """The handler's function."""
    module_name, dot, function = name.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)")
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Fault("Runtime.BuiltInModuleConflict",
                        f"Cannot use built-in module {module_name} as a handler module")
        module_path = module_name.replace("/", ".")
        __import__(module_path)
        module = sys.modules[module_path]
    except ImportError as problem:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {problem}") from problem
    except SyntaxError as problem:
        stack = (f'  File "{problem.filename}" Line {problem.lineno}\n    {problem.text}',)
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {problem}", stack) from None
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'") from None


def explained(problem: BaseException, request: str = "") -> dict[str, Any]:
    """An exception as Lambda tells it."""
    if isinstance(problem, Fault):
        return {"errorMessage": str(problem), "errorType": problem.kind, "requestId": request, "stackTrace": problem.stack}
    traceback = __import__("traceback")                 # as late as can be: it takes longer than all else here
    frames = traceback.extract_tb(problem.__traceback__)
    own = [f for f in frames if f.filename != __file__ and not f.filename.startswith("<frozen importlib")]
    return {"errorMessage": str(problem), "errorType": type(problem).__name__, "requestId": request,
            "stackTrace": traceback.format_list(own)}


def log_error(said: dict[str, Any]) -> None:
    """One log event: an object in JSON, or lines of which those within it end in \\r."""
    if _JSON:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        sys.stdout.write(json.dumps({"timestamp": when, "level": "ERROR", **said}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    what = f"[ERROR] {said['errorType']}"
    lines = [f"{what}: {said['errorMessage']}" if said["errorMessage"] else what]
    if said["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines += [line.rstrip("\n") for line in said["stackTrace"]]
    sys.stdout.write("\r".join(lines).replace("\n", "\r") + "\n")
    sys.stdout.flush()


def _default(value: Any) -> float:
    if type(value).__name__ == "Decimal":
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_default)


def encoded(result: Any) -> bytes:
    try:
        return _ENCODER.encode(result).encode()
    except Exception as problem:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {problem}") from problem


def serve(connection: Connection, handler: Any) -> None:
    """Event by event, for ever."""
    environ = os.environ
    connection.ask(_NEXT)
    while True:
        headers, event = connection.answer()
        request = headers["lambda-runtime-aws-request-id"]
        current[0] = request
        trace = headers.get("lambda-runtime-trace-id")
        if trace:
            environ["_X_AMZN_TRACE_ID"] = trace
        try:
            try:
                event = json.loads(event)
            except ValueError as problem:
                raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {problem}") from None
            body = encoded(handler(event, LambdaContext(headers)))
            what, more = "/response", b""
        except SystemExit:
            raise
        except BaseException as problem:
            said = explained(problem, request)
            log_error(said)
            body = json.dumps(said).encode()
            what, more = "/error", b"Lambda-Runtime-Function-Error-Type: %s\r\n" % said["errorType"].encode()
        sys.stdout.flush()
        connection.ask(post("invocation/" + request + what, body, more) + body + _NEXT)
        connection.answer()


current = [""]


class _Logging:
    """Puts Lambda's handler on the root logger when a function first imports logging: that import is slow."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "logging":
            return None
        sys.meta_path.remove(self)
        finder: Any = sys.meta_path[-1]                  # that of the file system
        spec = finder.find_spec(name)
        loader: Any = spec.loader
        run = loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            _log_as_lambda(module)

        loader.exec_module = exec_module
        return spec


def _log_as_lambda(logging: Any) -> None:
    formatter = _json_formatter(logging) if _JSON else logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S")

    class Handler(logging.StreamHandler):                # type: ignore[misc]
        def format(self, record: Any) -> str:
            record.aws_request_id = current[0]
            return str(logging.Handler.format(self, record)).replace("\n", "\r")

    formatter.converter = time.gmtime
    handler = Handler(sys.stdout)
    handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
    if _JSON:
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.getLogger().setLevel({"TRACE": "DEBUG"}.get(level, level))


def _json_formatter(logging: Any) -> Any:
    """What is logged as an object: also what `extra` brings, and where an exception comes from."""
    known = {*vars(logging.makeLogRecord({})), "message", "asctime", "aws_request_id"}

    class Formatter(logging.Formatter):                  # type: ignore[misc]
        def format(self, record: Any) -> str:
            when = self.formatTime(record, "%Y-%m-%dT%H:%M:%S")
            said = {"timestamp": f"{when}.{int(record.msecs):03d}Z", "level": record.levelname, "message": record.getMessage(),
                    "logger": record.name}
            if record.exc_info and record.exc_info[0]:
                kind, problem, trace = record.exc_info
                said |= {"stackTrace": __import__("traceback").format_tb(trace), "errorType": kind.__name__,
                         "errorMessage": str(problem), "location": f"{record.pathname}:{record.funcName}:{record.lineno}"}
            if record.aws_request_id:
                said["requestId"] = record.aws_request_id
            said |= {name: value for name, value in vars(record).items() if name not in known and name not in said}
            return json.dumps(said, ensure_ascii=False, default=str)

    return Formatter()


def main() -> None:
    connection = Connection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    runtime = os.path.dirname(os.path.abspath(__file__))
    opt = os.environ.pop("CUMULET_OPT", "/opt")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    extra = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    given = [p for p in sys.path if p not in ("", runtime) and p not in extra]
    sys.path[:] = [os.environ["LAMBDA_TASK_ROOT"], f"{opt}/python/lib/{version}/site-packages", opt + "/python", *extra, *given]
    sys.meta_path.insert(0, _Logging())
    sys.stdout.reconfigure(line_buffering=True)         # type: ignore[union-attr]
    try:
        handler = load(os.environ["_HANDLER"])
    except SystemExit:
        raise
    except BaseException as problem:
        said = explained(problem)
        log_error(said)
        body = json.dumps(said).encode()
        kind = b"Lambda-Runtime-Function-Error-Type: %s\r\n" % said["errorType"].encode()
        connection.ask(post("init/error", body, kind), body)
        connection.answer()
        sys.exit(1)
    serve(connection, handler)
