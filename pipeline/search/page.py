"""A plain page: what is here, and a search that works without scripts. Indonesian and English. Everything is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

TEXTS = {
    "id": {
        "title": "Gabung: pencarian lintas lembaga",
        "about": "Anda menemukan apa yang dirilis kepada lembaga Anda, dan hanya itu.",
        "token": "Token lembaga", "enter": "Masuk", "leave": "Keluar", "search": "Cari", "question": "Kata, frasa, atau bidang:nilai",
        "hits": "hasil", "none": "Tidak ada yang dirilis kepada Anda yang cocok.", "joined": "Disatukan karena",
        "agencies": "lembaga", "reports": "laporan", "wrong": "Token tidak dikenal.", "other": "English", "as": "Membaca sebagai",
        "api": "Untuk program: /api/v1/search dengan token yang sama.", "same": "laporan lain tentang peristiwa yang sama",
        "more": "Berikutnya", "back": "Sebelumnya", "like": "Misalnya",
    },
    "en": {
        "title": "Gabung: search across agencies",
        "about": "You find what was released to your agency, and nothing else.",
        "token": "Agency's token", "enter": "Sign in", "leave": "Sign out", "search": "Search", "question": "Words, a phrase, or field:value",
        "hits": "hits", "none": "Nothing that was released to you matches.", "joined": "Joined by",
        "agencies": "agencies", "reports": "reports", "wrong": "No such token.", "other": "Bahasa Indonesia", "as": "Reading as",
        "api": "For programs: /api/v1/search with the same token.", "same": "other reports of the same event",
        "more": "Next", "back": "Back", "like": "For example",
    },
}  # fmt: skip
OTHER = {"id": "en", "en": "id"}
EXAMPLES = (
    "budi santoso", '"tanjung priok"', "phone:0812-3456-7890", "kind:seizure AND NOT agency:polri", "reported:2026-10",
    "doc:entity",
)  # fmt: skip
SIZE = 20
"""Hits on one page."""

STYLE = """
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1a1f24; background: #f6f7f8 }
body { max-width: 52rem; margin: 0 auto; padding: 1rem }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; justify-content: space-between }
h1 { font-size: 1.35rem; margin: .5rem 0 }
form { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0 }
label { flex: 1 1 14rem; display: flex; flex-direction: column; font-size: .85rem }
input { font: inherit; padding: .5rem .6rem; border: 1px solid #7a858f; border-radius: .3rem; min-height: 2.75rem; box-sizing: border-box; width: 100% }
button { font: inherit; padding: .5rem 1.2rem; min-height: 2.75rem; border: 0; border-radius: .3rem; background: #14507a; color: #fff; align-self: end }
form { align-items: center }
button.plain { min-height: 0; align-self: center; background: none; color: #14507a; text-decoration: underline; padding: 0 }
article { background: #fff; border: 1px solid #d5dade; border-radius: .4rem; padding: .8rem 1rem; margin: .7rem 0; overflow-wrap: anywhere }
h2 { font-size: 1.05rem; margin: 0 0 .3rem }
nav { display: flex; gap: 1.5rem } nav a { padding: .6rem 0 } a { color: #14507a } li { margin: .3rem 0 }
p { margin: .3rem 0 } .quiet { color: #4a545d; font-size: .9rem }
mark { background: #ffe89a }
.tlp { display: inline-block; background: #000; padding: 0 .45rem; border-radius: .2rem; font: bold .8rem/1.6 ui-monospace, monospace }
.tlp-RED { color: #ff2b2b } .tlp-AMBER, .tlp-AMBER-STRICT { color: #ffc000 } .tlp-GREEN { color: #33ff00 } .tlp-CLEAR { color: #fff }
[role=alert] { border-left: .3rem solid #b3261e; padding: .4rem .8rem; background: #fff }
"""


def page(
    language: str, reader: str | None, q: str = "", found: Mapping[str, Any] | None = None, error: str | None = None,
    skip: int = 0, csrf: str = "",
) -> str:  # fmt: skip
    """The whole page. `found` is an answer of `pipeline.search.ask`, `skip` how many hits come before it."""
    says = TEXTS[language]
    parts = [
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<title>{says["title"]}</title><link rel="stylesheet" href="/style.css"></head><body>',
        f'<header><h1>{says["title"]}</h1><a href="{_link(lang=OTHER[language], q=q, skip=skip)}" lang="{OTHER[language]}">{says["other"]}</a></header>',
        f"<main><p>{says['about']}</p>",
    ]
    if error:
        parts.append(f'<p role="alert">{escape(error)}</p>')
    parts += _signed_in(says, reader, q, found, skip, csrf) if reader else [_sign_in(says)]
    return "".join([*parts, f'<p class="quiet">{says["api"]}</p></main></body></html>'])


def _sign_in(says: Mapping[str, str]) -> str:
    return (
        f'<form method="post" action="/enter"><label>{says["token"]}<input name="token" type="password" required '
        f'autocomplete="off"></label><button>{says["enter"]}</button></form>'
    )


def _link(**parameters: str | int) -> str:
    """A link to this page, without what is empty."""
    return escape("/?" + urlencode({name: value for name, value in parameters.items() if value}))


def _signed_in(
    says: Mapping[str, str], reader: str, q: str, found: Mapping[str, Any] | None, skip: int, csrf: str
) -> list[str]:
    parts = [
        f'<form method="post" action="/leave"><span>{says["as"]} <strong>{escape(reader)}</strong></span>'
        f'<input type="hidden" name="csrf" value="{escape(csrf)}"><button class="plain">{says["leave"]}</button></form>',
        f'<form role="search" action="/"><label>{says["question"]}<input name="q" type="search" value="{escape(q)}" '
        f"maxlength=10000></label><button>{says['search']}</button></form>",
    ]
    if found is not None:
        parts.append(
            f'<p aria-live="polite">{found["total"]} {says["hits"]}</p>' if found["hits"] else f"<p>{says['none']}</p>"
        )
        parts += [_hit(says, hit) for hit in found["hits"]]
        turns = [("back", skip - SIZE, skip > 0), ("more", skip + SIZE, skip + SIZE < found["total"])]
        links = [f'<a href="{_link(q=q, skip=max(to, 0))}">{says[name]}</a>' for name, to, there in turns if there]
        parts.append(f"<nav>{''.join(links)}</nav>" if links else "")
    elif not q:
        examples = "".join(f'<li><a href="{_link(q=one)}">{escape(one)}</a></li>' for one in EXAMPLES)
        parts.append(f"<p>{says['like']}</p><ul>{examples}</ul>")
    return parts


def _hit(says: Mapping[str, str], hit: Mapping[str, Any]) -> str:
    document = hit["document"]
    tlp = document["marking"]["tlp"]
    badge = f'<span class="tlp tlp-{tlp.replace("+", "-")}">TLP:{tlp}</span>'
    fragments = "".join(
        f"<p>… {one} …</p>" for name, of in hit["highlight"].items() if name == "narrative" for one in of
    )
    if document["doc"] == "report":
        title = escape(document["title"])
        about = f"{escape(document['agency'])} · {escape(document['kind'])} · {document['reported_at'][:10]}"
        more = f"<p class=quiet>+{len(document['duplicates'])} {says['same']}</p>" if document["duplicates"] else ""
    else:
        values = document["names"] or [one["value"] for one in document.get("identifiers", [])]
        title = escape(", ".join(values[:4]) or document["kind"])
        about = f"{document['kind']} · {len(document['agencies'])} {says['agencies']} ({escape(', '.join(document['agencies']))}) · {len(document['reports'])} {says['reports']}"
        reasons = "".join(
            f"<li>{escape(by)}</li>" for by in list(dict.fromkeys(one["by"] for one in document.get("joined", [])))[:5]
        )
        more = f"<p class=quiet>{says['joined']}</p><ul>{reasons}</ul>" if reasons else ""
    return f"<article><h2>{title}</h2><p>{badge} <span class=quiet>{about}</span></p>{fragments}{more}</article>"
