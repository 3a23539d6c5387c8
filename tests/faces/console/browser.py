"""A person at the console, in Chromium."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from playwright.sync_api import Page as Tab

expect.set_options(timeout=20_000)


def profile(browser: Browser, **more: Any) -> BrowserContext:
    """A browser that has its own cache and remembers nothing of others."""
    made = browser.new_context(viewport={"width": 1400, "height": 950}, reduced_motion="reduce", **more)
    made.set_default_timeout(20_000)
    return made


class Person:
    """One tab of a browser profile. What the console complains of, and what leaves its origin, is remembered."""

    def __init__(self, profile: BrowserContext, endpoint: str, account: str) -> None:
        self.endpoint = endpoint
        self.account = account
        self.context = profile
        self.tab: Tab = profile.new_page()
        self.complaints: list[str] = []
        self.left: list[str] = []
        self.tab.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.tab.on("pageerror", lambda problem: self.complaints.append(str(problem)))
        self.tab.on("request", lambda request: self.left.append(request.url) if not self._ours(request.url) else None)

    def _ours(self, url: str) -> bool:
        return url.startswith((self.endpoint, "data:", "blob:"))

    def enter(self) -> None:
        """Signed in as the root, without the page for it; what others left in the browser is forgotten."""
        answer = httpx.post(f"{self.endpoint}/_console/api/sign-in", json={"account": self.account})
        self.tab.add_init_script(f"""try {{
            if (!sessionStorage.getItem('entered')) {{
                localStorage.clear()
                localStorage.setItem('cumulet.session', {json.dumps(answer.text)})
                sessionStorage.setItem('entered', 'yes')
            }}
        }} catch {{ }}                              // a page in a sandbox has no storage""")

    def go(self, path: str = "") -> None:
        self.tab.goto(f"{self.endpoint}/_console/{path}")

    def turn_to(self, path: str) -> None:
        """Another screen, as a link of the page leads there: nothing is loaded anew. It is settled when this returns."""
        self.tab.evaluate("""path => {
            history.pushState({}, '', path)
            dispatchEvent(new PopStateEvent('popstate'))
        }""", f"/_console/{path}")
        self.tab.wait_for_timeout(100)
        expect(self.tab.locator("[class*=awsui_spinner]")).to_have_count(0)

    def sign_in(self, user: str = "", password: str = "") -> None:
        self.go()
        expect(self.field("Account ID or alias")).not_to_have_value("")      # the server has said which it is
        if user:
            self.tab.get_by_role("tab", name="IAM user").click()
            self.field("Account ID or alias").fill(self.account)
            self.field("IAM user name").fill(user)
            self.field("Password").fill(password)
            self.tab.get_by_role("button", name="Sign in", exact=True).click()
        else:
            self.field("Account ID or alias").fill(self.account)
            self.tab.get_by_role("button", name="Sign in as root").click()
        expect(self.tab.get_by_role("heading", name="Home", exact=True)).to_be_visible()

    # --- what one does ---

    def field(self, label: str) -> Locator:
        """What one types into; of a dialog where one is open."""
        found = self._where().get_by_label(re.compile(rf"^{re.escape(label)}( – optional)?$"))
        return found.and_(self.tab.locator("input, textarea")).locator("visible=true").first          # type: ignore[no-any-return]

    def choose(self, label: str, option: str) -> None:
        """One of a select's options; of a dialog where one is open."""
        self._where().get_by_role("button", name=re.compile(rf"^{re.escape(label)}( – optional)?( |$)")).first.click()
        self.tab.get_by_role("option", name=option, exact=True).click()

    def press(self, name: str) -> None:
        """The button of this name; of a dialog where one is open."""
        self._where().get_by_role("button", name=name, exact=True).locator("visible=true").first.click()

    def _where(self) -> Any:
        dialog = self.tab.get_by_role("dialog").locator("visible=true")
        return dialog.last if dialog.count() else self.tab

    def tab_named(self, name: str) -> None:
        self.tab.get_by_role("tab", name=name, exact=True).click()

    def pick(self, text: str) -> None:
        """The row of a table that has this text."""
        self.row(text).locator("input").first.check(force=True)

    def row(self, text: str) -> Locator:
        return self.tab.get_by_role("row").filter(has_text=text).locator("visible=true").first

    def sees(self, text: str) -> None:
        expect(self.tab.get_by_text(text).locator("visible=true").first).to_be_visible()

    def confirm(self, button: str = "Delete", word: str = "") -> None:
        expect(self.tab.get_by_role("dialog").locator("visible=true")).not_to_have_count(0)
        if word:
            self.tab.get_by_role("dialog").get_by_role("textbox").last.fill(word)
        self.press(button)
        expect(self.tab.get_by_role("dialog").locator("visible=true")).to_have_count(0)

    def choose_json(self, text: str) -> None:
        """The form's parameters as JSON."""
        dialog = self.tab.get_by_role("dialog")
        dialog.get_by_role("button", name="JSON", exact=True).click()
        dialog.get_by_label("Parameters as JSON").fill(text)

    def close(self) -> None:
        self.tab.close()
