"""Whether everything answers, and how far behind it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from deploy.health import port_answers
from pipeline.addresses import addresses
from pipeline.errors import ServiceMissing
from pipeline.flow import PREFIX, REFUSED_TOPIC
from pipeline.shell.crowds import crowds
from pipeline.shell.lag import held, lags

SERVICES = ("kafka", "registry", "elasticsearch", "web")


def services_answer() -> dict[str, Any]:
    """Which services take a connection, and one word for all that the pipeline needs."""
    known = addresses()
    places: dict[str, str | None] = {name: getattr(known, name) for name in SERVICES}
    answers = {name: address is not None and port_answers(address) for name, address in places.items()}
    needed = [answers[name] for name in SERVICES if name != "web"]
    return {"status": "ok" if all(needed) else "down", "services": answers}


@dataclass
class Health:
    """services: name -> answers. lag: topic -> messages not dealt with. documents: index -> count. freshness: agency ->
    when it last reported something, RFC 3339. crowded: kind -> blocking keys under which some reader sees too many, so
    that they prove nothing to that reader."""

    services: dict[str, bool]
    lag: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    documents: dict[str, int] = field(default_factory=dict)
    freshness: dict[str, str] = field(default_factory=dict)
    crowded: dict[str, int] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        return all(self.services[name] for name in SERVICES if name != "web")


def health() -> Health:
    """What an operator of this machine may know: counts and times, nothing that a report says."""
    known = addresses()
    found = Health(services_answer()["services"])
    if found.services["kafka"]:
        kafka = known.need("kafka")
        found.lag = lags(kafka)
        found.refused = held(kafka, REFUSED_TOPIC)
        found.crowded = crowds(kafka)
    if found.services["elasticsearch"]:
        client = Elasticsearch(known.need("elasticsearch"), request_timeout=20)
        try:
            for row in client.cat.indices(index=f"{PREFIX}*", format="json", h="index,docs.count"):
                values: Any = row
                found.documents[values["index"]] = int(values["docs.count"] or 0)
            newest = {"newest": {"max": {"field": "reported_at", "format": "strict_date_time_no_millis"}}}
            for index in found.documents:
                agency = index.split(".")[2]
                if index == f"{PREFIX}live.{agency}.report":
                    own = {"size": 0, "query": {"term": {"agency": agency}}, "aggs": newest}
                    value = client.search(index=index, body=own)["aggregations"]["newest"].get("value_as_string")
                    if value:
                        found.freshness[agency] = value
        except (ApiError, TransportError) as error:
            raise ServiceMissing(f"Elasticsearch does not answer ({type(error).__name__}); look at its log") from error
    return found
