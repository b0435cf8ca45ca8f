"""`python -m deploy.demo.generate --seed 7 --out DIR [--now TIME]`: each agency's records in its own form.

DIR/<agency>/<connector>.yaml   the connector file, with its data beside it
DIR/<agency>/<connector>-koreksi.yaml   the same for later corrections and retractions, where there are any
DIR/policy                      the policy folder
DIR/demo.json                   the seed and the moment at which the case is told

The same seed and moment give the same bytes. All of it is invented.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import orjson

from connectors.config import Config, load
from connectors.template_map import columns
from deploy.demo import native
from deploy.demo.desk import FEEDS, Feed, Record
from deploy.demo.scenario import Scenario, scenario

HERE = Path(__file__).parent
CORRECTIONS = "koreksi"
Broken = tuple[str | dict[str, str], ...]


def generate(seed: int, now: datetime, out: Path) -> list[Path]:
    """Write the whole case under `out`, anew; gives the connector files in the order in which they are to be run."""
    told = scenario(seed, now)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(HERE / "policy", out / "policy")
    connectors = []
    for corrections in (False, True):
        for name, feed in FEEDS.items():
            records = [one for one in told.records if one.feed == name and one.correction == corrections]
            if records:
                connectors.append(_feed(out / feed.agency, feed, records, told, corrections))
    (out / "demo.json").write_text(json.dumps({"seed": seed, "now": now.isoformat()}), encoding="utf-8")
    return connectors


def connector_files(out: Path) -> list[Path]:
    """The connector files of a case that was generated before: corrections last."""
    found = (path for path in out.glob("*/*.yaml") if path.parent.name != "policy")
    return sorted(found, key=lambda path: (path.stem.endswith(CORRECTIONS), str(path)))


def _feed(folder: Path, feed: Feed, records: list[Record], told: Scenario, corrections: bool) -> Path:
    """The connector file and the data of a feed, or of its corrections."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (HERE / "connectors" / f"{feed.connector}.yaml").read_text(encoding="utf-8")
    top, data = feed.path.split("/")[0], feed.path
    if corrections:
        data = feed.path.replace(top, f"{CORRECTIONS}-{top}")
        text = text.replace(f"path: {top}", f"path: {CORRECTIONS}-{top}")
        text = text.replace(f'path: "{top}', f'path: "{CORRECTIONS}-{top}')
    path = folder / f"{feed.connector}{f'-{CORRECTIONS}' if corrections else ''}.yaml"
    path.write_text(text, encoding="utf-8")
    broken = () if corrections else told.broken.get(records[0].feed, ())
    for name, content in FORMS[feed.form](data, records, load(path), broken).items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return path


def _rows(name: str, records: list[Record], config: Config, broken: Broken) -> dict[str, bytes]:
    """CSV, or lines of nested JSON, through the connector's map read backwards."""
    rows = [native.row(one.report, config) for one in records]
    if config.source.type == "ndjson":
        lines = [orjson.dumps(native.nested(row)).decode() for row in rows]
        return {name: _lines(lines, broken)}
    header = _in_order(config)
    out = io.StringIO()
    writer = csv.DictWriter(out, header, delimiter=config.source.delimiter or ",", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    for cells in broken:
        writer.writerow(cells) if isinstance(cells, dict) else out.write(f"{cells}\n")
    head, *lines = out.getvalue().splitlines()
    good = lines[: len(lines) - len(broken)]
    return {name: f"{head}\n".encode() + _lines(good, tuple(lines[len(good) :]))}


def _in_order(config: Config) -> list[str]:
    """The map's columns in the order in which the map names them."""
    text = json.dumps(config.map)
    return sorted(columns(config.map), key=lambda column: text.index(f"{{{column}}}"))


def _json(name: str, records: list[Record], config: Config, broken: Broken) -> dict[str, bytes]:
    return {name: _lines([orjson.dumps(one.report).decode() for one in records], broken)}


def _lines(lines: list[str], broken: Broken) -> bytes:
    """Broken lines stand among the others: the last first, so that each has good ones behind it."""
    for at, line in enumerate(broken, 1):
        lines.insert(len(lines) - len(lines) * at // (len(broken) + 1), str(line))
    return "".join(line + "\n" for line in lines).encode()


def _stix(name: str, records: list[Record], config: Config, broken: Broken) -> dict[str, bytes]:
    months = defaultdict(list)
    for one in records:
        months[one.report["reported_at"][:7]].append(one.report)
    return {
        name.format(month=month): orjson.dumps(native.bundle(reports), option=orjson.OPT_INDENT_2)
        for month, reports in months.items()
    }


def _misp(name: str, records: list[Record], config: Config, broken: Broken) -> dict[str, bytes]:
    files = {
        name.format(id=one.report["source_id"]): orjson.dumps(native.misp_event(one.report), option=orjson.OPT_INDENT_2)
        for one in records
    }
    return files | {name.format(id=f"terputus-{at}"): str(text).encode() for at, text in enumerate(broken, 1)}


FORMS = {"rows": _rows, "json": _json, "stix": _stix, "misp": _misp}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.demo.generate", description="The invented case of the demo."
    )
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, required=True, help="folder; what is in it is replaced")
    parser.add_argument("--now", type=datetime.fromisoformat, default=None, help="RFC 3339; else the present moment")
    given = parser.parse_args()
    now = (given.now or datetime.now(UTC)).astimezone(UTC)
    for path in generate(given.seed, now, given.out):
        print(path)


if __name__ == "__main__":
    main()
