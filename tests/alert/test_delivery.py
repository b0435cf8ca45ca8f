"""How alerts go out: signed as the standard says, to allowed hosts alone, and in what order they count as dealt with."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipeline.alert.delivery import check_mail, check_webhook, digest, message_id, new_secret, signed
from pipeline.errors import WrongUse
from pipeline.shell.webhooks import Progress
from tests.spec.tables import NOW

ALLOWED = ("hooks.example", "inner.example:8443", " Big.Example ")


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The example that the standard's own libraries are tested with."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")
    assert new_secret() != new_secret()


def test_each_event_has_a_name_of_its_own() -> None:
    times = ("2026-11-01T00:00:00.000001+00:00", "2026-11-01T00:00:02.000+00:00")
    names = [message_id("a", at, withdrawn) for at in times for withdrawn in (False, True)]
    assert len(set(names)) == 4
    assert names == [message_id("a", at, withdrawn) for at in times for withdrawn in (False, True)]


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example/a?b=c", "http://hooks.example", "https://HOOKS.example:443/", "https://inner.example:8443/x", "https://big.example/"],
)  # fmt: skip
def test_a_webhook_may_go_to_a_host_that_the_operator_allows(url: str) -> None:
    check_webhook(url, ALLOWED)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "ftp://hooks.example/", "javascript:alert(1)", "https:///x", "https://hooks.example:99999/",
        "https://hooks.example:9200/", "https://inner.example/", "https://hooks.example.evil.example/",
        "https://evil.example/hooks.example", "https://hooks.example@evil.example/", "https://evil.example#hooks.example",
        "https://hooks.example\\@evil.example/", "http://127.0.0.1/", "http://[::1]/", "http://2130706433/",
        "https://user:x@hooks.example/", "https://hooks.exampl\u0435/",
    ],
)  # fmt: skip
def test_and_to_no_other(url: str) -> None:
    with pytest.raises(WrongUse):
        check_webhook(url, ALLOWED)
    with pytest.raises(WrongUse):
        check_webhook("https://hooks.example/", [])


def test_mail_goes_to_allowed_domains() -> None:
    check_mail("ani@Polri.Example", ["polri.example"])
    for address in ("ani@sub.polri.example", "ani@evil.example", "ani@polri.example.evil.example"):
        with pytest.raises(WrongUse):
            check_mail(address, ["polri.example"])


def test_a_digest_names_ids_and_markings_and_nothing_that_a_report_says() -> None:
    document = {"doc": "report", "id": "abc", "title": "Rahasia besar", "marking": {"tlp": "RED"}}
    mail = digest("Cari saya", [("2026-11-01T00:00:00Z", document)], "a@b.example", "gabung@b.example", "https://g.example", NOW)  # fmt: skip
    text = mail.as_string()
    assert "TLP:RED" in text
    assert "https://g.example/reports/abc" in text
    assert "Rahasia" not in text
    assert mail["To"] == "a@b.example"


def test_what_is_finished_in_any_order_is_committed_in_order() -> None:
    progress = Progress(5)
    for offset in (5, 6, 8):
        progress.began(offset)
    assert progress.done(6) == 5
    assert progress.done(8) == 5
    assert progress.done(5) == 9
