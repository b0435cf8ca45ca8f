"""What went wrong, as browsers are told it: a page where one leads there, the page's language where its script asked;
programs are answered in English, and what one may not see as what does not exist."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.search import page
from pipeline.search.api import Context, create_app, guard
from pipeline.search.api.context import Limits
from pipeline.search.api.enter import LONGEST_FORM
from pipeline.search.api.guard import LARGEST_BODY
from pipeline.search.doors import Doors
from pipeline.search.limits import Limiter, Rate
from pipeline.search.sessions import Sessions
from pipeline.search.tokens import Tokens

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HELD = {
    "doc": "report",
    "id": "bnn-satu",
    "agency": "bnn",
    "kind": "tip",
    "title": "Rahasia",
    "marking": {"tlp": "RED"},
}
SHORTER = 50_000
"""Of an address: the test's client has a limit of its own."""
HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
INDONESIAN, ENGLISH = {"accept-language": "id-ID,id;q=0.9,en;q=0.8"}, {"accept-language": "en-GB,en;q=0.9"}


class Held:
    """A store in which one reader holds one report, and all others nothing."""

    def search(self, _: str, reader: str, __: Any, body: dict[str, Any]) -> dict[str, Any]:
        hits = [{"_source": HELD, "sort": [1]}] if reader == "bnn" and HELD["id"] in str(body) else []
        return {"hits": {"total": {"value": len(hits)}, "hits": hits}}


@pytest.fixture
def http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(guard, "LONGEST_ADDRESS", SHORTER)
    tokens = Tokens(tmp_path / "tokens.yaml", lambda: NOW)
    doors = Doors(tokens, Sessions(tmp_path / "sessions.db", lambda: NOW), lambda: {"bnn", "polri"})
    limits = Limits(entering=Limiter(Rate(6, 0.001)))
    context = Context(Held(), lambda _: None, doors, lambda: NOW, dict, limits=limits, publish=lambda _: None)
    app = create_app(context, telling=page.telling)
    app.include_router(page.router)
    return TestClient(app, follow_redirects=False)


def signed_in(http: TestClient, agency: str = "bnn") -> dict[str, str]:
    """The headers that a page's script sends, in Indonesian."""
    _, secret = http.app.state.context.doors.tokens.issue(agency, "sri", ["analyst"])  # type: ignore[attr-defined]
    assert http.post("/enter", data={"token": secret}).status_code == 303
    csrf = http.get("/api/v1/me").json()["csrf"]
    return {"x-csrf-token": csrf, "accept-language": "id"}


def too_often(http: TestClient, headers: dict[str, str]) -> Any:
    for _ in range(6):
        http.post("/enter", data={"token": "x"})
    return http.post("/enter", data={"token": "x"}, headers=headers)


WRONG: dict[str, tuple[int, str, str, Any]] = {
    "too often": (429, "Terlalu banyak permintaan", "Too many requests", too_often),
    "too large a form": (413, "terlalu besar", "too large", lambda http, headers: http.post("/enter", data={"token": "x" * LONGEST_FORM}, headers=headers)),
    "too large a body": (413, "terlalu besar", "too large", lambda http, headers: http.post("/enter", content=b"x" * (LARGEST_BODY + 1), headers=headers)),
    "from elsewhere": (403, "tidak datang dari halaman", "did not come from your page", lambda http, headers: http.post("/enter", data={"token": "x"}, headers=headers | {"origin": "https://evil.example"})),
    "leaving without the token of a page": (403, "tidak datang dari halaman", "did not come from your page", lambda http, headers: http.post("/leave", data={"csrf": "x"}, headers=headers)),
    "a path that is none": (404, "Tidak ditemukan", "Not found", lambda http, headers: http.get("/nothing", headers=headers)),
    "a form that is none": (405, "tidak dapat dipahami", "cannot be understood", lambda http, headers: http.get("/enter", headers=headers)),
    "too long an address": (414, "terlalu panjang", "too long", lambda http, headers: http.get("/?q=" + "x" * SHORTER, headers=headers)),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_browser_is_led_to_a_page_in_its_language_and_a_program_gets_json(http: TestClient, what: str) -> None:
    status, indonesian, english, ask = WRONG[what]
    from_page = {"referer": "http://testserver/report/a?exercise=x"}
    for language, text in ((INDONESIAN, indonesian), (ENGLISH, english)):
        answer = ask(http, HTML | language | from_page)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert f'lang="{"id" if language is INDONESIAN else "en"}"' in answer.text
        assert text in answer.text
        assert "set-cookie" not in answer.headers
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        back = "/report/a?exercise=x" if answer.request.method == "POST" else "/"
        assert f'<p><a href="{back}">' in answer.text
        assert len(answer.content) < 20_000
    programs = [{}, INDONESIAN, {"accept": "application/json"}]
    if "leaving" not in what:  # which is no page's form then
        programs.append(HTML | {"authorization": "Bearer x"})
    for headers in programs:
        answer = ask(http, headers)
        assert (answer.status_code, list(answer.json())) == (status, ["error"]), headers
    if status == 429:
        assert int(ask(http, HTML).headers["retry-after"]) >= 1


@pytest.mark.parametrize("referer", ["https://evil.example/x", "http://testserver.evil.example/", "http://testserver//evil.example", "javascript:alert(1)", "http://testserver/\\evil.example", "x", ""])  # fmt: skip
def test_the_way_back_leads_to_no_other_host(http: TestClient, referer: str) -> None:
    answer = http.post("/leave", headers=HTML | {"referer": referer})
    assert '<p><a href="/">' in answer.text
    assert "evil" not in answer.text


def test_what_an_address_holds_is_only_text(http: TestClient) -> None:
    forged = '/"><script>'
    for answer in (http.post("/leave", headers=HTML | {"referer": f"http://testserver{forged}"}), http.get(forged, headers=HTML)):  # fmt: skip
        assert forged not in answer.text


def test_a_wrong_token_keeps_the_permalink_and_no_other_host(http: TestClient) -> None:
    for next_, kept in (("/report/a?x=1&y=2", "/report/a?x=1&amp;y=2"), ("//evil.example", "/"), ("/\\evil.example", "/")):  # fmt: skip
        again = http.post("/enter", data={"token": "x", "next": next_})
        assert "evil" not in again.headers["location"]
        assert f'name="next" value="{kept}"' in http.get(again.headers["location"]).text
    for forged in ("//evil.example", "https://evil.example", "/%5cevil.example"):
        assert 'name="next" value="/"' in http.get(f"/?entered=no&next={forged}").text


SAID: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/lookup", {"values": [str(one) for one in range(201)]}, 422, "Ini 201 nilai; periksa paling banyak 200 sekaligus"),
    ("POST", "/lookup", {"values": ["x" * 1001]}, 422, "Nilai ke-1 1.001 karakter panjangnya"),
    ("POST", "/judgements", {"verdict": "same", "things": ["a", "a"], "reason": "x"}, 422, "Ini satu hal yang disebut dua kali"),
    ("POST", "/judgements", {"verdict": "same", "things": ["a", "b"], "reason": ""}, 422, "Tulis alasan"),
    ("POST", "/judgements", {"verdict": "same", "things": ["a", "b"], "reason": "x", "to": ["POLRI"]}, 422, "Tulis id lembaga"),
    ("POST", "/judgements", {"verdict": "same", "things": ["a", "b"], "reason": "x"}, 404, "Tidak ditemukan"),
    ("DELETE", "/judgements?thing=a&thing=b", {}, 404, "Tidak ditemukan"),
    ("GET", "/timeline?q=narative:x", {}, 422, "Tidak ada bidang bernama narative"),
    ("GET", "/graph/a", {}, 404, "Tidak ditemukan"),
    ("GET", "/saved", {}, 503, "sedang tidak tersedia"),
    ("GET", "/tokens", {}, 403, "Peran Anda"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "text"), SAID)
def test_a_script_of_the_page_is_told_in_its_language_and_programs_in_english(
    http: TestClient, method: str, path: str, body: dict[str, Any], status: int, text: str
) -> None:
    headers = signed_in(http)
    answer = http.request(method, f"/api/v1{path}", json=body or None, headers=headers)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert text in answer.json()["error"]
    _, secret = http.app.state.context.doors.tokens.issue("bnn", "wayan", ["analyst"])  # type: ignore[attr-defined]
    for program in (headers | {"accept-language": "id-ID,id;q=0.9"}, {"authorization": f"Bearer {secret}", "accept-language": "id"}):  # fmt: skip
        english = http.request(method, f"/api/v1{path}", json=body or None, headers=program)
        assert english.status_code == status
        assert text not in english.text


def test_a_session_that_has_ended_is_told_in_the_pages_language(http: TestClient) -> None:
    for language, text in (("id", "tidak lagi masuk"), ("en", "no longer signed in")):
        answer = http.get("/api/v1/alerts?size=0", headers={"accept-language": language})
        assert answer.status_code == 401
        assert text in answer.json()["error"]
    forged = http.post("/api/v1/lookup", json={"values": []}, headers=signed_in(http) | {"x-csrf-token": "x"})
    assert (forged.status_code, "tidak datang dari halaman" in forged.json()["error"]) == (403, True)


def test_what_one_may_not_see_is_told_as_what_does_not_exist(http: TestClient) -> None:
    """However it is asked for: by a program, by the page's script, or by a browser that is led there."""
    headers, hidden, nothing = signed_in(http, "polri"), str(HELD["id"]), "bnn-tiga"
    for asked in (headers, HTML | headers, HTML | INDONESIAN):
        for path in ("/report/{}", "/entity/{}", "/graph/{}", "/api/v1/reports/{}", "/api/v1/graph/{}"):
            one, other = (http.get(path.format(id_), headers=asked) for id_ in (hidden, nothing))
            assert (one.status_code, one.text.replace(hidden, nothing)) == (404, other.text), path
            assert one.headers.items() - {("content-length", one.headers["content-length"])} <= set(other.headers.items())  # fmt: skip
    judged = [
        http.post("/api/v1/judgements", json={"verdict": "same", "things": [id_, "c"], "reason": "x"}, headers=headers)
        for id_ in (hidden, nothing)
    ]
    back = [http.delete(f"/api/v1/judgements?thing={id_}&thing=c", headers=headers) for id_ in (hidden, nothing)]
    assert [one.status_code for one in judged + back] == [404] * 4
    assert len({one.content for one in judged + back}) == 1
    http.cookies.clear()
    signed_in(http, "bnn")
    assert http.get(f"/api/v1/reports/{hidden}").status_code == 200, "the report is there"
