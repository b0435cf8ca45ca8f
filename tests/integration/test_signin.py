"""Sign-in against a real Keycloak: the web service as it is deployed, and a browser's part played by an HTTP client."""

from __future__ import annotations

import html
import itertools
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from elasticsearch import Elasticsearch
from fastapi.testclient import TestClient

from deploy.health import url_answers
from deploy.ports import LOOPBACK, free_port
from pipeline.addresses import Addresses
from pipeline.flow import index_name
from pipeline.release.policy import Agency, Policies
from pipeline.search.api import Context, create_app
from pipeline.search.doors import Doors
from pipeline.search.oidc import NotBelieved, Started, oidc_settings, verified, who_is
from pipeline.search.sessions import RECHECK, UNCHECKED, Sessions
from pipeline.search.tokens import Tokens
from pipeline.shell.oidc import OpenIdProvider
from pipeline.shell.store import ensure_indexes
from pipeline.shell.topics import ensure_topics
from tests.integration.keycloak import PASSWORD, Keycloak
from tests.integration.running import write_policy

pytestmark = pytest.mark.timeout(1200)  # the first time Keycloak is fetched; where much else runs it starts slowly
READERS = ("bnn", "polri")
ADDRESSES = itertools.count(11)
DOCUMENT: dict[str, Any] = {
    "doc": "report", "id": "bnn:satu", "agency": "bnn", "kind": "seizure", "title": "Dua peti di dermaga", "duplicates": [],
    "marking": {"tlp": "AMBER"}, "reported_at": "2026-10-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture(scope="module")
def web(services: Addresses, keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web service, told of Keycloak and of a proxy at this address that ends TLS."""
    work = tmp_path_factory.mktemp("web")
    ensure_topics(services.need("kafka"), [])
    client = Elasticsearch(services.need("elasticsearch"), request_timeout=60)
    for reader in READERS:
        ensure_indexes(client, "live", reader)
    client.index(index=index_name("live", "bnn", "report"), id="bnn:satu", document=DOCUMENT, refresh=True)
    write_policy(work / "policy", Policies({id_: Agency(id_, id_) for id_ in READERS}), {})
    port = free_port()
    environment = os.environ | keycloak.settings() | {"GABUNG_POLICY": str(work / "policy"), "GABUNG_PROXY": LOOPBACK, "GABUNG_HOSTS": "gabung.example"}  # fmt: skip
    address = f"http://{LOOPBACK}:{port}"
    with (work / "web.log").open("wb") as log:
        argv = [sys.executable, "-m", "pipeline.shell.web", "--port", str(port)]
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 120
        while not url_answers(f"{address}/api/health/live"):
            assert process.poll() is None, (work / "web.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        for doc in ("report", "entity"):
            client.indices.delete(index=[index_name("live", reader, doc) for reader in READERS])


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    """Keycloak's cookies are for TLS alone, or for loopback, which browsers hold to be as safe and httpx does not."""

    def kept(_: httpx.Response) -> None:
        for cookie in http.cookies.jar:
            cookie.secure = False

    # Each from an address of its own, as the proxy tells it: how often one may sign in is counted by address.
    address = f"192.0.2.{next(ADDRESSES)}"
    with httpx.Client(timeout=60, event_hooks={"response": [kept]}, headers={"x-forwarded-for": address}) as http:
        yield http


def at_the_form(http: httpx.Client, address: str, user: str) -> str:
    """Fill in the provider's own form. Where it leads back to, with a code."""
    form = http.get(address, follow_redirects=True)
    action = re.search(r'action="([^"]+)"', form.text)
    assert action, form.text[:500]
    answer = http.post(html.unescape(action[1]), data={"username": user, "password": PASSWORD})
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["location"]


def signed_in(http: httpx.Client, web: str, user: str) -> httpx.Response:
    return http.get(at_the_form(http, f"{web}/signin/oidc", user))


def with_query(address: str, **changed: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **changed})))


def test_somebody_signs_in_searches_as_their_agency_and_leaves(web: str, browser: httpx.Client) -> None:
    entered = signed_in(browser, web, "sri")
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    me = browser.get(f"{web}/api/v1/me").json()
    assert {name: me[name] for name in ("agency", "user", "roles")} == {
        "agency": "bnn",
        "user": "sri",
        "roles": ["analyst"],
    }
    found = browser.get(f"{web}/api/v1/search", params={"q": "peti"})
    assert [hit["document"]["id"] for hit in found.json()["hits"]] == ["bnn:satu"], found.text
    assert browser.get(f"{web}/api/v1/tokens").status_code == 403, "no role that was not given"

    session = browser.cookies["gabung"]
    left = browser.post(f"{web}/leave", data={"csrf": me["csrf"]})
    ended = browser.get(left.headers["location"])
    assert ended.headers["location"] == f"{web}/", "the provider's own session ends without asking, and leads back"
    assert httpx.get(f"{web}/api/v1/me", cookies={"gabung": session}).status_code == 401
    assert "password" in browser.get(f"{web}/signin/oidc", follow_redirects=True).text, "it asks anew who this is"


def test_signing_in_leads_to_the_permalink_that_was_asked_for_and_to_no_other_host(
    web: str, browser: httpx.Client
) -> None:
    wanted = "/report/bnn:satu?exercise=kilat"
    form = browser.get(f"{web}{wanted}").text
    (asked,) = re.findall(r'action="(/signin/oidc)"><input type="hidden" name="next" value="([^"]+)"', form)
    address = f"{web}{asked[0]}?{urlencode({'next': html.unescape(asked[1])})}"
    broken_off = at_the_form(browser, address, "sri")
    refused = browser.get(with_query(broken_off, code=""))
    assert dict(parse_qsl(urlsplit(refused.headers["location"]).query)) == {"entered": "no", "next": wanted}
    assert f'name="next" value="{wanted}"' in browser.get(f"{web}{refused.headers['location']}").text
    for next_, leads in ((wanted, wanted), ("//evil.example", "/"), ("/\\evil.example", "/"), ("https://evil.example/", "/"), ("/x" * 600, "/")):  # fmt: skip
        begun = browser.get(f"{web}/signin/oidc", params={"next": next_})
        assert "evil" not in begun.headers["location"] + begun.headers["set-cookie"]
        entered = browser.get(browser.get(begun.headers["location"]).headers["location"])
        assert (entered.status_code, entered.headers["location"]) == (303, leads)


def test_another_agency_finds_its_own_only(web: str, browser: httpx.Client) -> None:
    signed_in(browser, web, "agus")
    assert browser.get(f"{web}/api/v1/me").json()["roles"] == ["analyst", "release-officer"]
    assert browser.get(f"{web}/api/v1/search", params={"q": "peti"}).json()["hits"] == []


@pytest.mark.parametrize("user", ["wayan", "dewi", "budi", "chief"])
def test_an_agency_or_role_that_is_in_doubt_enters_nobody(web: str, browser: httpx.Client, user: str) -> None:
    refused = signed_in(browser, web, user)
    assert (refused.status_code, refused.headers["location"]) == (303, "/?entered=unknown")
    assert "gabung" not in browser.cookies
    assert browser.get(f"{web}/api/v1/me").status_code == 401


def test_what_is_forged_replayed_or_broken_off_is_answered_alike(web: str, browser: httpx.Client) -> None:
    answers = {}
    good = at_the_form(browser, f"{web}/signin/oidc", "sri")
    cookie = {"gabung-signin": browser.cookies["gabung-signin"]}

    def back(address: str, cookies: dict[str, str]) -> tuple[int, str, bool]:
        answer = httpx.get(address, cookies=cookies, headers={"x-forwarded-for": browser.headers["x-forwarded-for"]})
        return answer.status_code, answer.headers["location"], "gabung" in answer.cookies

    answers["another state"] = back(with_query(good, state="x"), cookie)
    answers["another browser"] = back(good, {})
    answers["no code"] = back(f"{web}/signin/oidc/back", cookie)
    other = browser.get(f"{web}/signin/oidc")  # Keycloak knows who this is, and asks for nothing
    again = browser.get(other.headers["location"]).headers["location"]
    mine = {"gabung-signin": browser.cookies["gabung-signin"]}
    answers["the code of another sign-in"] = back(with_query(again, code=parse_qs(urlsplit(good).query)["code"][0]), mine)  # fmt: skip
    assert back(good, cookie) == (303, "/?entered=no", False), "its code was tried elsewhere, so Keycloak takes it back"
    third = browser.get(browser.get(f"{web}/signin/oidc").headers["location"]).headers["location"]
    cookie = {"gabung-signin": browser.cookies["gabung-signin"]}
    assert back(third, cookie) == (303, "/", True)
    answers["replayed"] = back(third, cookie)
    fourth = browser.get(browser.get(f"{web}/signin/oidc").headers["location"]).headers["location"]
    cookie = {"gabung-signin": browser.cookies["gabung-signin"]}
    used = parse_qs(urlsplit(third).query)["code"][0]
    answers["a used code in a new sign-in"] = back(with_query(fourth, code=used), cookie)
    fifth = browser.get(browser.get(f"{web}/signin/oidc").headers["location"]).headers["location"]
    cookie = {"gabung-signin": browser.cookies["gabung-signin"]}
    answers["another issuer"] = back(with_query(fifth, iss="https://lain.example"), cookie)
    assert set(answers.values()) == {(303, "/?entered=no", False)}, answers


def test_an_id_token_that_was_altered_or_made_for_another_sign_in(keycloak: Keycloak, browser: httpx.Client) -> None:
    settings = oidc_settings(keycloak.settings())
    assert settings
    provider = OpenIdProvider(settings, lambda: datetime.now(UTC))
    started, back = Started(datetime.now(UTC)), f"http://{LOOPBACK}:9/signin/oidc/back"
    code = parse_qs(urlsplit(at_the_form(browser, provider.sign_in(started, back), "sri")).query)["code"][0]
    claims, id_token, _ = provider.claims(code, started, back)
    assert (claims["agency"], claims["preferred_username"]) == (["bnn"], "sri")
    assert provider.known
    keys, now = provider.known[2], datetime.now(UTC)
    assert verified(id_token, None, keys, settings, started.nonce, now) == claims
    head, body, signature = id_token.split(".")
    for altered in (
        f"{head}.{body[:-4]}AAAA.{signature}",
        f"{head}.{body}.{signature[:-8]}AAAAAAAA",
        f"{head}.{body}.",
    ):
        with pytest.raises(NotBelieved):
            verified(altered, None, keys, settings, started.nonce, now)
    with pytest.raises(NotBelieved):
        verified(id_token, None, keys, settings, Started(now).nonce, now)
    with pytest.raises(NotBelieved):  # a code holds once
        provider.claims(code, started, back)


class Signed:
    """A session of somebody who signed in, in an application whose sessions count their time by `passed`."""

    def __init__(self, keycloak: Keycloak, browser: httpx.Client, folder: Path, user: str) -> None:
        settings = oidc_settings(keycloak.settings())
        assert settings
        self.passed = timedelta()
        self.provider = OpenIdProvider(settings, lambda: datetime.now(UTC))
        sessions = Sessions(folder / "sessions.db", lambda: datetime.now(UTC) + self.passed)
        doors = Doors(Tokens(folder / "tokens.yaml"), sessions, lambda: READERS, self.provider)
        started, back = Started(datetime.now(UTC)), f"http://{LOOPBACK}:9/signin/oidc/back"
        code = parse_qs(urlsplit(at_the_form(browser, self.provider.sign_in(started, back), user)).query)["code"][0]
        said = self.provider.claims(code, started, back)
        who = who_is(said.claims, settings, READERS)
        assert who
        context = Context(None, lambda _: None, doors, lambda: datetime.now(UTC), dict)  # type: ignore[arg-type]
        self.http = TestClient(create_app(context), cookies={"gabung": sessions.begin(who, None, *said[1:])})

    def roles(self, later: timedelta = timedelta()) -> list[str] | None:
        """Its roles, so much later; none where it has ended."""
        self.passed += later
        answer = self.http.get("/api/v1/me")
        return list(answer.json()["roles"]) if answer.status_code == 200 else None


def test_a_role_or_an_account_that_is_taken_away_lasts_no_longer_than_the_provider_is_asked_again(
    keycloak: Keycloak, browser: httpx.Client, tmp_path: Path
) -> None:
    tono = Signed(keycloak, browser, tmp_path, "tono")
    assert tono.roles() == ["analyst", "release-officer"]
    (user,) = keycloak.administer("GET", "/users?exact=true&username=tono")
    role = keycloak.administer("GET", "/roles/release-officer")
    keycloak.administer("DELETE", f"/users/{user['id']}/role-mappings/realm", [role])
    assert tono.roles() == ["analyst", "release-officer"], "it was asked just now"
    assert tono.roles(RECHECK) == ["analyst"]
    assert tono.roles(RECHECK) == ["analyst"], "it is asked on with what it gave"
    keycloak.administer("PUT", f"/users/{user['id']}", user | {"enabled": False})
    assert tono.roles(RECHECK) is None
    assert tono.roles() is None


def test_a_provider_that_is_silent_ends_a_session_only_after_a_while(
    keycloak: Keycloak, browser: httpx.Client, tmp_path: Path
) -> None:
    sri = Signed(keycloak, browser, tmp_path, "sri")
    nowhere = f"http://{LOOPBACK}:{free_port()}"
    sri.provider.settings, sri.provider.known = replace(sri.provider.settings, issuer=nowhere), None
    for _ in range(UNCHECKED // RECHECK - 1):
        assert sri.roles(RECHECK) == ["analyst"]
    assert sri.roles(RECHECK) is None


def test_behind_the_proxy_cookies_are_for_tls_only_and_the_way_back_is_the_proxys(web: str) -> None:
    told = {"host": "gabung.example", "x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"}
    answer = httpx.get(f"{web}/signin/oidc", headers=told)
    assert answer.headers["set-cookie"].startswith("__Host-gabung-signin=")
    assert "Secure" in answer.headers["set-cookie"]
    way_back = parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"]
    assert way_back == ["https://gabung.example/signin/oidc/back"]
    assert answer.headers["strict-transport-security"]
    assert httpx.get(f"{web}/signin/oidc", headers={"host": "evil.example"}).status_code == 421


def test_the_page_may_lead_to_the_provider_and_nowhere_else(web: str, keycloak: Keycloak) -> None:
    policy = httpx.get(f"{web}/").headers["content-security-policy"]
    origin = f"http://{urlsplit(keycloak.issuer).netloc}"
    assert f"form-action 'self' {origin};" in policy
    assert policy.count("http") == 1
