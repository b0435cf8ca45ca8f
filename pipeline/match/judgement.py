"""What a person has judged of two things: the same, or not the same. A judgement is a report like others, so it is
released, retracted and narrowed as they are, and counts only for who may see it and both things.

Whether the author's own agency sees both things is asked by `gabung judge`, and not here. It cannot be asked here
without telling: who else got a report is hidden from its readers, so a judgement that counted for a reader only while
its author sees the things would tell that reader who does, and when that ended; and one refused as it arrives would
depend on what had arrived before it. So a judgement weighs by what its reader can judge it by: the agency that stands
behind it, and its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.match.candidate import Candidate
    from pipeline.match.compare import Match


@dataclass(frozen=True)
class Judged:
    """a and b: ids of mentions, or of reports, a the smaller. report: the judgement's own id. The marking is the
    judgement's, since whoever is shown what it joined is told of it, and iep the handling of it. ends: when its
    readers stop seeing it."""

    a: str
    b: str
    same: bool
    report: str
    agency: str
    reason: str
    reported_at: str
    tlp: str
    caveats: tuple[str, ...] = ()
    expires_at: str | None = None
    ends: str | None = None
    iep: tuple[tuple[str, str], ...] = ()

    def order(self) -> tuple[str, str]:
        """The oldest first, so that the order of arrival does not matter."""
        return self.reported_at, self.report

    def match(self, visible: Mapping[str, Candidate]) -> Match:
        """The match that "same" makes."""
        from pipeline.match.compare import Match

        says = f"judged the same by {self.agency}: {self.reason}"
        return Match(
            self.a, visible[self.a].print, self.b, visible[self.b].print, 1.0, "judgement", says, report=self.report
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Judged:
        iep = tuple((name, said) for name, said in values.get("iep", ()))  # there since IEP is
        return cls(**{**values, "caveats": tuple(values["caveats"]), "iep": iep})
