"""Signing in to the console: an account's root with one click where keys are taken leniently, IAM users with password and MFA,
and switching to a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ...kernel.access import console, handing, organization
from ...kernel.access.contract import Principal, root_of
from ...kernel.access.tables import AccountAlias, Session
from ...kernel.call import Call
from ...kernel.cloud import Cloud
from ...kernel.errors import AwsError
from ...kernel.http.message import Request
from ...kernel.store.contract import Transaction
from ..signin import SignIn


class Refused(Exception):
    """Said to the person who tries to sign in or to switch. code: what the page asks for next ("code", "change"), or ""."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Who(NamedTuple):
    """Who is signed in, and the session's row."""

    principal: Principal
    session: console.ConsoleSession
    alias: str

    def told(self) -> dict[str, Any]:
        row = self.session
        return {"account": row.account, "alias": self.alias, "name": row.name, "arn": self.principal.arn,
                "kind": self.principal.kind, "mfa": row.mfa, "expires": row.expires}


class Sessions:
    """Begins and ends sessions of the console, and tells whose a token is."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._signin = SignIn(cloud)

    def call(self, tx: Transaction, account: str, who: Principal | None = None, region: str = "") -> Call:
        """A call of this principal's, by default of the account's root."""
        return Call(self.cloud, tx, "sts", "Console", account, region or self.cloud.settings.region, who or root_of(account),
                    self.cloud.clock.now(), None, self.cloud.chance.uuid(), self.cloud.endpoint)

    async def who(self, token: str) -> Who | None:
        """Whose token it is; None when it is nobody's (any more)."""
        return await self.cloud.store.run(lambda tx: self._who(tx, token))

    def _who(self, tx: Transaction, token: str) -> Who | None:
        row = console.session(tx, token, self.cloud.clock.now())
        principal = console.principal_of(self.call(tx, row.account), row) if row else None
        if row is None or principal is None:
            return None
        alias = tx.table(AccountAlias, "", "").find("account", row.account)
        return Who(principal, row, alias.name if alias else "")

    def roots(self) -> dict[str, Any]:
        """Which accounts' roots may come in without a password: those whose id is taken as an access key, too."""
        settings = self.cloud.settings
        return {"account": settings.account, "any": settings.auth == "lenient"}

    async def begin(self, request: Request, asked: Mapping[str, str]) -> str:
        """A token for {"account"} (its root), or {"account", "username", "password", "mfacode", "newpassword", …}."""
        if asked.get("username"):
            outcome = await self._signin.attempt(request, asked)
            if not outcome.token:
                raise Refused(outcome.message, "change" if outcome.change else "code" if "MFA" in outcome.message else "")
            return outcome.token
        return await self.cloud.store.run(lambda tx: self._begin_root(tx, asked.get("account", "")))

    def _begin_root(self, tx: Transaction, name: str) -> str:
        account, roots = console.account_of(tx, name.strip()), self.roots()
        if not account:
            raise Refused("There is no such account: say its twelve digits, or its alias.")
        if not roots["any"] and account != roots["account"]:
            raise Refused("This server takes only keys that IAM made: sign in as an IAM user.")
        if organization.is_closed(tx, account):
            raise Refused("This account is closed.")
        return console.begin(self.call(tx, account), None, False)

    async def switch(self, who: Who, role: str) -> str:
        """A token of the role's, assumed by STS as this principal."""
        return await self.cloud.store.run(lambda tx: self._switch(tx, who, role))

    def _switch(self, tx: Transaction, who: Who, role: str) -> str:
        call = self.call(tx, who.principal.account, who.principal)
        try:
            with tx.savepoint():
                found = call.aws.sts.assume_role(RoleArn=role, RoleSessionName=who.session.name[:64])
        except AwsError as problem:
            raise Refused(problem.message) from None
        given = found["Credentials"]
        name = f"{role.rpartition('/')[2]}/{who.session.name}"
        return console.switch(call, name, given["AccessKeyId"], float(given["Expiration"]))

    async def credentials(self, who: Who) -> dict[str, Any]:
        """Temporary credentials of the same principal, for links that anybody may open."""
        return await self.cloud.store.run(lambda tx: self._credentials(tx, who))

    def _credentials(self, tx: Transaction, who: Who) -> dict[str, Any]:
        if who.session.key:
            row = tx.table(Session, who.principal.account, "").get(who.session.key)
            assert row is not None
            secret, token = handing.opened(self.cloud, tx, row)
            return {"AccessKeyId": row.id, "SecretAccessKey": secret, "SessionToken": token}
        call = self.call(tx, who.principal.account, who.principal)
        return dict(call.aws.sts.get_session_token()["Credentials"])

    async def stay(self, who: Who) -> None:
        """Who moves the clock stays signed in: it is not they who grew older. So does who loads or forgets the state."""
        await self.cloud.store.run(lambda tx: console.renew(tx, who.session, self.cloud.clock.now()))

    async def end(self, token: str) -> None:
        """Sign out."""
        await self.cloud.store.run(lambda tx: console.end(tx, token))
