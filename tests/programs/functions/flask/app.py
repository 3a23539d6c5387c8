"""A Flask application that knows nothing of functions."""

from apig_wsgi import make_lambda_handler
from flask import Flask, Response, abort, jsonify, make_response, request

app = Flask(__name__)
notes: dict[str, str] = {}


@app.put("/notes/<name>")
def make(name: str) -> tuple[Response, int]:
    """Keep a note."""
    notes[name] = request.get_json()["text"]
    return jsonify(kept=len(notes)), 201


@app.get("/notes/<name>")
def read(name: str) -> Response:
    """Tell it."""
    return jsonify(text=notes[name]) if name in notes else abort(404)


@app.delete("/notes/<name>")
def end(name: str) -> tuple[str, int]:
    """Forget it."""
    notes.pop(name, None)
    return "", 204


@app.post("/form")
def form() -> Response:
    """Two cookies, and what was sent."""
    answer = make_response(request.form["text"] + " " + ",".join(request.args.getlist("q")))
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


@app.get("/image")
def image() -> Response:
    """Bytes that are no text."""
    return Response(b"\x89PNG\xff", content_type="image/png")


handler = make_lambda_handler(app, binary_support=True)
