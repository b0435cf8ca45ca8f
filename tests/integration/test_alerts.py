"""Alerts on the whole: a real pipeline, the real web service over HTTP, a real receiver of webhooks and a real mail
server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_string
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from aiosmtpd.controller import Controller

from deploy import ports
from pipeline.addresses import Addresses
from pipeline.audit.chain import verify
from pipeline.release.policy import Agency, Group, Membership, Policies
from pipeline.report.model import Report
from pipeline.search.tokens import Tokens
from pipeline.shell.audit import audited
from pipeline.shell.web import build
from tests.integration.running import Running, running
from tests.loopback import on_loopback

READERS = ("bnn", "polri", "tni")
POLICIES = Policies({id_: Agency(id_, id_) for id_ in READERS})
GROUPS = {"tf": Group("tf", "tf", "bnn", (Membership("bnn"), Membership("polri")))}
RECEIVER, MAIL, WEB = ports.free_port(), ports.free_port(), ports.free_port()


class Receiver(BaseHTTPRequestHandler):
    """What posts come, and how each is answered: the first with 500, so that it comes again."""

    got: list[tuple[dict[str, str], bytes]] = []  # noqa: RUF012
    answers: list[int] = [500]  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        status = self.answers.pop(0) if self.answers else 200
        self.got.append(({name.lower(): value for name, value in self.headers.items()} | {"path": self.path}, body))
        self.send_response(status)
        if status == 302:
            self.send_header("location", f"http://127.0.0.1:{WEB}/api/health/live")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Postbox:
    """A mail server's handler that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    def said(self) -> str:
        read = (message_from_string(mail, policy=default) for mail in self.mails)
        return "".join(f"{mail['subject']}\n{mail.get_content()}" for mail in read)

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content.decode())
        return "250 OK"


@dataclass
class Whole:
    pipeline: Running
    tokens: dict[str, str]
    postbox: Postbox
    heard: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)

    def call(self, method: str, path: str, who: str = "polri", **more: Any) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}", **more.pop("headers", {})}
        return httpx2.request(method, f"http://127.0.0.1:{WEB}/api/v1{path}", headers=headers, timeout=30, **more)

    def save(self, who: str = "polri", /, **more: Any) -> dict[str, Any]:
        answer = self.call("POST", "/saved", who, json={"name": "Cari", "alerts": True, **more})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def alerts(self, who: str = "polri") -> list[str]:
        return sorted(one["document"].get("title", "") for one in self.call("GET", "/alerts", who).json()["alerts"])

    def events(self, who: str, kind: str) -> list[dict[str, Any]]:
        return [data for name, data in self.heard[who] if name == kind]

    def listen(self, who: str, last: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        heard: list[tuple[str, dict[str, Any]]] = []
        ready = threading.Event()
        headers = {"authorization": f"Bearer {self.tokens[who]}"} | ({"last-event-id": last} if last else {})

        def follow() -> None:
            name = ""
            try:
                with httpx2.stream("GET", f"http://127.0.0.1:{WEB}/api/v1/alerts/stream", headers=headers, timeout=None) as stream:  # fmt: skip
                    for line in stream.iter_lines():
                        ready.set()
                        if line.startswith("event: "):
                            name = line[7:]
                        elif line.startswith("data: "):
                            heard.append((name, json.loads(line[6:])))
            except httpx2.HTTPError:
                pass

        threading.Thread(target=follow, daemon=True).start()
        assert ready.wait(20)
        return heard


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not come to hold in time"
        time.sleep(0.1)


def report(source_id: str, agency: str = "bnn", to: tuple[str, ...] = ("polri",), revision: int = 1, **more: Any) -> Report:  # fmt: skip
    return Report.model_validate(
        {
            "agency": agency, "source_id": source_id, "revision": revision, "op": "upsert", "kind": "seizure",
            "title": f"Laporan {source_id}", "reported_at": "2026-10-01T00:00:00Z",
            "marking": {"tlp": "AMBER", "release_to": list(to), **more.pop("marking", {})}, **more,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(services: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    work = tmp_path_factory.mktemp("alerts")
    with pytest.MonkeyPatch.context() as environment, running(services, POLICIES, GROUPS, work) as pipeline:
        environment.setenv("GABUNG_POLICY", str(work / "policy"))
        environment.setenv("GABUNG_WEBHOOK_HOSTS", f"hooks.example, 127.0.0.1:{RECEIVER}")
        environment.setenv("GABUNG_SMTP", f"127.0.0.1:{MAIL}")
        environment.setenv("GABUNG_MAIL_DOMAINS", "polri.example")
        environment.setenv("GABUNG_DIGEST_MINUTES", "0.03")
        pipeline.start()
        postbox = Postbox()
        mail = Controller(postbox, hostname="127.0.0.1", port=MAIL)
        mail.start()
        receiver = HTTPServer(("127.0.0.1", RECEIVER), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        tokens = Tokens()
        issued = {reader: tokens.issue(reader, "ani")[1] for reader in READERS}
        issued["polri budi"] = tokens.issue("polri", "budi")[1]
        try:
            with on_loopback(build(), WEB):
                yield Whole(pipeline, issued, postbox)
        finally:
            mail.stop()
            receiver.shutdown()
            for one in tokens.all():
                tokens.revoke(one.id)


def test_a_new_report_is_told_at_once_and_withdrawn_when_its_report_is(whole: Whole) -> None:
    """L5, L6, L22: by the stream and in the list; never of what is hidden, nor of another's search."""
    own = whole.save(question={"q": "peti -kapal", "doc": "report"})
    whole.save("tni", question={"q": "peti", "doc": "report"})
    time.sleep(1)  # the worker follows the saved searches
    polri, tni = whole.listen("polri"), whole.listen("tni")
    whole.heard = {"polri": polri, "tni": tni}
    hidden = report("rahasia", to=(), narrative="peti")
    whole.pipeline.publish([hidden, report("satu", narrative="dua peti"), report("dua", narrative="peti di kapal")])
    until(lambda: whole.events("polri", "alert"))
    (event,) = whole.events("polri", "alert")
    assert (event["document"]["title"], event["new"], event["saved"]) == ("Laporan satu", True, own["id"])
    assert "search" not in event["document"]
    assert whole.alerts() == [
        "Laporan satu"
    ]  # whoever asks on hearing of it finds it, though the index may lack it yet
    whole.pipeline.rest()
    listed = whole.call("GET", "/alerts").json()
    assert [one["id"] for one in listed["alerts"]] == [event["id"]]
    assert listed["unread"] == 1
    assert listed["alerts"][0]["document"] == event["document"]
    assert whole.alerts("tni") == []
    assert whole.alerts("polri budi") == []

    assert whole.call("POST", "/alerts/looked", json={"at": event["at"]}).status_code == 200
    assert whole.call("GET", "/alerts").json()["unread"] == 0
    whole.pipeline.publish([report("satu", revision=2, narrative="dua peti", title="Laporan satu lagi")])
    until(lambda: len(whole.events("polri", "alert")) == 2)
    until(lambda: whole.call("GET", "/alerts").json()["unread"] == 1)

    whole.pipeline.publish([report("satu", revision=3).model_copy(update={"op": "retract"})])
    until(lambda: whole.events("polri", "withdrawn"))
    assert whole.events("polri", "withdrawn") == [{"id": event["id"]}]
    assert whole.alerts() == []
    assert whole.events("tni", "alert") == whole.events("tni", "withdrawn") == []
    assert whole.call("DELETE", f"/saved/{own['id']}").status_code == 204


def test_a_shared_search_runs_for_each_agency_on_its_own_documents(whole: Whole) -> None:
    shared = whole.save(question={"q": "jala", "doc": "report"}, shared_with=["tni", "tf"])
    time.sleep(1)
    whole.pipeline.publish([report("tiga", narrative="jala"), report("empat", to=("tni",), narrative="jala"), report("lima", to=("*",), marking={"tlp": "GREEN"}, narrative="jala")])  # fmt: skip
    whole.pipeline.rest()
    until(lambda: whole.alerts("polri") == ["Laporan lima", "Laporan tiga"])
    until(lambda: whole.alerts("tni") == ["Laporan empat", "Laporan lima"])
    assert whole.alerts("bnn") == ["Laporan empat", "Laporan lima", "Laporan tiga"]
    (seen,) = [one for one in whole.call("GET", "/saved", "tni").json()["saved"] if one["id"] == shared["id"]]
    assert (seen["shared_with"], seen["own"], seen["owner"]["user"]) == (["tni"], False, None)
    # Not its own: seen, and yet not to be deleted; one that is not seen is as if it were not there.
    assert whole.call("DELETE", f"/saved/{shared['id']}", "tni").status_code == 403
    nothing = whole.call("DELETE", "/saved/none", "polri budi")
    refused = whole.call("DELETE", f"/saved/{whole.save(question={'q': 'x'})['id']}", "polri budi")
    assert (nothing.status_code, nothing.content) == (404, refused.content)
    whole.call("DELETE", f"/saved/{shared['id']}")
    assert whole.alerts("tni") == whole.alerts("polri") == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"question": {"q": "narative:x"}}, "no field is called narative"),
        ({"question": {"q": "x"}, "shared_with": ["nobody"]}, "no agency is called nobody, and no task force"),
        ({"question": {"q": "x"}, "webhook": "http://127.0.0.1:9/x"}, "GABUNG_WEBHOOK_HOSTS"),
        ({"question": {"q": "x"}, "webhook": "http://hooks.example:9200/_search"}, "GABUNG_WEBHOOK_HOSTS"),
        ({"question": {"q": "x"}, "webhook": "https://hooks.example@evil.example/"}, "no address"),
        ({"question": {"q": "x"}, "webhook": "file:///etc/passwd"}, "no address"),
        ({"question": {"q": "x"}, "email": "a@evil.example"}, "GABUNG_MAIL_DOMAINS"),
        ({"question": {"q": "x"}, "email": "a@polri.example\nBcc: b@evil.example"}, "email"),
        ({"name": "", "question": {"q": "x"}}, "name"),
        ({"question": {"reader": "bnn"}}, "reader"),
        ({"question": {"q": " * "}}, "alerts of everything"),
    ],
)
def test_what_cannot_be_saved_is_said(whole: Whole, wrong: dict[str, Any], says: str) -> None:
    answer = whole.call("POST", "/saved", json={"name": "Cari", "alerts": True, **wrong})
    assert answer.status_code == 422
    assert says in answer.json()["error"]


def test_a_task_force_that_one_is_not_in_is_as_if_it_were_not_there(whole: Whole) -> None:
    """L16: `tf` is there, `no-tf` is not."""
    answers = [whole.call("POST", "/saved", "tni", json={"name": "Cari", "question": {}, "shared_with": [id_]}) for id_ in ("tf", "no-tf")]  # fmt: skip
    assert {one.status_code for one in answers} == {422}
    assert answers[0].text.replace("tf", "no-tf") == answers[1].text


def test_a_webhook_gets_signed_alerts_and_their_withdrawal(whole: Whole) -> None:
    saved = whole.save(question={"q": "ganja", "doc": "report"}, webhook=f"http://127.0.0.1:{RECEIVER}/masuk?x=1", shared_with=["tni"])  # fmt: skip
    secret = saved["delivery"]["secret"]
    assert secret.startswith("whsec_")
    assert secret not in whole.call("GET", "/saved").text
    time.sleep(1)
    whole.pipeline.publish([report("enam", narrative="ganja"), report("tujuh", to=("tni",), narrative="ganja")])
    until(lambda: len(Receiver.got) >= 2)  # the first was answered with 500
    headers, body = Receiver.got[1]
    assert Receiver.got[0][0]["webhook-id"] == headers["webhook-id"]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert (
        headers["webhook-signature"]
        == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    )
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    said = json.loads(body)
    assert (said["type"], said["data"]["document"]["title"], headers["path"]) == ("alert", "Laporan enam", "/masuk?x=1")
    Receiver.answers.append(302)
    whole.pipeline.publish([report("enam", revision=2).model_copy(update={"op": "retract"})])
    until(lambda: len(Receiver.got) >= 4)  # a redirect is no yes, and is not followed: it comes again
    assert json.loads(Receiver.got[3][1])["type"] == "alert.withdrawn"
    assert json.loads(Receiver.got[3][1])["data"]["id"] == said["data"]["id"]
    assert Receiver.got[2][0]["webhook-id"] == Receiver.got[3][0]["webhook-id"]
    # Raised and withdrawn again: other events, with names of their own, or a receiver would drop them as repeats.
    whole.pipeline.publish([report("enam", revision=3, narrative="ganja")])
    until(lambda: len(Receiver.got) >= 5)
    whole.pipeline.publish([report("enam", revision=4).model_copy(update={"op": "retract"})])
    until(lambda: len(Receiver.got) >= 6)
    came = [(headers["webhook-id"], json.loads(body)["type"]) for headers, body in Receiver.got[1:]]
    assert [kind for _, kind in came] == ["alert", *["alert.withdrawn"] * 2, "alert", "alert.withdrawn"]
    assert len({name for name, _ in came}) == 4
    assert "tujuh" not in "".join(
        body.decode() for _, body in Receiver.got
    )  # another agency's alert of a shared search
    whole.call("DELETE", f"/saved/{saved['id']}")


def test_while_alerts_are_off_their_delivery_is_kept(whole: Whole) -> None:
    asked = {"question": {"q": "berlian", "doc": "report"}, "webhook": f"http://127.0.0.1:{RECEIVER}/jeda"}
    saved = whole.save(**asked)
    time.sleep(1)

    def posted() -> list[str]:
        return [json.loads(body)["type"] for headers, body in Receiver.got if headers["path"] == "/jeda"]

    whole.pipeline.publish([report("berlian", narrative="berlian")])
    until(lambda: posted() == ["alert"])
    off = whole.save(**asked, id=saved["id"], alerts=False)
    assert off["delivery"] == {"webhook": asked["webhook"]}
    until(lambda: posted() == ["alert", "alert.withdrawn"])
    whole.pipeline.publish([report("berlian lain", narrative="berlian")])
    whole.pipeline.rest()
    on = whole.save(**asked, id=saved["id"])
    assert "secret" not in on["delivery"]  # it is the one that was kept
    time.sleep(1)
    whole.pipeline.publish([report("berlian ketiga", narrative="berlian")])
    until(lambda: posted() == ["alert", "alert.withdrawn", "alert"])
    assert "berlian ketiga" in Receiver.got[-1][1].decode()
    whole.call("DELETE", f"/saved/{saved['id']}")


def test_a_search_that_ends_takes_back_its_alerts_from_whom_it_ends_for(whole: Whole) -> None:
    """Deleted, or no longer shared: as if their documents had gone, by the stream and by webhook."""
    hook = f"http://127.0.0.1:{RECEIVER}/akhir"
    asked = {"question": {"q": "intan", "doc": "report"}, "webhook": hook}
    saved = whole.save(**asked, shared_with=["polri", "tni", "tf"])
    other = whole.save("polri budi", question={"q": "laporan AND intan", "doc": "report"})
    time.sleep(1)
    whole.heard = {who: whole.listen(who) for who in ("polri", "polri budi", "tni", "bnn")}
    whole.pipeline.publish([report("intan", narrative="intan", to=("polri", "tni"))])
    for who, count in (("polri", 1), ("polri budi", 2), ("tni", 1), ("bnn", 1)):
        until(lambda who=who, count=count: len(whole.events(who, "alert")) == count)
    ids = {who: [one["id"] for one in whole.events(who, "alert") if one["saved"] == saved["id"]] for who in whole.heard}

    def posted() -> list[dict[str, Any]]:
        return [json.loads(body) for headers, body in Receiver.got if headers["path"] == "/akhir"]

    until(lambda: [one["type"] for one in posted()] == ["alert"])
    whole.save(**asked, id=saved["id"], shared_with=["tni"])
    for who in ("polri budi", "bnn"):
        until(lambda who=who: [one["id"] for one in whole.events(who, "withdrawn")] == ids[who])
    assert whole.events("polri", "withdrawn") == whole.events("tni", "withdrawn") == []
    whole.call("DELETE", f"/saved/{saved['id']}")
    for who in ("polri", "tni"):
        until(lambda who=who: [one["id"] for one in whole.events(who, "withdrawn")] == ids[who])
    until(lambda: [one["type"] for one in posted()] == ["alert", "alert.withdrawn"])
    assert posted()[1]["data"] == {"id": ids["polri"][0], "saved": saved["id"]}
    whole.call("DELETE", f"/saved/{other['id']}", "polri budi")
    until(lambda: len(whole.events("polri budi", "withdrawn")) == 2)
    # Each once, though the stream withdraws them too; who never had the search hears nothing of it.
    time.sleep(3)
    assert [len(whole.events(who, "withdrawn")) for who in whole.heard] == [1, 2, 1, 1]


def test_a_digest_is_mailed_and_says_nothing_of_what_reports_say(whole: Whole) -> None:
    saved = whole.save(question={"q": "senjata", "doc": "report"}, email="ani@polri.example")
    time.sleep(1)
    told = [report("delapan", narrative="senjata"), report("sembilan", narrative="senjata"), report("rahasia", to=(), narrative="senjata")]  # fmt: skip
    whole.pipeline.publish(told)
    until(lambda: whole.postbox.said().count("TLP:AMBER") == 2)
    mails = whole.postbox.said()
    assert all(one.id in mails for one in told[:2])
    assert told[2].id not in mails
    assert not any(word in mails for word in ("senjata", "Laporan", "delapan"))
    time.sleep(4)  # a digest later: each alert is mailed once
    assert whole.postbox.said() == mails
    whole.call("DELETE", f"/saved/{saved['id']}")


def test_a_stream_goes_on_where_it_was_left(whole: Whole) -> None:
    saved = whole.save(question={"q": "emas", "doc": "report"})
    time.sleep(1)
    whole.pipeline.publish([report("sepuluh", narrative="emas")])
    whole.pipeline.rest()
    until(lambda: whole.alerts() == ["Laporan sepuluh"])
    (before,) = whole.call("GET", "/alerts").json()["alerts"]
    whole.pipeline.publish([report("sebelas", narrative="emas")])
    until(lambda: len(whole.alerts()) == 2)
    fresh = whole.listen("polri")
    whole.pipeline.publish([report("sepuluh", revision=2).model_copy(update={"op": "retract"})])
    until(lambda: fresh == [("withdrawn", {"id": before["id"]})])
    heard = whole.listen("polri", f"{before['at']}_{before['id']}")
    until(lambda: len(heard) == 2)
    # Of what was withdrawn meanwhile nothing is kept: whoever listens again is told to look at the list anew.
    assert heard[0] == ("reset", {})
    assert heard[1][1]["document"]["title"] == "Laporan sebelas"
    assert whole.alerts() == ["Laporan sebelas"]
    whole.call("DELETE", f"/saved/{saved['id']}")


def test_every_alert_that_was_told_is_in_the_audit(whole: Whole) -> None:
    events = list(audited(whole.pipeline.addresses.need("kafka")))
    assert verify(events).faults == []
    told = [orjson.loads(raw) for _, raw in events]
    ways = {one["question"]["by"] for one in told if one.get("kind") == "alert" and one["shown"]}
    assert ways == {"page", "stream", "webhook", "mail"}


def test_what_is_saved_and_looked_at_outlasts_the_web_service(whole: Whole, tmp_path: Path) -> None:
    from pipeline.shell.alerts import LiveAlerts
    from pipeline.shell.settings import AlertSettings

    saved = whole.save(question={"q": "bertahan"})
    hook = f"http://127.0.0.1:{RECEIVER}/bertahan"
    gone = whole.save(question={"q": "terhapus"}, webhook=hook)
    whole.call("DELETE", f"/saved/{gone['id']}")
    assert whole.call("GET", "/export?q=bertahan&format=csv").status_code == 200
    listed = whole.call("GET", "/exports").json()["exports"]
    other = LiveAlerts(whole.pipeline.addresses.need("kafka"), AlertSettings(), lambda: (POLICIES, GROUPS))
    other.start()
    try:
        assert saved["id"] in other.inbox.saved
        # To whom the alerts of one that was just deleted are taken back; tests/integration/test_topics.py: for a day.
        assert gone["id"] not in other.inbox.saved
        was = other.inbox.was(gone["id"])
        assert (was and was.delivery.webhook) == hook
        assert other.exports.of("polri", "ani") == listed
        assert [one["question"] for one in listed] == [{"q": "bertahan"}]
        assert other.exports.of("polri", "budi") == other.exports.of("tni", "ani") == []
        assert any(mark == "looked" for mark, _ in other.inbox.marks)
    finally:
        other.stop()
