"""Notes, as Chalice's users write them: routes, bodies, errors, an authorizer, CORS. (Its analyser cannot read annotations.)"""

from chalice import AuthResponse, BadRequestError, Chalice, NotFoundError, Response

app = Chalice(app_name="notes")
app.api.binary_types.append("image/x-own")
NOTES = {"first": {"text": "hello"}}


@app.authorizer(ttl_seconds=30)
def doorman(request):
    """Who knows the word may read what is private."""
    return AuthResponse(routes=["/private"] if request.token == "open" else [], principal_id="guest")


@app.route("/")
def index():
    """Where it runs."""
    return {"notes": sorted(NOTES), "stage": app.current_request.context["stage"]}


@app.route("/notes/{name}", methods=["GET", "PUT"], cors=True)
def note(name):
    """One note."""
    request = app.current_request
    if request.method == "PUT":
        if "text" not in (request.json_body or {}):
            raise BadRequestError("a note has a text")
        NOTES[name] = request.json_body
        return Response(body={"kept": name}, status_code=201, headers={"X-Kept": "1"})
    if name not in NOTES:
        raise NotFoundError(name)
    return NOTES[name]


@app.route("/image")
def image():
    """Bytes."""
    return Response(body=b"\x89PNG\xff", headers={"Content-Type": "image/x-own"})


@app.route("/private", authorizer=doorman)
def private():
    """For guests."""
    return {"who": app.current_request.context["authorizer"]["principalId"]}
