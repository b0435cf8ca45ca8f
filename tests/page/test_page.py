"""The plain page, in a real Chromium: both languages, desktop and phone width, and nothing of a report runs in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipeline.search.page import STYLE, TEXTS, page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--virtual-time-budget=2000")  # fmt: skip
EVIL = '<script>document.title="ran"</script><img src=x onerror=\'document.title="ran"\'>'
FOUND: dict[str, Any] = {
    "total": 2,
    "hits": [
        {"document": {"doc": "report", "title": f"Peti {EVIL}", "agency": "bnn", "kind": "seizure", "reported_at": "2026-10-01T00:00:00Z", "marking": {"tlp": "AMBER+STRICT"}, "duplicates": ["a"]}, "highlight": {"narrative": ["dua <mark>peti</mark>"]}},
        {"document": {"doc": "entity", "kind": "person", "names": [EVIL, "x" * 300], "agencies": ["bnn", "polri"], "reports": ["a", "b"], "joined": [{"by": f"same passport {EVIL}"}], "marking": {"tlp": "RED"}}, "highlight": {}},
    ],
}  # fmt: skip


@pytest.fixture
def chromium() -> str:
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "CI must have a browser; .ci/run installs chromium"
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    return CHROMIUM


@pytest.mark.parametrize("language", sorted(TEXTS))
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("state", ["signed out", "found", "nothing", "mistake"])
def test_the_page_fits_and_runs_nothing_of_what_it_shows(chromium: str, tmp_path: Path, language: str, width: int, state: str) -> None:  # fmt: skip
    html = {
        "signed out": page(language, None),
        "found": page(language, "polri", f"peti {EVIL}", FOUND),
        "nothing": page(language, "polri", "x", {"total": 0, "hits": []}),
        "mistake": page(language, "polri", "x", error=f"no field is called {EVIL}"),
    }[state]
    # The frame gives a phone's width exactly, which a headless window cannot; the probe tells what it measured.
    inside = html.replace('<link rel="stylesheet" href="/style.css">', f"<style>{STYLE}</style>")
    (tmp_path / "inside.html").write_text(inside)
    (tmp_path / "outside.html").write_text(
        f'<iframe id=f src="inside.html" style="width:{width}px;height:900px;border:0"></iframe><pre id=o></pre><script>'
        "f.onload = () => { const d = f.contentDocument; o.textContent = "
        "`width=${d.documentElement.scrollWidth} title=${d.title} buttons=${[...d.querySelectorAll('button:not(.plain),input:not([type=hidden])')]"
        ".every(e => e.getBoundingClientRect().height >= 44)}` }</script>"
    )
    command = [chromium, *FLAGS, "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
               (tmp_path / "outside.html").as_uri()]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    measured = re.search(r"width=(\d+) title=(.*?) buttons=(\w+)", dom)
    assert measured, dom[-500:]
    assert int(measured[1]) <= width, "nothing may stand out of the page"
    assert measured[2] == TEXTS[language]["title"], "a script of a report has run"
    assert measured[3] == "true", "buttons and fields must be large enough for a thumb"


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_what_a_report_says_is_only_ever_text(language: str) -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)

    Reader().feed(page(language, EVIL, EVIL, FOUND, EVIL))
    assert "script" not in tags
    assert "img" not in tags


def test_both_languages_say_everything() -> None:
    assert TEXTS["id"].keys() == TEXTS["en"].keys()
    assert all(TEXTS["id"][name] != TEXTS["en"][name] for name in TEXTS["id"])
