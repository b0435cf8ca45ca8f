"""What the page is made of, without a server: states, facets, who says what, texts, files."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import pytest
from fastapi.testclient import TestClient

from pipeline.errors import WrongUse
from pipeline.release.iep import STATEMENTS
from pipeline.search.api.enter import OWN_ADDRESS
from pipeline.search.mistake import Mistake
from pipeline.search.page.assets import address, assets
from pipeline.search.page.facets import groups
from pipeline.search.page.reasons import in_indonesian
from pipeline.search.page.render import day, environment, render
from pipeline.search.page.routes import corrected, router, turns
from pipeline.search.page.state import State
from pipeline.search.page.texts import LANGUAGES, called, says_in, texts
from pipeline.search.page.told import told
from pipeline.search.question import Question

MIB = 1 << 20


def state(*pairs: tuple[str, str]) -> State:
    return State.read(pairs)


def test_one_state_has_one_address() -> None:
    one = state(("kind", "b"), ("q", " peti "), ("kind", "a"), ("from", ""), ("evil", "x"), ("kind", "a"))
    assert one.query() == "q=peti&kind=a&kind=b"
    assert one == state(("q", "peti"), ("kind", "a"), ("kind", "b"))


def test_what_changes_a_state_starts_at_its_first_page() -> None:
    one = state(("q", "peti"), ("kind", "a"), ("agency", "bnn"), ("skip", "40"))
    assert one.without("kind", "a").query() == "q=peti&agency=bnn"
    assert one.but(q="truk").query() == "q=truk&kind=a&agency=bnn"
    assert one.but(skip=60).query() == "q=peti&skip=60&kind=a&agency=bnn"
    assert one.cleared().query() == "q=peti"
    assert one.chips() == [("kind", "a"), ("agency", "bnn")]


def test_a_state_is_a_question() -> None:
    found = state(
        ("q", "a"),
        ("kind", "x"),
        ("from", "2026-10"),
        ("to", "2026-10"),
        ("near", "-6.1,106.8,20"),
        ("box", "-7,106,-6,108"),
        ("sort", "oldest"),
    ).question()
    assert (found.kind, found.near, found.box, found.sort) == (["x"], (-6.1, 106.8, 20), (-7, 106, -6, 108), "oldest")
    assert (found.start, found.end) == ("2026-10", "2026-10")
    assert state().question().sort == "newest"
    assert state(("q", "a")).question().sort == "relevance"
    assert state(("from", "2026-10"), ("to", "2026-10")).date("to") == "2026-10-31"
    assert state(("from", "7 hari terakhir")).date("from") == ""
    assert state(("from", "7 hari terakhir")).question().start == "7 hari terakhir"


@pytest.mark.parametrize(
    "pair",
    [
        ("skip", "x"),
        ("doc", "all"),
        ("near", "1,2"),
        ("sort", "best"),
        ("exercise", "../x"),
        ("box", "a,b,c,d"),
    ],
)
def test_a_state_that_cannot_be_is_wrong_use(pair: tuple[str, str]) -> None:
    with pytest.raises(WrongUse):
        state(pair).question()


def test_pages_lead_on_with_the_same_question() -> None:
    one = state(("q", '"a&b"'), ("skip", "20"))
    both = turns(one, one.question(), 45)
    assert {name: to.query() for name, to in both.items()} == {"back": "q=%22a%26b%22", "more": "q=%22a%26b%22&skip=40"}
    assert "more" not in turns(one, one.question(), 40)
    assert turns(state(), Question(), 20) == {}


def test_what_is_chosen_comes_first_even_when_nothing_has_it() -> None:
    facets: dict[str, Any] = {
        "agency": [{"value": "bnn", "count": 3}],
        "agencies": [{"value": "bnn", "count": 2}, {"value": "polri", "count": 9}],
    }
    (found,) = groups(facets, state(("agency", "tni")))
    assert [(one.value, one.count, one.chosen) for one in found.choices] == [
        ("tni", 0, True),
        ("polri", 9, False),
        ("bnn", 5, False),
    ]


def test_who_says_what_since_when_how_sure_and_under_which_marking() -> None:
    def report(id_: str, agency: str, day_: str, tlp: str, **more: Any) -> dict[str, Any]:
        return {
            "id": id_,
            "agency": agency,
            "reported_at": f"2026-10-{day_}T00:00:00Z",
            "marking": {"tlp": tlp},
            **more,
        }

    reports = {one["id"]: one for one in (
        report("a", "bnn", "05", "AMBER", assessment={"source": "C", "information": 3}),
        report("b", "bnn", "01", "GREEN", assessment={"source": "B", "information": 2}), report("c", "polri", "03", "RED"),
    )}  # fmt: skip
    entity = {
        "values": [
            {"field": "identifier", "scheme": "phone", "value": "+62", "reports": ["a", "unread"]},
            {"field": "name", "value": "Budi", "reports": ["a", "b", "c"]},
        ]
    }
    name, phone = told(entity, reports)
    assert [(one.agency, one.since[:10], one.sure, one.tlp, one.reports) for one in name.sayings] == [
        ("bnn", "2026-10-01", ("B", 2), "AMBER", ("b", "a")), ("polri", "2026-10-03", None, "RED", ("c",)),
    ]  # fmt: skip
    assert (phone.value, phone.missing) == ("+62", 1)


def test_a_field_that_was_meant_is_put_in_the_place_of_the_wrong_one() -> None:
    meant = Mistake("field.meant", 5, name="narative", meant="narrative", fields="")
    assert corrected("peti narative:x", meant) == "peti narrative:x"
    assert corrected('peti "x', Mistake("unread.quote", 5)) == ""


def test_reasons_are_told_in_indonesian() -> None:
    assert (
        in_indonesian("same passport B1, same name budi santoso, born 1980-02-01")
        == "paspor sama: B1, nama sama: budi santoso, lahir 1980-02-01"
    )
    assert (
        in_indonesian("same imo 9074729, same occupation pelaut, same address postcode 14310, jakarta")
        == "nomor IMO sama: 9074729, pekerjaan sama: pelaut, alamat sama: kode pos 14310, jakarta"
    )
    assert in_indonesian("something new") == "something new"


def test_both_languages_say_everything() -> None:
    assert all(set(said) == set(LANGUAGES) and all(said.values()) for said in texts().values())
    assert all(
        set(re.findall(r"\{\w+\}", said["id"])) == set(re.findall(r"\{\w+\}", said["en"])) for said in texts().values()
    )


def test_every_text_that_a_template_asks_for_is_there_and_none_is_idle() -> None:
    folder = files("pipeline.search.page") / "templates"
    source = "".join((folder / name).read_text(encoding="utf-8") for name in environment().list_templates())
    asked = set(re.findall(r"says\('([^']+)'[,)]", source))
    assert asked <= texts().keys()
    begun = {found.rstrip(".") for found in re.findall(r"says\('([\w.]+\.)' ~", source)} | {
        "enter",
        "sort",
        "problem",
        "given",
    }
    called_ = {
        "iep",
        "kind",
        "tlp",
        "source",
        "information",
        "month",
        "field",
        "scheme",
        "role",
        "link",
        "attribute",
        "operation",
    }
    idle = {
        key
        for key in texts()
        if key not in asked and key.removesuffix(".one") not in asked and key.partition(".")[0] not in begun | called_
    }
    assert idle == set()


def test_numbers_and_days_are_written_as_the_language_does() -> None:
    assert (says_in("id")("hits", count=1689), says_in("en")("hits", count=1689), says_in("en")("hits", count=1)) == (
        "1.689 hasil",
        "1,689 hits",
        "1 hit",
    )
    assert (day("id", "2026-08-03T20:00:00Z"), day("en", "2026-08-03T20:00:00Z"), day("en", None)) == (
        "3 Agu 2026",
        "3 Aug 2026",
        "",
    )
    assert (called("id", "kind", "vessel"), called("en", "kind", "sea-otter")) == ("kapal", "sea otter")
    assert (called("id", "country", "CN"), called("en", "country", "CN")) == ("Tiongkok", "China")
    assert called("id", "country", "QQ") == "QQ"  # no country: as it is


def test_what_is_put_into_a_page_is_escaped() -> None:
    shown = render(
        "problem.html",
        "en",
        {
            "title": "problem",
            "said": "<b>",
            "back": '/"><i>',
            "who": None,
            "documents": [],
            "path": "/",
            "here": '/"><i>',
            "other": "id",
            "csrf": "",
            "refused": None,
            "provider": None,
        },
    )
    assert "<b>" not in shown
    assert "<i>" not in shown


def test_files_are_kept_for_a_year_by_the_address_that_names_their_hash() -> None:
    from fastapi import FastAPI

    app = FastAPI()
    app.include_router(router)
    http = TestClient(app)
    first = http.get(address("app.css"))
    assert first.status_code == 200
    assert "immutable" in first.headers["cache-control"]
    assert http.get(address("app.css"), headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert http.get("/static/app.css").headers["cache-control"] == "no-cache"
    for path in (
        "nothing.js",
        "vendor/VENDORED.md",
        "vendor/htmx/LICENSE",
        "../texts.yaml",
        "%2e%2e/texts.yaml",
        "..%2ftemplates/base.html",
    ):
        assert http.get(f"/static/{path}").status_code == 404, path


def test_vendored_files_are_small_and_told_of() -> None:
    listed = (files("pipeline.search.page") / "static/vendor/VENDORED.md").read_text(encoding="utf-8")
    for path, asset in assets().items():
        assert len(asset.content) < MIB, path
        if path.startswith("vendor/"):
            assert path.split("/")[-1] in listed, path
            assert (files("pipeline.search.page") / "static" / path.rpartition("/")[0] / "LICENSE").is_file(), path


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "",
        "/\n/evil.example",
        "/x\r\nset-cookie: a=b",
    ],
)
def test_signing_in_leads_to_no_other_host(place: str) -> None:
    assert not OWN_ADDRESS.fullmatch(place)
    assert OWN_ADDRESS.fullmatch("/entity/a/p1?exercise=x")


def test_all_that_an_iep_may_ask_has_words_of_its_own() -> None:
    """What whoever reads must obey stands on the page; none of it may look like a code."""
    wanted = {f"iep.{name}.{value}" for name, values in STATEMENTS.items() for value in values}
    assert {key for key in texts() if key.startswith("iep.")} == wanted
