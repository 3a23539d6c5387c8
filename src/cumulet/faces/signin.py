"""The console's sign-in: `https://ACCOUNT_OR_ALIAS.signin.aws.amazon.com/console`, here also `….signin.localhost`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from ..kernel.access import console, passwords, simulate
from ..kernel.access.contract import root_of
from ..kernel.call import Call
from ..kernel.cloud import Cloud
from ..kernel.errors import AwsError
from ..kernel.http.message import Request, Response
from ..kernel.store.contract import Transaction
from .pages import Answering, form_of, from_here, html

HOSTS = ("signin.localhost", "signin.aws.amazon.com")
COOKIE = "cumulet-console"
_REGION = "us-east-1"                 # where AWS notes sign-ins
_HERE = ("/console", "/console/", "/")
_WRONG = "Your authentication information is incorrect. Please try again."
_EXPIRED = "Your password has expired. Contact your administrator to set a new one."
_CODE = "Enter the code of your MFA device to complete the sign-in."
_CHANGE = "You must change your password to continue."
_UNEQUAL = "The new passwords are not the same."


class Outcome(NamedTuple):
    """token: of a session that began; otherwise what to say, and whether a new password is asked for."""

    token: str = ""
    message: str = ""
    change: bool = False


class SignIn:
    """What the page answers."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def page(self, request: Request) -> Response:
        out = request.path == "/console/sign-out"
        if not out and request.path not in _HERE:
            return html("Not found", "<p>There is no such page.</p>", 404)
        if request.method in ("GET", "HEAD") and not out:
            return await self._show(request)
        if request.method != "POST":
            return html("Sign in", "<p>This method is not allowed.</p>", 405)
        if not from_here(request):
            return html("Sign in", "<p>Pages of other origins may not sign anybody in or out.</p>", 403)
        if out:
            await self.cloud.store.run(lambda tx: console.end(tx, cookie(request)))
            return _redirect(request, "")
        form = form_of(request)
        if form is None:
            return html("Sign in", "<p>The form cannot be read.</p>", 400)
        outcome = await self.attempt(request, form)
        if outcome.token:
            return _redirect(request, outcome.token)
        return _ask(form, outcome.message, outcome.change)

    async def _show(self, request: Request) -> Response:
        now = self.cloud.clock.now()
        found = await self.cloud.store.run(lambda tx: console.session(tx, cookie(request), now))
        if found is None:
            return _ask({"account": request.host.partition(".")[0]}, "", False)
        return html("Console", f'<p>Signed in as <strong>{escape(found.name)}</strong> of account '
                                f'<strong>{found.account}</strong>.</p>\n<form method="post" action="/console/sign-out">'
                                "<button>Sign out</button></form>")

    async def attempt(self, request: Request, form: Mapping[str, str]) -> Outcome:
        """One attempt. The password is hashed in a thread, for it takes as long as hundreds of calls."""
        name = form.get("username", "")
        salt = await self.cloud.store.run(lambda tx: console.salt_of(self._call(tx, request, form), name))
        said = await asyncio.to_thread(passwords.given, form.get("password", ""), salt)
        return await self.cloud.store.run(lambda tx: self._attempt(self._call(tx, request, form), form, said))

    def _call(self, tx: Transaction, request: Request, form: Mapping[str, str]) -> Call:
        account = console.account_of(tx, form.get("account", "").strip())
        return Call(self.cloud, tx, "iam", "ConsoleLogin", account, _REGION, root_of(account), self.cloud.clock.now(), request,
                    self.cloud.chance.uuid(), self.cloud.endpoint)

    def _attempt(self, call: Call, form: Mapping[str, str], said: passwords.Given) -> Outcome:
        """In one transaction: the password, the device's code, a new password, the session, the event."""
        tried = console.check(call, form.get("username", ""), said, form.get("mfacode", "").strip())
        outcome = self._decided(call, tried, form)
        if call.account and tried.answer != "code":
            _note(call, tried, form.get("username", ""), bool(outcome.token))
        return outcome

    def _decided(self, call: Call, tried: console.Tried, form: Mapping[str, str]) -> Outcome:
        if tried.user is None:
            return Outcome(message=_WRONG)
        if tried.answer == "code":
            return Outcome(message=_CODE, change="newpassword" in form)
        if tried.answer == "expired":
            return Outcome(message=_EXPIRED)
        if tried.answer == "change":
            refusal = _renew(call, tried, form)
            if refusal:
                return Outcome(message=refusal, change=True)
        return Outcome(token=console.begin(call, tried.user, tried.mfa))


def _renew(call: Call, tried: console.Tried, form: Mapping[str, str]) -> str:
    """Set the new password as the user itself, by IAM's own rules; why not, or ""."""
    new = form.get("newpassword", "")
    if not new:
        return _CHANGE
    if new != form.get("newpassword2", ""):
        return _UNEQUAL
    assert tried.user is not None
    who = simulate.principal_of(call, call.arn(tried.user))
    assert who is not None
    own = Call(call.cloud, call.tx, "iam", "ChangePassword", call.account, _REGION, who, call.now, None, call.request_id,
               call.endpoint)
    try:
        with call.tx.savepoint():
            own.aws.iam.change_password(OldPassword=form.get("password", ""), NewPassword=new)
    except AwsError as problem:
        return problem.message
    return ""


def _note(call: Call, tried: console.Tried, name: str, done: bool) -> None:
    """The event that AWS notes of each sign-in."""
    user = tried.user
    identity = {"type": "IAMUser", "accountId": call.account, "userName": name if user is not None else
                "HIDDEN_DUE_TO_SECURITY_REASONS"}
    if user is not None:
        identity |= {"arn": call.arn(user), "principalId": user.UserId}
    call.emit("AWS Console Sign In via CloudTrail", {
        "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "awsRegion": _REGION, "userIdentity": identity,
        "sourceIPAddress": call.request.client if call.request else "", "responseElements": {
            "ConsoleLogin": "Success" if done else "Failure"},
        "additionalEventData": {"MFAUsed": "Yes" if tried.mfa else "No"}}, source="aws.signin")


# --- what comes and goes ------------------------------------------------------------------------------------------------


def cookie(request: Request) -> str:
    """The token that the browser holds; "" when it has none."""
    try:
        found = SimpleCookie(request.headers.get("cookie", "").replace(",", ";"))
    except CookieError:
        return ""
    return found[COOKIE].value if COOKIE in found else ""


def _redirect(request: Request, token: str) -> Response:
    ends = int(console.LASTS) if token else 0
    secure = "; Secure" if request.scheme == "https" else ""
    return Response(303, [("Location", "/console"), ("Cache-Control", "no-store"),
                          ("Set-Cookie", f"{COOKIE}={token}; Path=/; Max-Age={ends}; HttpOnly; SameSite=Strict{secure}")])


def _ask(form: Mapping[str, str], message: str, change: bool) -> Response:
    """The form; passwords and codes are never told back."""
    def field(name: str, label: str, kind: str = "text", hint: str = "off") -> str:
        value = f' value="{escape(form.get(name, ""))}"' if kind == "text" and name != "mfacode" else ""
        return (f'<label for="{name}">{label}</label>'
                f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{hint}"{value}>')

    fields = [field("account", "Account ID or account alias"), field("username", "IAM user name", hint="username"),
              field("password", "Old password" if change else "Password", "password", "current-password")]
    if change:
        fields += [field("newpassword", "New password", "password", "new-password"),
                   field("newpassword2", "Retype new password", "password", "new-password")]
    fields.append(field("mfacode", "MFA code, if you have a device", hint="one-time-code"))
    told = f'<p role="alert">{escape(message)}</p>\n' if message else ""
    return html("Sign in as IAM user", told + '<form method="post" action="/console">\n' + "\n".join(fields) +
                 "\n<button>Sign in</button>\n</form>", 200 if message in ("", _CODE) or change else 401)


def mount(cloud: Cloud) -> None:
    """Put the sign-in pages on a cloud."""
    page = Answering("Sign in", SignIn(cloud).page)
    for host in HOSTS:
        cloud.sites[host] = page
