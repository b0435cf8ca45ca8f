"""The way of a report, told once. README's stage table, the Kafka topics and the chapters of tests/spec follow this.

    agency's connector
        │  Avro, topic gabung.report.<agency>
        ▼
    report ──► enrich ──► release ──► match ──► fuse ──► index ──► alert
                              └────────────────►┘          └─────► search
    (one step of the stream)  (views go to fuse too)    (one step)

Match and fuse come after release on purpose: whatever joins two records must itself be something that the
reader may see. Every stage is a pure function in its own folder (`state, input -> state, output`); the shell
wires them to Faust, Kafka and Elasticsearch, and `gabung fuse` runs the same functions in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "gabung."


@dataclass(frozen=True)
class Stage:
    """One stop on the way of a report.

    `takes`, `gives` and `keeps` are for people; `keyed_by` says which inputs must meet in one partition.
    """

    name: str
    takes: str
    gives: str
    keeps: str
    keyed_by: str

    @property
    def topic(self) -> str:
        """The topic that the stage reads, if it is one of STREAMED. `report` reads one for each agency: see
        `agency_topic`."""
        return PREFIX + self.name


REPORT = Stage(
    "report",
    takes="Avro bytes from an agency's topic",
    gives="a valid report, or a refusal; only the highest revision goes on, a redelivery stops here",
    keeps="last revision per report",
    keyed_by="report id",
)
ENRICH = Stage(
    "enrich",
    takes="report",
    gives="normalised identifiers, names, places with coordinates; each added value says where it came from",
    keeps="nothing (reference data is a parameter)",
    keyed_by="report id",
)
RELEASE = Stage(
    "release",
    takes="enriched report, policies, groups, time",
    gives="views: (set of readers, what they may see), with the rules that decided",
    keeps="last enriched report, and when its release changes next",
    keyed_by="report id",
)
MATCH = Stage(
    "match",
    takes="the mentions and texts of views, under each of their blocking keys",
    gives="matches between mentions and between reports, each with its reasons",
    keeps="who stands under each blocking key",
    keyed_by="blocking key",
)
FUSE = Stage(
    "fuse",
    takes="views and matches",
    gives="per reader: entities and report clusters; every value cites its reports",
    keeps="the graph of matches",
    keyed_by="scope and kind",
)
INDEX = Stage(
    "index",
    takes="per reader: entities and reports",
    gives="documents to write and to delete in that reader's own indexes",
    keeps="last documents",
    keyed_by="document id",
)
ALERT = Stage(
    "alert",
    takes="per reader: documents that the reader's index is given or loses; saved searches",
    gives="alerts raised and withdrawn: exactly the standing queries of that reader that the document matches",
    keeps="which standing queries each document matches",
    keyed_by="document id",
)
SEARCH = Stage(
    "search",
    takes="a reader's question",
    gives="hits, facets and highlights, only from that reader's own indexes",
    keeps="nothing",
    keyed_by="-",
)

FLOW = (REPORT, ENRICH, RELEASE, MATCH, FUSE, INDEX, ALERT, SEARCH)
STEPS = ((REPORT, ENRICH, RELEASE), (MATCH,), (FUSE,), (INDEX, ALERT))
"""What one agent of the stream runs: stages that go by the same key need not send each other anything."""
STREAMED = (ENRICH, MATCH, FUSE, INDEX)
"""The stages that read a topic of their own. On enrich's stand only reports whose publisher put them into another
partition than their id's; `report` reads the agencies' topics, `search` reads none."""

GROUP = "gabung"
"""The consumer group of all workers, and the name of the Faust app."""

AUDIT_TOPIC = PREFIX + "audit"
"""Who was released what and why, and who was shown what: chains of events, kept for ever. No reader is given it."""

REFUSED_TOPIC = PREFIX + "refused"
"""What could not be taken, kept whole with its stage and reason."""


SAVED_TOPIC = PREFIX + "saved"
"""Saved searches, and when each user last looked at alerts: the newest of each, for as long as it is there."""

ALERTS_TOPIC = PREFIX + "alerts"
"""The alerts that stand. What takes one away tells of nothing but its key. No reader is given this topic."""

CROWDED_TOPIC = PREFIX + "crowded"
"""Where too many stand under one blocking key, for the operator. No reader is given it."""


def agency_topic(agency: str) -> str:
    """Where an agency publishes. Only that agency may write there."""
    return f"{REPORT.topic}.{agency}"


def index_name(scope: str, reader: str, doc: str) -> str:
    """A reader's own index in Elasticsearch. Ids hold no dots, so no two names can meet.

    scope: `live` or `exercise-<name>`; doc: `report` or `entity`.
    """
    return f"{PREFIX}{scope}.{reader}.{doc}"
