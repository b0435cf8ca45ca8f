"""What the case is told with; the words themselves stand in words.yaml."""

from __future__ import annotations

from typing import Any

from pipeline.shipped import shipped

_READ: dict[str, Any] = shipped("deploy.demo", "words")


def _listed(name: str) -> tuple[str, ...]:
    return tuple(_READ[name])


GIVEN, MIDDLE, FAMILY = _listed("given"), _listed("middle"), _listed("family")
ABROAD: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    country: (tuple(given), tuple(family)) for country, (given, family) in _READ["abroad"].items()
}
"""Country -> given names, family names."""
CITIES, STREETS, PORTS, SEAS = _listed("cities"), _listed("streets"), _listed("ports"), _listed("seas")
PLATES: dict[str, str] = _READ["plates"]
"""City -> the letters that plates there begin with."""
FIRM_FIRST, FIRM_SECOND, FIRM_THIRD = _listed("firm_first"), _listed("firm_second"), _listed("firm_third")
SITE_FIRST, SITE_SECOND = _listed("site_first"), _listed("site_second")
SHIPS, THINGS, GOODS, DRUGS = _listed("ships"), _listed("things"), _listed("goods"), _listed("drugs")
MALWARE, SECTORS, WEATHER = _listed("malware"), _listed("sectors"), _listed("weather")
HOURS = tuple(f"{hour:02}.{minute}" for hour in range(24) for minute in ("05", "20", "35", "50"))
