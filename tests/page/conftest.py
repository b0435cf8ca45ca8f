"""The page as it is served, over a real Elasticsearch and Kafka, in a real Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from pipeline.addresses import Addresses
from pipeline.enrich.enrich import load_reference
from pipeline.flow import index_name
from pipeline.search.tokens import Tokens
from pipeline.shell.memory import fuse
from pipeline.shell.store import ensure_indexes
from pipeline.shell.topics import ensure_topics
from pipeline.shell.web import build
from tests.integration.running import write_policy
from tests.loopback import on_loopback
from tests.page.world import GROUPS, POLICIES, READERS, REPORTS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_MS = 30_000
"""A browser on a busy machine takes its time."""
expect.set_options(timeout=PATIENCE_MS)
DELIVERY = {"WEBHOOK_HOSTS": "hooks.example", "SMTP": "127.0.0.1:9", "MAIL_DOMAINS": "polri.example"}
"""Where alerts may go; none does in these tests."""
AGENT = {"id": "id-ID", "en": "en-GB"}


@dataclass(frozen=True)
class Site:
    """A running page. `tokens`: user -> what is typed in; all of polri but `tamu`, who is of tni."""

    address: str
    tokens: dict[str, str]


@pytest.fixture(scope="session")
def chromium() -> str:
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "CI must have a browser; .ci/run installs chromium"
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    return CHROMIUM


@pytest.fixture(scope="package")
def site(chromium: str, services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)
    now, reference = datetime.now(UTC), load_reference()
    for reader in READERS:
        ensure_indexes(client, "live", reader)
        for document in fuse(REPORTS, POLICIES, GROUPS, reader, now, reference):
            client.index(index=index_name("live", reader, document["doc"]), id=document["id"], document=document)
    client.indices.refresh(index="gabung.*")
    ensure_topics(services.need("kafka"), READERS)
    policy = Path(tmp_path_factory.mktemp("policy"))
    write_policy(policy, POLICIES, GROUPS)
    tokens = Tokens()
    issued = {
        user: tokens.issue(agency, user, roles)[1]
        for user, agency, roles in (
            ("siti", "polri", ["analyst"]), ("agus", "polri", ["operator"]), ("tamu", "tni", ["analyst"]),
            ("rini", "polri", ["release-officer"]), ("dewi", "polri", ["exercise-director"]),
        )
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {"POLICY": str(policy), **DELIVERY}.items():
            environment.setenv(f"GABUNG_{name}", value)
        with on_loopback(build()) as address:
            yield Site(address, issued)
    for name in client.indices.get(index="gabung.*", ignore_unavailable=True):
        client.indices.delete(index=name)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as one:
        yield one


@pytest.fixture(scope="package")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    one = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
    yield one
    one.close()


@dataclass
class Watched:
    """A browser's window, and what must never happen in it."""

    page: Page
    elsewhere: list[str]
    complaints: list[str]

    def is_well(self, *expected: str) -> None:
        """Nothing was loaded from elsewhere, nothing was stopped by the policy, and no script failed."""
        assert self.elsewhere == []
        assert [one for one in self.complaints if not any(word in one for word in expected)] == []


Open = Callable[..., Watched]


@pytest.fixture(scope="package")
def sessions() -> dict[str, list[Any]]:
    """The cookies of who has signed in: each does once, since signing in often is slowed down."""
    return {}


@pytest.fixture
def opened(browser: Browser, site: Site, sessions: dict[str, list[Any]]) -> Iterator[Open]:
    """Open a window: opened(language, width), signed in as a user where one is named."""
    contexts: list[BrowserContext] = []

    def make(language: str = "en", width: int = 1440, user: str | None = "siti") -> Watched:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=AGENT[language], accept_downloads=True, reduced_motion="reduce")  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watched = Watched(page, [], [])
        page.on("request", lambda request: None if request.url.startswith((site.address, "data:", "blob:")) else watched.elsewhere.append(request.url))  # fmt: skip
        page.on("console", lambda message: watched.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (watched.complaints.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        if user and user in sessions:
            context.add_cookies(sessions[user])
        elif user:
            page.goto(f"{site.address}/lookup")
            page.fill("#token", site.tokens[user])
            page.keyboard.press("Enter")
            page.wait_for_selector(".who")
            sessions[user] = [
                {"name": one["name"], "value": one["value"], "url": site.address} for one in context.cookies()
            ]
            watched.complaints.clear()  # the form itself came with a 401
        return watched

    yield make
    for context in contexts:
        context.close()
