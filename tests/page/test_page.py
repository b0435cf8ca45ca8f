"""The page in a real Chromium: every user's main way, both languages, desktop and phone width."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from confluent_kafka import Producer
from fastapi.routing import APIRoute
from playwright.sync_api import Locator, Page, expect

from pipeline.addresses import Addresses
from pipeline.alert.alert import Alert
from pipeline.flow import ALERTS_TOPIC
from pipeline.search.api import alerts
from pipeline.search.page import router
from tests.page.conftest import Open, Site
from tests.page.world import EVIL, EVIL_PERSON, JUDGED, PERSON, REPORTS, TWO, WITNESS

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
SIZES = [(language, width) for language in ("id", "en") for width in (1440, 390)]
DELETE = re.compile("Hapus|Delete")
HITS = {"id": "hasil", "en": "hit"}


def faults(page: Page) -> list[str]:
    """What axe-core finds that is more than minor. It is run as a debugger runs it: the page's policy allows none."""
    asked = f"{AXE}; axe.run({{resultTypes: ['violations']}}).then(found => JSON.stringify(found.violations.map(one => [one.impact, one.id, one.nodes[0].html])))"  # fmt: skip
    session = page.context.new_cdp_session(page)
    answer: Any = session.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True, "returnByValue": True})
    session.detach()
    return [f"{id_}: {html[:200]}" for impact, id_, html in json.loads(answer["result"]["value"]) if impact != "minor"]  # fmt: skip


def is_fit(page: Page, width: int) -> None:
    """Nothing stands out of the page, nothing serious is wrong with it, and its marking is told."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert faults(page) == [], page.url
    assert page.locator("#banner").is_visible()


def save_with_alerts(page: Page, name: str) -> None:
    """Save the search on screen under a name, with alerts."""
    page.locator(".menu summary").first.click()
    page.locator("[data-name=name]").fill(name)
    page.locator("[data-name=alerts]").check()
    page.locator("[data-save]").click()
    expect(page.locator(".saving .said")).not_to_be_empty()
    assert "bad" not in (page.locator(".saving .said").get_attribute("class") or "")


def asks_once_more(page: Page, button: Locator, said: str, width: int) -> None:
    """A button's dialog, by keyboard: it says what it is about, begins with what harms nothing, and Escape leads back.
    It is left open."""
    dialog = page.get_by_role("dialog")
    button.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(said)
    expect(dialog.locator("form button").nth(1)).to_be_focused()  # what harms nothing
    is_fit(page, width)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")


def delete(page: Page, name: str) -> None:
    """Delete a saved search on the page that lists them."""
    row = page.locator("#saved li", has_text=name)
    row.get_by_role("button", name=DELETE).click()
    page.get_by_role("dialog").get_by_role("button", name=DELETE).click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_an_analysts_way_from_signing_in_to_an_export(opened: Open, site: Site, language: str, width: int) -> None:
    window = opened(language, width, user=None)
    page = window.page
    page.goto(f"{site.address}/?q=peti")
    is_fit(page, width)
    page.fill("#token", site.tokens["siti"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=peti")  # the permalink that was asked for
    window.complaints.clear()
    expect(page.locator(".hit")).to_have_count(2)
    assert "tersembunyi" not in page.content()
    is_fit(page, width)

    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("budi", delay=20)
    page.wait_for_url("**/?q=budi")  # as one types
    expect(page.locator(".total")).to_contain_text(HITS[language])
    expect(page.locator(".timeline canvas")).to_be_visible()
    if width < 700:
        page.locator("[data-opens=filters]").click()
    page.locator("input[name=agency][value=bnn]").check()
    page.wait_for_url("**agency=bnn**")
    expect(page.locator(".chips li")).to_have_count(2)
    page.go_back()
    page.wait_for_url("**/?q=budi")
    expect(page.locator(".chips")).to_have_count(0)
    page.go_forward()
    page.wait_for_url("**agency=bnn**")
    page.locator(".chips a").first.click()
    page.wait_for_url("**/?q=budi")
    page.locator("#sort").select_option("oldest")
    page.wait_for_url("**sort=oldest**")
    expect(page.locator(".hit").first).to_contain_text("Laporan satu")

    page.locator(".hit.entity h2 a", has_text="Budi").click()
    page.wait_for_url("**/entity/**")
    expect(page.locator("h1")).to_have_text("Budi Santosa")
    says = page.locator("main").inner_text()
    words = {"id": ("sepenuhnya andal", "dipastikan sumber lain", "paspor sama: B1234567"), "en": ("completely reliable", "confirmed by other sources", "same passport B1234567")}  # fmt: skip
    assert all(word in says for word in (*words[language], "BNN", "POLRI", "TLP:AMBER", "TLP:GREEN"))
    is_fit(page, width)
    page.locator(".line a").first.click()
    page.wait_for_url("**/report/**")
    expect(page.locator("h1")).to_have_text("Penangkapan di Belawan")
    is_fit(page, width)

    page.goto(f"{site.address}/map?q=budi")
    expect(page.locator(".leaflet-marker-icon").first).to_be_visible()
    expect(page.locator("#map-table tbody tr").first).to_be_visible()
    is_fit(page, width)
    page.goto(f"{site.address}/graph/{PERSON}")
    expect(page.locator("#graph-table tbody tr")).to_have_count(2)
    expect(page.locator(".graph canvas").first).to_be_visible()
    is_fit(page, width)
    page.goto(f"{site.address}/lookup")
    page.fill("#values", "b 1234567\n+6281234567890\n0000")
    page.locator("#lookup button").click()
    expect(page.locator("#answers tbody tr")).to_have_count(3)
    expect(page.locator("#answers tbody tr").first).to_contain_text("Budi Santosa")
    is_fit(page, width)

    page.goto(f"{site.address}/?q=peti&agency=bnn")
    page.locator(".menu summary").nth(1).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 2, "exactly what is on screen"
    assert any("Laporan satu" in cell for cell in rows[1])
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_countries_are_told_by_name_with_their_code_beside(opened: Open, site: Site, language: str, width: int) -> None:
    window = opened(language, width)
    page = window.page
    name, nationality = {"id": ("Singapura", "Kewarganegaraan"), "en": ("Singapore", "Nationality")}[language]
    page.goto(f"{site.address}/?q=peti")
    if width < 700:
        page.locator("[data-opens=filters]").click()
    choice = page.locator("label.choice", has=page.locator("input[name=country][value=SG]"))
    expect(choice.locator(".value")).to_have_text(f"{name} SG")
    is_fit(page, width)
    choice.locator("input").check()
    page.wait_for_url("**country=SG**")  # addresses, as the API, have codes
    expect(page.locator(".chips li").first).to_contain_text(f"{name} SG")
    is_fit(page, width)
    page.goto(f"{site.address}/report/{REPORTS[1].id}")
    expect(page.locator("section[aria-labelledby=places] li").nth(1)).to_contain_text(f"Jurong, {name} SG")
    expect(page.locator("section[aria-labelledby=mentions]")).to_contain_text(f"{nationality} Indonesia ID")
    expect(page.locator("section[aria-labelledby=mentions]")).to_contain_text("14310, Indonesia ID")
    page.goto(f"{site.address}/entity/{PERSON}")
    expect(page.locator("tr", has_text=nationality).first).to_contain_text("Indonesia ID")
    is_fit(page, width)
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_a_saved_search_and_its_alerts(opened: Open, site: Site, language: str, width: int) -> None:
    window = opened(language, width)
    page, name = window.page, f"Peti {language} {width}"
    page.goto(f"{site.address}/?q=peti&from=2026-08-01")
    save_with_alerts(page, name)
    page.goto(f"{site.address}/saved")
    row = page.locator("#saved li", has_text=name)
    is_fit(page, width)
    row.get_by_role("link").click()
    page.wait_for_url("**from=2026-08-01**")
    expect(page.locator(".hit")).to_have_count(2)
    page.goto(f"{site.address}/alerts")
    expect(page.locator("#alerts-new li")).to_have_count(1)
    is_fit(page, width)
    expect(page.locator("#looked")).to_be_disabled()

    page.goto(f"{site.address}/saved")  # deleting is asked once more
    asks_once_more(page, row.get_by_role("button", name=DELETE), name, width)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(row).to_have_count(0)
    expect(page.locator("main > .sheet > .said")).to_be_focused()
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_how_the_alerts_of_a_saved_search_are_delivered(opened: Open, site: Site, language: str, width: int) -> None:
    window = opened(language, width)
    page, name = window.page, f"Kapal {language} {width}"
    texts = {
        "id": ("Webhook tidak boleh ke evil.example:443; operator mengizinkan host", "Itu bukan satu alamat surel.", "Surel tidak boleh ke evil.example", "Beri nama", "Tersimpan.", "dijeda"),
        "en": ("Webhooks may not go to evil.example:443; the operator allows hosts", "That is not one mail address.", "Mail may not go to evil.example", "Give it a name", "Saved.", "paused"),
    }  # fmt: skip
    host, no_mail, domain, nameless, done, paused = texts[language]
    page.goto(f"{site.address}/?q=kapal&doc=report")
    page.locator(".menu summary").first.click()
    panel = page.locator(".saving")
    said, webhook, email, secret = panel.locator(".said"), panel.locator("[data-name=webhook]"), panel.locator("[data-name=email]"), panel.locator("[data-name=secret]")  # fmt: skip
    expect(webhook).to_be_hidden()
    panel.locator("[data-name=alerts]").check()
    panel.locator("[data-save]").click()
    expect(said).to_contain_text(nameless)
    panel.locator("[data-name=name]").fill(name)
    webhook.fill("https://evil.example/masuk")
    page.keyboard.press("Enter")
    expect(said).to_contain_text(host)
    expect(said).to_have_class(re.compile("bad"))
    is_fit(page, width)
    webhook.fill("https://hooks.example/masuk")
    panel.locator("[data-save]").click()
    expect(said).to_have_text(done)
    expect(secret).to_have_value(re.compile("^whsec_"))
    expect(secret).to_be_focused()
    expect(panel.locator("[data-save]")).to_be_disabled()  # not twice
    first = secret.input_value()
    is_fit(page, width)

    page.goto(f"{site.address}/saved")
    row, dialog = page.locator("#saved li", has_text=name), page.get_by_role("dialog")
    expect(row).to_contain_text("hooks.example")
    change = row.get_by_role("button").first
    change.click()
    expect(secret).to_be_hidden()
    expect(webhook).to_have_value("https://hooks.example/masuk")
    for wrong, told in (("siti", no_mail), ("siti@evil.example", domain)):
        email.fill(wrong)
        panel.locator("[data-save]").click()
        expect(said).to_contain_text(told)
    is_fit(page, width)
    email.fill("siti@polri.example")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("siti@polri.example")
    expect(change).to_be_focused()
    is_fit(page, width)
    page.keyboard.press("Enter")
    expect(secret).to_be_hidden()  # it was told once
    webhook.fill("https://hooks.example/lain")
    panel.locator("[data-save]").click()
    expect(secret).to_have_value(re.compile("^whsec_"))
    assert secret.input_value() != first
    page.keyboard.press("Escape")
    expect(change).to_be_focused()
    change.click()
    panel.locator("[data-name=alerts]").uncheck()
    panel.locator("[data-save]").click()
    expect(dialog).to_be_hidden()
    for kept in ("hooks.example", "siti@polri.example"):
        expect(row).to_contain_text(f"{kept} ({paused})")
    change.click()
    expect(webhook).to_have_value("https://hooks.example/lain")
    expect(panel.locator(".paused")).to_be_visible()
    is_fit(page, width)
    panel.locator("[data-name=alerts]").check()
    expect(panel.locator(".paused")).to_be_hidden()
    panel.locator("[data-save]").click()
    expect(dialog).to_be_hidden()  # and no other secret is told: it is the one that was kept
    expect(row).not_to_contain_text(paused)
    delete(page, name)
    window.is_well("422")


@pytest.mark.parametrize("width", [1440, 390])
def test_an_alert_is_told_at_once_and_is_new_until_one_looks(opened: Open, site: Site, services: Addresses, width: int) -> None:  # fmt: skip
    """The alert is put into its topic as the stage does that; the stage itself is tried in tests/integration."""
    window = opened("en", width)
    page, name = window.page, f"Ships {width}"
    page.goto(f"{site.address}/?q=kapal&doc=report")
    save_with_alerts(page, name)
    page.goto(f"{site.address}/alerts")
    expect(page.locator("#alerts-new li")).to_have_count(1)  # "none"
    with page.expect_response("**/api/v1/saved") as answer:
        page.reload()
    (saved,) = [one for one in answer.value.json()["saved"] if one["name"] == name]
    alert = Alert(
        str(uuid.uuid4()), saved["id"], "polri", "live", "report", REPORTS[2].id, datetime.now(UTC).isoformat()
    )
    producer = Producer({"bootstrap.servers": services.need("kafka"), "partitioner": "murmur2_random"})
    producer.produce(ALERTS_TOPIC, key=alert.key, value=orjson.dumps(vars(alert)))
    assert producer.flush(30) == 0
    expect(page.locator("#alerts-new .grow > a")).to_have_text("Kapal terlihat lagi")
    expect(page.locator("#alerts-new")).to_contain_text(f"matches {name}")
    expect(page.locator("#alerts-new .kind")).to_have_text("intelligence")
    expect(page.locator("#unread")).to_contain_text("1")
    expect(page.locator("#banner")).to_contain_text("TLP:AMBER+STRICT")
    is_fit(page, width)
    page.locator("#looked").click()
    expect(page.locator("#alerts-old .grow > a")).to_have_text("Kapal terlihat lagi")
    expect(page.locator("main .said")).to_be_focused()
    expect(page.locator("#unread")).to_be_hidden()
    page.goto(f"{site.address}/saved")
    delete(page, name)
    producer.produce(ALERTS_TOPIC, key=alert.key, value=None)
    assert producer.flush(30) == 0
    window.is_well()


def test_a_page_that_was_away_lets_go_of_what_was_withdrawn_meanwhile(opened: Open, site: Site, services: Addresses, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The stream ends, the alert is withdrawn, the browser asks again."""
    monkeypatch.setattr(alerts, "STREAM_SECONDS", 2)
    window = opened("en", 1440)
    page, name = window.page, "Ships that went"
    page.goto(f"{site.address}/?q=kapal&doc=report")
    page.locator(".menu summary").first.click()
    page.locator("[data-name=name]").fill(name)
    page.locator("[data-name=alerts]").check()
    with page.expect_response("**/api/v1/saved") as answer:
        page.locator("[data-save]").click()
    alert = Alert(str(uuid.uuid4()), answer.value.json()["id"], "polri", "live", "report", REPORTS[2].id, datetime.now(UTC).isoformat())  # fmt: skip
    producer = Producer({"bootstrap.servers": services.need("kafka"), "partitioner": "murmur2_random"})
    producer.produce(ALERTS_TOPIC, key=alert.key, value=orjson.dumps(vars(alert)))
    assert producer.flush(30) == 0
    page.goto(f"{site.address}/alerts")
    expect(page.locator("#alerts-new .grow > a")).to_have_text("Kapal terlihat lagi")
    page.evaluate("document.addEventListener('gabung:reset', () => { document.body.dataset.reset = 'yes' })")
    with page.expect_event("requestfinished", lambda one: one.url.endswith("/alerts/stream")):
        pass
    producer.produce(ALERTS_TOPIC, key=alert.key, value=None)  # before the browser asks again, some seconds later
    assert producer.flush(30) == 0
    expect(page.locator("body[data-reset]")).to_have_count(1)
    expect(page.locator("#alerts-new a")).to_have_count(0)
    page.goto(f"{site.address}/saved")
    delete(page, name)
    window.is_well()


def test_an_operator_sees_health_and_no_report(opened: Open, site: Site) -> None:
    for language, width in SIZES:
        window = opened(language, width, "agus")
        page = window.page
        page.goto(f"{site.address}/health")
        expect(page.locator("main")).to_contain_text("elasticsearch")
        expect(page.locator("main")).to_contain_text("gabung.enrich")
        assert page.locator("header nav a").count() == 1
        is_fit(page, width)
        page.goto(f"{site.address}/?q=peti")
        expect(page.get_by_role("alert")).to_be_visible()
        assert "Laporan" not in page.content()
        window.is_well("403")


def test_every_page_asks_who_reads(site: Site) -> None:
    paths = [
        route.path for route in router.routes if isinstance(route, APIRoute) and not route.path.startswith("/static")
    ]
    assert len(paths) >= 9
    for path in paths:
        for cookie in ("", "gabung=forged"):
            answer = httpx.get(site.address + re.sub(r"\{.*?\}", REPORTS[0].id, path), headers={"cookie": cookie})
            assert answer.status_code == 401, path
            assert 'name="token"' in answer.text
            assert "Laporan" not in answer.text
            assert answer.headers["cache-control"] == "no-store"
            assert "script-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("user", "exports", "judges"), [("rini", True, False), ("dewi", False, False), ("siti", True, True)]
)
def test_each_role_is_offered_what_it_may_do(opened: Open, site: Site, user: str, exports: bool, judges: bool) -> None:
    page = opened("id", 1440, user).page
    page.goto(f"{site.address}/?q=budi")
    assert (page.locator("a[href*='/api/v1/export']").count() > 0) == exports
    page.goto(f"{site.address}/entity/{PERSON}")
    assert (page.locator("form.judging").count() > 0) == judges


def test_another_agency_sees_nothing_of_it(opened: Open, site: Site) -> None:
    window = opened("en", 1440, "tamu")
    page = window.page
    page.goto(f"{site.address}/?q=peti OR budi")
    expect(page.locator(".nothing")).to_be_visible()
    seen = page.content()
    answers = []
    for path in (f"report/{REPORTS[0].id}", f"entity/{PERSON}", f"graph/{PERSON}", "report/none", "entity/none/x"):
        answer = page.goto(f"{site.address}/{path}")
        assert answer is not None
        assert answer.status == 404
        answers.append(page.locator("main").inner_html())
    assert len(set(answers)) == 1, "what one may not see is answered as what does not exist"
    assert "Budi" not in seen + "".join(answers)
    window.is_well("404")


def test_markup_in_every_field_of_a_report_is_only_text(opened: Open, site: Site) -> None:
    window = opened("en", 1440)
    page = window.page
    evil = REPORTS[4].id
    for path in (
        "?q=judul", "?doc=entity&q=nama", "?q=%3Cscript%3Edocument.title%3D'ran'%3C/script%3E", f"report/{evil}", f"entity/{EVIL_PERSON}",
        f"graph/{EVIL_PERSON}", "map?q=judul&box=-7,106,-6,108", "?kind=%3Cscript%3Ealert(1)%3C/script%3E&place=%22onload%3D%22alert(1)",
    ):  # fmt: skip
        page.goto(f"{site.address}/{path}")
        page.wait_for_timeout(300)
        assert page.title() != "ran", path
        assert page.locator("main img, main script").count() == 0, path
    page.goto(f"{site.address}/report/{evil}")
    assert EVIL in page.locator("main").inner_text()
    page.goto(f"{site.address}/map?q=judul")
    page.locator(".leaflet-marker-icon").last.click()
    expect(page.locator(".leaflet-popup a").first).to_contain_text("<script>")
    page.goto(f"{site.address}/lookup")
    page.fill("#values", EVIL)
    page.locator("#lookup button").click()
    expect(page.locator("#answers tbody th")).to_have_text(EVIL)
    window.is_well("422")


def test_by_keyboard_alone(opened: Open, site: Site) -> None:
    window = opened("en", 1440)
    page = window.page
    page.goto(f"{site.address}/")
    page.keyboard.press("/")
    page.keyboard.type("peti")
    page.wait_for_url("**/?q=peti")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    first = page.locator(".hit h2 a").first
    expect(first).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("g")
    page.wait_for_url("**/map?q=peti**")
    page.go_back()
    page.wait_for_url("**/?q=peti")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/(report|entity)/"))
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    window.is_well()


def test_a_mistake_is_underlined_at_its_place_with_what_to_write(opened: Open, site: Site) -> None:
    window = opened("id", 390)
    page = window.page
    page.goto(f"{site.address}/?q=peti narative:x")
    expect(page.locator(".wrong")).to_have_text("narative:x")
    page.locator("#mistake a").click()
    page.wait_for_url("**narrative**")
    expect(page.locator("#q")).to_have_value("peti narrative:x")
    page.locator("#q").fill('peti "dermaga')
    expect(page.locator("#mistake")).to_contain_text("tutup tanda kutipnya")
    is_fit(page, 390)
    window.is_well("422")


def test_brushing_the_timeline_sets_both_dates(opened: Open, site: Site) -> None:
    window = opened("en", 1440)
    page = window.page
    page.goto(f"{site.address}/?q=agency:bnn OR agency:polri")
    over = page.locator(".timeline .u-over")
    over.wait_for()
    box = over.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 20, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile("from=2026-0[89]-.*to=2026-1"))
    expect(page.locator(".hits")).not_to_contain_text("Patroli rutin")
    window.is_well()


def test_the_graph_grows_by_click_and_filters(opened: Open, site: Site) -> None:
    window = opened("en", 1440)
    page = window.page
    page.goto(f"{site.address}/graph/{PERSON}")
    rows = page.locator("#graph-table tbody tr")
    expect(rows).to_have_count(2)
    beside = page.locator("#graph-table td:nth-child(6)")
    expect(beside.filter(has_text="owns KM Contoh Jaya")).to_have_count(2)  # told of the ship as its owner's deed
    expect(beside.filter(has_text="owns Budi")).to_have_count(0)
    page.locator("#graph-table button").first.click()
    expect(page.locator("#graph-table button")).to_have_count(0)
    page.locator("[name=kind]").select_option("phone")
    expect(rows).to_have_count(1)  # what it began with stays
    assert "kind=phone" in page.url
    page.locator("[name=kind]").select_option("")
    page.locator("[name=least]").fill("9")
    page.locator("[name=least]").press("Tab")
    expect(rows).to_have_count(1)
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_judging_with_the_buttons(opened: Open, site: Site, language: str, width: int) -> None:
    """Who will see it is said before it is sent."""
    window = opened(language, width)
    page = window.page
    differ, reason, who, whom, sent = {
        "id": ("Tidak sama", "Alasan", "Siapa lagi yang boleh melihatnya", "Id lembaga atau tim", "Terkirim"),
        "en": ("Not the same", "Reason", "Who else may see it", "Ids of agencies or task forces", "Sent"),
    }[language]
    page.goto(f"{site.address}/entity/{PERSON}")
    form = page.locator("form.judging").first
    page.locator(".judge summary").first.click()
    form.get_by_label(differ).check()
    form.get_by_label(reason).fill("Another person of that name, seen in person.")
    named = form.get_by_label(whom)
    asked: list[Any] = []
    page.on("request", lambda one: asked.append(one.post_data_json) if one.url.endswith("/judgements") else None)
    for release, to in (("rules", None), ("own", []), ("named", ["bnn", "tf"])):
        form.get_by_label(who).select_option(release)
        if release == "named":
            form.get_by_role("button").click()
            expect(named).to_be_focused()  # who is named is left to no guess
            named.fill("bnn, tf")
        else:
            expect(named).to_be_hidden()
        is_fit(page, width)
        with page.expect_response("**/api/v1/judgements") as answer:
            form.get_by_role("button").click()
        assert answer.value.status == 200
        assert asked[-1].get("to") == to
        expect(form.locator(".said")).to_contain_text(sent)
    assert len(asked) == 3
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_an_agencys_own_judgements_are_taken_back_after_one_more_question(opened: Open, site: Site, language: str, width: int) -> None:  # fmt: skip
    window = opened(language, width)
    page = window.page
    said = {"id": ("Sidik jari berbeda", "Tarik kembali", "Ditarik kembali"), "en": ("Sidik jari berbeda", "Take back", "Taken back")}  # fmt: skip
    reason, take, done = said[language]
    page.goto(f"{site.address}/entity/{WITNESS}")
    rows = page.locator(".judged li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="BNN").filter(has_text="Ditemui").get_by_role("button")).to_have_count(0)
    row = rows.filter(has_text=reason)
    expect(row.locator(".pair a", has_text="Made Contoh")).to_have_attribute("href", re.compile("/entity/"))
    button = row.get_by_role("button")
    assert (button.text_content() or "").startswith(f"{take}: {reason}")
    asks_once_more(page, button, reason, width)
    with page.expect_response("**/api/v1/judgements?**") as answer:
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
    assert answer.value.json() == {"report": JUDGED[0].id}
    expect(row.get_by_role("status")).to_contain_text(done)
    expect(row.get_by_role("status")).to_be_focused()
    expect(button).to_have_count(0)
    is_fit(page, width)

    page.goto(f"{site.address}/report/{TWO[1].id}")
    page.locator(".judged").get_by_role("button").click()
    with page.expect_response("**/api/v1/judgements?**") as answer:
        page.get_by_role("dialog").get_by_role("button", name=take).click()
    assert answer.value.json() == {"report": JUDGED[2].id}
    is_fit(page, width)
    window.is_well()


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_an_agency_takes_back_what_it_judged_of_things_that_it_sees_no_more(opened: Open, site: Site, language: str, width: int) -> None:  # fmt: skip
    window = opened(language, width)
    page = window.page
    nav, unseen, take, done = {
        "id": ("Penilaian", "tidak terlihat bagi Anda sekarang", "Tarik kembali", "Ditarik kembali"),
        "en": ("Judgements", "not visible to you now", "Take back", "Taken back"),
    }[language]
    page.goto(f"{site.address}/alerts")
    page.get_by_role("navigation").get_by_role("link", name=nav).click()
    rows = page.locator(".judged li")
    expect(rows).to_have_count(3)  # its own: bnn has judged too
    hidden, other = REPORTS[3], TWO[1]
    row = rows.filter(has_text="Dinilai sebelum")
    expect(row).to_contain_text(hidden.id)
    expect(row).to_contain_text(unseen)
    expect(row.get_by_role("link", name=other.title)).to_have_attribute("href", f"/report/{other.id}")
    assert hidden.title not in page.content()
    expect(rows.filter(has_text="Sidik jari")).not_to_contain_text(unseen)
    expect(rows.filter(has_text="Sidik jari").get_by_role("link", name="Made Contoh")).to_be_visible()
    is_fit(page, width)
    row.get_by_role("button").click()
    expect(page.get_by_role("dialog")).to_contain_text("Dinilai sebelum")
    is_fit(page, width)
    with page.expect_response("**/api/v1/judgements?**") as answer:
        page.get_by_role("dialog").get_by_role("button", name=take).click()
    assert answer.value.json() == {"report": JUDGED[3].id}
    expect(row.get_by_role("status")).to_contain_text(done)
    window.is_well()


def test_who_may_not_judge_takes_nothing_back(opened: Open, site: Site) -> None:
    page = opened("en", 1440, "rini").page
    assert page.goto(f"{site.address}/judgements").status == 403  # type: ignore[union-attr]
    expect(page.get_by_role("navigation").get_by_role("link", name="Judgements")).to_have_count(0)
    page.goto(f"{site.address}/entity/{WITNESS}")
    expect(page.locator(".judged li")).to_have_count(2)
    assert page.locator("[data-take-back]").count() == 0


def test_a_token_that_nobody_holds_leads_back_to_the_form(opened: Open, site: Site) -> None:
    window = opened("en", 390, user=None)
    window.page.goto(f"{site.address}/")
    window.page.fill("#token", "gabung_forged")
    window.page.keyboard.press("Enter")
    expect(window.page.get_by_role("alert")).to_contain_text("not known")
    is_fit(window.page, 390)
    window.is_well("401")


@pytest.mark.parametrize(("language", "width"), SIZES)
def test_a_form_that_is_refused_is_a_page_with_the_way_back(
    opened: Open, site: Site, language: str, width: int
) -> None:
    window = opened(language, width)
    page = window.page
    page.goto(f"{site.address}/?q=peti&agency=bnn")
    page.locator("form[action='/leave'] [name=csrf]").evaluate("field => { field.value = 'another' }")
    page.locator("form[action='/leave'] button").click()
    expect(page.get_by_role("alert")).to_contain_text({"id": "tidak datang dari halaman", "en": "did not come from your page"}[language])  # fmt: skip
    is_fit(page, width)
    page.locator("main a").click()
    page.wait_for_url("**/?q=peti&agency=bnn")
    expect(page.locator(".hit")).to_have_count(1)
    window.is_well("403")


def test_without_scripts_the_form_still_finds(opened: Open, site: Site, sessions: dict[str, list[Any]]) -> None:
    signed_in = opened("en", 1440).page
    context = signed_in.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    context.add_cookies(
        [{"name": one["name"], "value": one["value"], "url": site.address} for one in signed_in.context.cookies()]
    )
    page = context.new_page()
    page.goto(site.address)
    page.fill("#q", "peti")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=peti**")
    assert page.locator(".hit").count() == 2
    context.close()
