"""The access portal's page where somebody of IAM Identity Center lets a waiting program in (`aws sso login`).

`https://d-….awsapps.com/start/device`, here also `….awsapps.localhost`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs

from ..kernel.access import passwords
from ..kernel.access.contract import ANONYMOUS
from ..kernel.call import Call
from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Response
from ..kernel.store.contract import Transaction
from .pages import Answering, form_of, from_here, html

HOSTS = ("awsapps.localhost", "awsapps.com")
_PAGE = "/start/device"
_SALT, _LETTERS = 32, "abcdefghijklmnopqrstuvwxyz0123456789"
_SAID = {"wrong": "Your authentication information is incorrect. Please try again.",
         "gone": "The code is not valid, or not any more. Start anew in your program.",
         "new": "You have no password yet. Choose one.", "weak": "A password has at least 8 characters.",
         "unequal": "The new passwords are not the same."}


class Portal:
    """What the page answers."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    async def page(self, request: Request) -> Response:
        if request.path != _PAGE:
            return html("Not found", "<p>There is no such page.</p>", 404)
        if request.method in ("GET", "HEAD"):
            return _ask({"user_code": parse_qs(request.query).get("user_code", [""])[0]}, "")
        if request.method != "POST":
            return html("Access portal", "<p>This method is not allowed.</p>", 405)
        if not from_here(request):
            return html("Access portal", "<p>Pages of other origins may not let anybody in.</p>", 403)
        form = form_of(request)
        if form is None:
            return html("Access portal", "<p>The form cannot be read.</p>", 400)
        if form.get("newpassword", "") != form.get("newpassword2", ""):
            return _ask(form, "unequal")
        store = request.host.partition(".")[0]
        answer = await self._approve(request, store, form)
        if answer == "ok":
            return html("Request approved", "<p>The program that waits may go on; this page may be closed.</p>")
        return _ask(form, answer)

    async def _approve(self, request: Request, store: str, form: Mapping[str, str]) -> str:
        """What became of it. The password is hashed in a thread, for it takes as long as hundreds of calls."""
        from ..services.sso_admin import portal

        def call(tx: Transaction) -> Call:
            return Call(self.cloud, tx, "sso-admin", "Approve", "", "", ANONYMOUS, self.cloud.clock.now(), request,
                        self.cloud.chance.uuid(), self.cloud.endpoint)

        self.cloud.catalog.load("sso-admin")
        name, new, code = form.get("username", ""), form.get("newpassword", ""), form.get("user_code", "")
        salt = await self.cloud.store.run(lambda tx: portal.salt_of(call(tx), store, name))
        said = await asyncio.to_thread(passwords.given, form.get("password", "") if salt else new,
                                       salt or self.cloud.chance.token(_SALT, _LETTERS))
        return await self.cloud.store.run(lambda tx: portal.approve(call(tx), store, code, name, said, new))


def _ask(form: Mapping[str, str], said: str) -> Response:
    """The form; passwords are never told back."""
    new = said in ("new", "weak", "unequal")
    fields = [("user_code", "Code that your program shows", "text"), ("username", "User name", "text")]
    fields += [("newpassword", "New password", "password"), ("newpassword2", "Retype new password", "password")] if new else \
        [("password", "Password", "password")]
    shown = []
    for name, label, kind in fields:
        value = f' value="{escape(form.get(name, ""))}"' if kind == "text" else ""
        shown.append(f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}"{value}>')
    told = f'<p role="alert">{escape(_SAID[said])}</p>\n' if said else ""
    return html("Let a program in", told + f'<form method="post" action="{_PAGE}">\n' + "\n".join(shown) +
                "\n<button>Allow access</button>\n</form>", 200 if said in ("", "new") else 401)


def mount(cloud: Cloud) -> None:
    """Put the access portal on a cloud."""
    page = Answering("Access portal", Portal(cloud).page)
    for host in HOSTS:
        cloud.sites[host] = page
