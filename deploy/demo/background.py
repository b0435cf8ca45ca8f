"""Everyday reports: templates.yaml filled in with seeded values. Unrelated people, so that nothing here may be joined
but a ship that calls twice and a company that imports again."""

from __future__ import annotations

from typing import Any

from deploy.demo import words
from deploy.demo.desk import Desk, Entity, person, thing
from deploy.demo.values import Values
from pipeline.shipped import shipped

TEMPLATES: dict[str, list[dict[str, Any]]] = shipped("deploy.demo", "templates")
COUNTS = {
    # feed: everyday reports
    "polri": 130, "bnn": 85, "beacukai": 115, "tni": 85, "interpol": 55, "interpol-siber": 25, "bin": 60, "bssn": 60,
}  # fmt: skip
DAYS = 110
"""How far back the everyday reports reach."""
MOST_ALIKE = 0.5
"""Share of three-word shingles that two everyday reports of a feed may have in common; match joins from 0.6."""


def background(desk: Desk) -> None:
    """All everyday reports of all feeds, in the order of their numbers."""
    give = desk.values
    fleet = {ship: give.imo() for ship in words.SHIPS}
    importers = {give.company(): (give.npwp(), give.street(), give.pick(words.CITIES)) for _ in range(24)}
    for feed, count in COUNTS.items():
        templates = [one for one in TEMPLATES[feed] for _ in range(one["share"])]
        told: list[set[tuple[str, ...]]] = []
        for at in range(count):
            template = templates[give.number(0, len(templates) - 1)]
            days = round(DAYS - at * (DAYS - 1) / count + give.random.random(), 3)
            title, narrative, said = _sentences(give, template)
            while any(_alike(_shingles(text), other) for text in (title, f"{title} {narrative}") for other in told):
                title, narrative, said = _sentences(give, template)
            told += [_shingles(title), _shingles(f"{title} {narrative}")]  # a narrative may be taken out for some
            said["imo"], said["importer"] = fleet[said["ship"]], give.pick(tuple(importers))
            _report(desk, feed, template, days, title, narrative, said, importers)


def _shingles(text: str) -> set[tuple[str, ...]]:
    words_ = text.lower().split()
    return {tuple(words_[at : at + 3]) for at in range(len(words_) - 2)}


def _alike(one: set[tuple[str, ...]], other: set[tuple[str, ...]]) -> bool:
    return min(len(one), len(other)) >= 4 and len(one & other) > MOST_ALIKE * len(one | other)


def _sentences(give: Values, template: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Title, narrative, and what they name."""
    said = _said(give)
    if "{foreigner}" in "".join(template["titles"]) or "passenger" in template["about"]:
        said["foreigner"], said["nationality"] = give.foreigner()
    title = give.pick(tuple(template["titles"])).format(**said)
    told = [give.pick(tuple(template[part])).format(**said) for part in ("first", "then", "last")]
    return title[0].upper() + title[1:], " ".join(one[0].upper() + one[1:] for one in told), said


def _report(
    desk: Desk,
    feed: str,
    template: dict[str, Any],
    days: float,
    title: str,
    narrative: str,
    said: dict[str, str],
    importers: dict[str, tuple[str, str, str]],
) -> None:
    about = template["about"]
    where = said["sea"] if template["kind"] == "sea-patrol" else said["port"] if "ship" in about else said["city"]
    desk.write(
        feed,
        template["kind"],
        title,
        narrative,
        days,
        [one for word in about for one in _mentioned(feed, word, desk.values, said, importers)],
        tlp=template.get("tlp", "GREEN"),
        place={"name": where} if feed not in ("bin", "bssn", "interpol-siber") else None,
        language=template.get("language", "id"),
    )


def _said(give: Values) -> dict[str, str]:
    """What the templates' sentences name."""
    return {
        "city": give.pick(words.CITIES), "port": give.pick(words.PORTS), "port2": give.pick(words.PORTS),
        "sea": give.pick(words.SEAS), "street": give.street(), "street2": give.street(),
        "thing": give.pick(words.THINGS), "goods": give.pick(words.GOODS), "drug": give.pick(words.DRUGS),
        "ship": give.pick(words.SHIPS), "hour": give.pick(words.HOURS), "weather": give.pick(words.WEATHER),
        "weather_en": give.pick(("the rainy season", "the dry months", "a storm")), "witness": give.person(),
        "malware": give.pick(words.MALWARE), "sector": give.pick(words.SECTORS),
        "number": str(give.number(3, 98)), "number2": str(give.number(2, 29)), "amount": str(give.number(2, 480)),
    }  # fmt: skip


def _mentioned(
    feed: str, about: str, give: Values, said: dict[str, str], importers: dict[str, tuple[str, str, str]]
) -> list[Entity]:
    """The mentions of one word of `about`, under the refs and schemes that the feed's connector has."""
    bnn, rows = feed == "bnn", feed in ("polri", "bnn", "beacukai")
    born = give.birth_date()
    match about:
        case "suspect":
            ref = "tersangka" if bnn else "terlapor"
            return [person(ref, give.person(), birth_date=born, nationality="ID", nik=give.nik(born))]
        case "victim":
            return [person("korban", give.person(), "victim", birth_date=born, nik=give.nik(born))]
        case "informant":
            return [person("informan", give.person(), "informant")]
        case "passenger":
            name, nationality = said["foreigner"], said["nationality"]
            return [person("passenger", name, "passenger", birth_date=born, nationality=nationality,
                           passport_no=give.passport())]  # fmt: skip
        case "wanted":
            return [person("p1", said["foreigner"], "wanted", birth_date=born, nationality=said["nationality"],
                           passport=give.passport())]  # fmt: skip
        case "vehicle":
            plate = give.plate(said["city"])
            return [thing("kendaraan" if rows else "v1", "vehicle", **{"nopol" if bnn else "plate": plate})]
        case "phone":
            scheme = "no_hp" if bnn else "phone"
            return [thing("telepon" if rows else "t1", "phone", **{scheme: give.phone()})]
        case "account":
            return [thing("rekening" if rows else "r1", "account", **{"norek" if bnn else "rekening": give.account()})]
        case "company":
            return [thing("usaha", "organisation", names=[give.company()], npwp=give.npwp())]
        case "importer":
            name = said["importer"]
            npwp, street, city = importers[name]
            return [thing("importer", "organisation", role="importer", names=[name], npwp=npwp,
                          addresses=[{"text": street, "city": city, "country": "ID"}],
                          attributes={"declared-value": f"IDR {said['amount']}000000"})]  # fmt: skip
        case "container":
            return [thing("container", "document", role="container", container_number=give.container())]
        case "ship":
            scheme = "imo_number" if feed == "beacukai" else "imo"
            return [thing("vessel" if rows else "k1", "vessel", names=[said["ship"]], **{scheme: said["imo"]})]
        case "patrol":
            return [thing("k2", "vessel", role="patrol", names=[f"KRI Contoh {give.number(800, 899)}"])]
        case "substance":
            return [thing("zat", "substance", names=[said["drug"]], attributes={"weight": f"{said['number']} gram"})]
        case "address":
            address = {"text": said["street"], "city": said["city"], "country": "ID"}
            return [thing("alamat", "address", addresses=[address])]
        case "email":
            return [thing("e1", "email", email=f"warga{give.digits(6)}@suratwarga.example")]
        case "domain":
            said["domain"] = give.domain()
            return [thing("d1", "domain", domain=said["domain"])]
        case "ip":
            return [thing("i1", "ip", ip=give.ip())]
        case "url":
            return [thing("u1", "url", url=f"http://{said['domain']}/{give.digits(6)}/masuk.php")]
        case "hash":
            return [thing("h1", "hash", sha256=give.sha256())]
    raise ValueError(f"templates.yaml: nothing is known about {about}")
