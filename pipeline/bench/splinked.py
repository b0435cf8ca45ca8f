"""The same records through Splink, set up as its own FEBRL demonstrations set it up, without the social security
number. Its threshold is the best of those tried, which flatters it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.bench.people import Record

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)


def splinked(records: Sequence[Record]) -> list[Any]:
    """For each record the id of its cluster, at the best threshold."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, block_on

    from pipeline.bench.records import score

    frame = pd.DataFrame([_row(number, mention) for number, (_, mention) in enumerate(records)])
    rules = [
        block_on("given_name", "surname"), block_on("date_of_birth"), block_on("postcode", "street_number"),
        block_on("soundex_surname", "postcode"), block_on("suburb", "street_number"), block_on("surname", "postcode"),
    ]  # fmt: skip
    settings = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "blocking_rules_to_generate_predictions": rules,
        "comparisons": [
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("street_number", [1]),
            cl.JaroWinklerAtThresholds("street", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("suburb", [0.9]).configure(term_frequency_adjustments=True),
        ],
    }
    linker = Linker(DuckDBAPI().register(frame), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("given_name", "surname", "postcode")], recall=0.6)
    training.estimate_u_using_random_sampling(max_pairs=1_000_000)
    training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    truth = [one for one, _ in records]

    def at(threshold: float) -> list[Any]:
        joined = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold)
        table = joined.as_duckdbpyrelation().df()
        return list(table.sort_values("id")["cluster_id"])

    return max((at(threshold) for threshold in THRESHOLDS), key=lambda found: score(truth, found)["f1"])


def _row(number: int, mention: dict[str, Any]) -> dict[str, Any]:
    words = mention.get("names", [""])[0].split()
    address = mention.get("addresses", [{}])[0]
    street = address.get("text", "").split()
    numbered = street[:1] if street and street[0].isdigit() else []
    surname = words[-1] if words else None
    return {
        "id": number,
        "given_name": " ".join(words[:-1]) or None,
        "surname": surname,
        "soundex_surname": surname[:1] + surname[1:].translate(str.maketrans("", "", "aeiouyhw")) if surname else None,
        "date_of_birth": mention.get("birth_date"),
        "street_number": " ".join(numbered) or None,
        "street": " ".join(street[len(numbered) :]) or None,
        "suburb": address.get("city"),
        "postcode": address.get("postcode"),
    }
