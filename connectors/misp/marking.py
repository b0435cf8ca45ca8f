"""Who may see a MISP event and its parts: distribution, sharing groups and tags, as a marking.

The originator's meaning is never widened: what nobody here can interpret is released to nobody.
"""

from __future__ import annotations

import re
from typing import Any

from connectors import iep
from connectors.config import Config
from connectors.misp.tables import CLASSIFICATIONS, DISTRIBUTIONS, INHERIT, NO_WORDS, OPEN_CLUSTERS, SHARING_GROUP
from pipeline.errors import Refused
from pipeline.report.model import TLP_ORDER

Values = dict[str, Any]
TLP_TAG = re.compile(r"tlp[^a-z0-9]+(.*)", re.IGNORECASE)
"""`tlp:red`, and what some write instead: TLP-RED, tlp="red", TLP RED."""
MARKS = (*NO_WORDS, *CLASSIFICATIONS, *iep.NAMESPACES)


def marking_of(event: Values, config: Config) -> Values:
    """The event's own marking. Raises Refused for a TLP that nobody knows."""
    tlps = _tlps(event)
    unknown = next((word for word in tlps if word not in TLP_ORDER), None)
    if unknown is not None:
        raise Refused("connector", f"the tag {f'tlp:{unknown[:40].lower()}'!r} is a marking that nobody here knows; "
                                   "use TLP 2.0")  # fmt: skip
    marking: Values = {"tlp": max(tlps, key=_strictness) if tlps else config.marking.get("tlp", "AMBER")}
    to = [] if _classified(event) else release_to(event, config)
    if to is not None:
        marking["release_to"] = to
    policy, asked, _ = iep.from_tags(_iep_tags(event))
    caveats = {tag.upper()[:1000] for tag in tags(event) if tag.lower().startswith("pap:")}
    caveats |= {*asked, *_classified(event)}
    if caveats:
        marking["caveats"] = sorted(caveats)
    if policy is not None:
        marking["iep"] = policy
    return marking


def narrower(one: Values, event: Values, tlp: str, config: Config) -> list[list[str]]:
    """To whom this part of an event at `tlp` goes where that is not simply wherever the event goes."""
    found: list[list[str]] = []
    policy = set(_iep_tags(one)) - set(_iep_tags(event))  # a part has no IEP of its own here
    if policy or _classified(one) or any(_strictness(word) > _strictness(tlp) for word in _tlps(one)):
        found.append([])  # a mark of one part alone names nobody, so it stays with the originator
    if _said_nothing(one) or _level(one) == INHERIT:
        return found
    if _level(one) == _level(event) and _level(one) != SHARING_GROUP:
        return found
    to = release_to(one, config)
    return found if to is None else [*found, to]


def release_to(one: Values, config: Config) -> list[str] | None:
    """To whom an event, object or attribute goes by its distribution; None leaves it to the policy."""
    level = _level(one)
    if level == SHARING_GROUP:
        # Never by its local number: that may have been another group's before.
        group = one.get("SharingGroup") if isinstance(one.get("SharingGroup"), dict) else {}
        names = [str(name) for name in ((group or {}).get("uuid"), (group or {}).get("name")) if name]
        return next((list(config.sharing_groups[name]) for name in names if name in config.sharing_groups), [])
    if _said_nothing(one):  # as in some feeds: the connector file's marking decides, else nobody
        said: list[str] = config.marking.get("release_to") or []
        return said
    if level is None:
        return []
    to: Any = config.distribution.get(level, DISTRIBUTIONS.get(level, []))
    return to if to is None else list(to)


def tags(one: Values) -> list[str]:
    """The names of its tags."""
    return list(dict.fromkeys(name for tag in _tag_objects(one) if (name := str(tag.get("name") or "").strip())))


def open_tags(one: Values) -> list[str]:
    """Tags that say something of the thing and are no marking, without those that its owner keeps: local ones, ones
    that are not exported, and clusters of a galaxy that is not for all."""
    clusters = [cluster for galaxy in listed(one, "Galaxy") for cluster in listed(galaxy, "GalaxyCluster")]
    closed = {str(cluster.get("tag_name")) for cluster in clusters
              if str(cluster.get("distribution", 3)) not in OPEN_CLUSTERS}  # fmt: skip
    closed |= {str(tag.get("name") or "").strip() for tag in _tag_objects(one)
               if is_true(tag.get("local")) or tag.get("exportable") in (False, 0, "0")}  # fmt: skip
    marks = {tag for tag in tags(one) if TLP_TAG.match(tag) or tag.lower().startswith(MARKS)}
    return [tag for tag in tags(one) if tag not in closed | marks]


def listed(one: Values, name: str) -> list[Values]:
    """Its parts of a name: a list of them, or in some exports one alone."""
    found = one.get(name)
    found = [found] if isinstance(found, dict) else found
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def whole(value: Any) -> int | None:
    """A number, which MISP writes as text too."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_true(value: Any) -> bool:
    """MISP writes true, 1 and "1"."""
    return value is not None and str(value).strip().lower() in ("true", "1")


def _tag_objects(one: Values) -> list[Values]:
    """Also where they stand one level deeper, as in some exports."""
    deeper = [{**found, **each["Tag"]} for name in ("EventTag", "AttributeTag") for each in listed(one, name)
              if isinstance(each.get("Tag"), dict) for found in [{"local": each.get("local")}]]  # fmt: skip
    return [*listed(one, "Tag"), *deeper]


def _tlps(one: Values) -> list[str]:
    found = (TLP_TAG.fullmatch(tag) for tag in tags(one))
    words = [match[1].strip(' "').upper() for match in found if match]
    return ["CLEAR" if word == "WHITE" else word.removeprefix("EX:").strip() for word in words]


def _classified(one: Values) -> list[str]:
    """Tags that are markings which nobody here can read."""
    unread = iep.from_tags(_iep_tags(one))[2]
    return [tag[:1000] for tag in tags(one) if tag.lower().startswith(CLASSIFICATIONS) or tag in unread]


def _iep_tags(one: Values) -> list[str]:
    return [tag for tag in tags(one) if tag.lower().startswith(iep.NAMESPACES)]


def _strictness(tlp: str) -> int:
    """The higher, the narrower; what nobody knows is narrower than all."""
    word = str(tlp).upper().removeprefix("TLP:")
    word = "CLEAR" if word == "WHITE" else word
    return TLP_ORDER.index(word) if word in TLP_ORDER else len(TLP_ORDER)


def _said_nothing(one: Values) -> bool:
    return one.get("distribution") in (None, "")


def _level(one: Values) -> int | None:
    """The distribution level; None where it says nothing, or something that is no level."""
    return whole(one.get("distribution"))
