"""Learn the weights of pipeline/match/weights.yaml with Splink, offline, from sets whose answers are known.

m, how often a level is seen where two mentions are the same, is the mean over the sets that show the feature. u, how
often it is seen by chance, is counted over one record a person of FEBRL 3, and never falls below what the table has by
arithmetic: the set is small, and its chance is not the world's. What we invented ourselves teaches no chance at all.
What a name's words, a city or a street say comes from shipped frequencies, so there only m is learned.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from pipeline.bench.febrl import febrl
from pipeline.bench.people import Record, lives
from pipeline.enrich.enrich import features_of
from pipeline.match.addresses import city_agreement, postcode_level, street_agreement
from pipeline.match.candidate import Candidate, of_mention
from pipeline.match.dates import date_level
from pipeline.match.evidence import attribute_level
from pipeline.match.names import agreement
from pipeline.report.model import Mention

TABLE = Path(str(files("pipeline.match").joinpath("weights.yaml")))
BY_WORDS = ("name", "city", "street")
"""Features of which only m is learned."""
ATTRIBUTES = ("gender", "birth_place", "occupation", "state")
PARTIAL = ("same-month", "same-year", "typo-year")
"""Levels that only a partial birth date can have: how often dates are partial is no matter of weights."""
REAL = "FEBRL 3"
"""The set that others made."""
LEAST = 0.005
"""m of a level that was hardly ever seen."""
PAIRS = 1_000_000
"""Random pairs that u is counted over."""


def sets() -> dict[str, list[Record]]:
    """What is learned from; other seeds than those that benches measure on."""
    return {REAL: list(febrl(3)), "lives": list(lives(101, 600))}


def run(
    write: Annotated[bool, typer.Option(help="Write the table; else only print what was learned.")] = False,
) -> None:
    """Learn m and u of each feature's levels, and print the table."""
    table = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    learned = {name: learn(records, table) for name, records in sets().items()}
    for rows in (table["features"], table["attributes"]):
        for feature, levels in rows.items():
            shown = {name: one for name, one in learned.items() if any(of == feature for of, _ in one)}
            for level, row in levels.items() if shown else ():
                if level in PARTIAL:
                    continue
                found = [one.get((feature, level), (0.0, 0.0)) for one in shown.values()]
                row["m"] = round(max(sum(m for m, _ in found) / len(found), LEAST), 4)
                if feature not in BY_WORDS and REAL in shown:
                    row["u"] = float(f"{max(row['u'], shown[REAL].get((feature, level), (0.0, 0.0))[1]):.2g}")
                typer.echo(f"{feature:12} {level:12} m {row['m']:<8} u {row['u']}")
    if write:
        head = "".join(line for line in TABLE.open(encoding="utf-8") if line.startswith("#"))
        TABLE.write_text(head + yaml.safe_dump(table, sort_keys=False, width=118), encoding="utf-8")


def learn(records: Iterable[Record], table: dict[str, Any]) -> dict[tuple[str, str], tuple[float, float]]:
    """(feature, level) -> (m, u) in one set."""
    import duckdb
    import pandas as pd
    from splink import DuckDBAPI, Linker

    rows = [_row(number, truth, mention) for number, (truth, mention) in enumerate(records)]
    connection = duckdb.connect()
    for name, level in LEVELS.items():
        connection.create_function(f"{_column(name)}_level", level, ["VARCHAR", "VARCHAR"], "VARCHAR")
    frame = pd.DataFrame(rows).rename(columns=_column)
    shown = [name for name in LEVELS if frame[_column(name)].notna().any()]
    comparisons = [_comparison(name, table) for name in shown]
    settings = {"link_type": "dedupe_only", "unique_id_column_name": "id", "comparisons": comparisons}
    models: list[tuple[Seen, Seen]] = []
    for of in (frame.drop_duplicates("truth"), frame):
        linker = Linker(DuckDBAPI(connection).register(of), settings)
        if not models:
            linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS)
        else:
            linker.training.estimate_m_from_label_column("truth")
        models.append(_probabilities(linker.misc.save_model_to_json()))
    (u, _), (_, m) = models
    return {(name, level): (m.get((_column(name), level), 0.0), u.get((_column(name), level), 0.0))
            for name in shown for level in _levels(name, table)}  # fmt: skip


Seen = dict[tuple[str, str], float]


def _probabilities(model: dict[str, Any]) -> tuple[Seen, Seen]:
    """(column, level) -> u, and m, as a trained model has them; what was never seen is not there."""
    levels = [
        ((one["output_column_name"], level["label_for_charts"]), level)
        for one in model["comparisons"]
        for level in one["comparison_levels"]
    ]
    u, m = (
        {key: level[name] for key, level in levels if isinstance(level.get(name), float)}
        for name in ("u_probability", "m_probability")
    )
    return u, m


def _levels(name: str, table: dict[str, Any]) -> list[str]:
    return list(table["features"].get(name) or table["attributes"].get(name) or table["attributes"]["other"])


def _row(number: int, truth: int, mention: dict[str, Any]) -> dict[str, Any]:
    side: Candidate = of_mention(f"{number:08d}", features_of(Mention.model_validate(mention)))
    address = side.addresses[0] if side.addresses else None
    row: dict[str, Any] = {"id": number, "truth": truth, "name": " ".join(side.name_tokens[0]) if side.names else None}
    row |= {"birth-date": side.birth_date}
    for name, part in (("postcode", "postcode"), ("city", "city"), ("street", "text")):
        row[name] = getattr(address, part) or None if address else None
    given = dict(side.attributes)
    return row | {name: given.get(name) for name in ATTRIBUTES}


LEVELS = {
    "name": lambda one, other: agreement(tuple(one.split()), tuple(other.split()), "person").pattern,
    "birth-date": date_level,
    "postcode": postcode_level,
    "city": lambda one, other: city_agreement(one, other)[0],
    "street": lambda one, other: street_agreement(one, other)[0],
    **dict.fromkeys(ATTRIBUTES, attribute_level),
}
"""Feature -> its level, given both sides' values: the very functions that the stream uses."""


def _column(name: str) -> str:
    return name.replace("-", "_")


def _comparison(name: str, table: dict[str, Any]) -> dict[str, Any]:
    column = _column(name)
    left, right = f"{column}_l", f"{column}_r"
    levels: list[dict[str, Any]] = [
        {"sql_condition": f"{left} IS NULL OR {right} IS NULL", "label_for_charts": "null", "is_null_level": True}
    ]
    levels += [
        {"sql_condition": f"{column}_level({left}, {right}) = '{level}'", "label_for_charts": level}
        for level in _levels(name, table)
    ]
    levels.append({"sql_condition": "ELSE", "label_for_charts": "no level"})
    return {"output_column_name": column, "comparison_levels": levels}
