"""Schemas by their id, from the schema registry."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from pipeline.addresses import REGISTRY_API
from pipeline.errors import Retry


def schema_reader(registry: str) -> Callable[[int], str | None]:
    """A function from schema id to schema text; None for an id that the registry does not know.

    It raises Retry where the registry does not answer. A schema never changes under its id, so each is asked once;
    unknown ids are asked again each time, since they may be registered later.
    """
    client = SchemaRegistryClient({"url": registry + REGISTRY_API})
    known: dict[int, str] = {}

    def schema_of(schema_id: int) -> str | None:
        if schema_id not in known:
            try:
                text = client.get_schema(schema_id).schema_str
            except SchemaRegistryError as error:
                if error.http_status_code == 404:
                    return None
                raise Retry(f"the schema registry answers {error.http_status_code}") from error
            except httpx2.HTTPError as error:
                raise Retry(f"the schema registry does not answer ({type(error).__name__})") from error
            known[schema_id] = str(text)
        return known[schema_id]

    return schema_of
