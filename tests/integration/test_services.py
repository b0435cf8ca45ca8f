"""The three real services: they start, do their work, and stop."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from elasticsearch import Elasticsearch

from deploy import kafka, process
from deploy.services import start_services
from deploy.status import status
from pipeline.addresses import Addresses, addresses


def test_their_addresses_are_the_ones_in_force(services: Addresses) -> None:
    assert addresses() == services


def test_starting_them_again_changes_nothing(services: Addresses) -> None:
    home = Path(os.environ["GABUNG_HOME"])
    before = process.remembered(home)
    assert start_services(home) == services
    assert process.remembered(home) == before


def test_each_is_up_and_all_fit_into_two_gibibytes(services: Addresses) -> None:
    rows = status(Path(os.environ["GABUNG_HOME"]))
    assert {row.service: row.state for row in rows} == dict.fromkeys(("elasticsearch", "kafka", "registry"), "up")
    if all(row.source == "here" for row in rows):
        assert sum(row.memory_mib or 0 for row in rows) < 2048


def test_what_is_produced_is_consumed_up_to_the_largest_message(services: Addresses) -> None:
    topic = f"test.{uuid.uuid4()}"
    admin = AdminClient({"bootstrap.servers": services.need("kafka")})
    admin.create_topics([NewTopic(topic, num_partitions=2)])[topic].result(30)
    largest = b"x" * (kafka.LARGEST_MESSAGE - 1024)
    producer = Producer(
        {
            "bootstrap.servers": services.need("kafka"),
            "enable.idempotence": True,
            "acks": "all",
            "message.max.bytes": kafka.LARGEST_MESSAGE,
        }
    )
    for value in (b"small", largest):
        producer.produce(topic, value, key=b"one")
    assert producer.flush(30) == 0
    consumer = Consumer(
        {
            "bootstrap.servers": services.need("kafka"),
            "group.id": topic,
            "auto.offset.reset": "earliest",
            "fetch.message.max.bytes": kafka.LARGEST_MESSAGE,
        }
    )
    consumer.subscribe([topic])
    messages = [message.value() for message in consumer.consume(2, timeout=30)]
    consumer.close()
    admin.delete_topics([topic])[topic].result(30)
    assert messages == [b"small", largest]


def test_a_topic_that_nobody_made_is_not_made_by_asking_for_it(services: Addresses) -> None:
    topic = f"test.{uuid.uuid4()}"
    producer = Producer({"bootstrap.servers": services.need("kafka"), "allow.auto.create.topics": True})
    for _ in range(2):
        assert producer.list_topics(topic, timeout=10).topics[topic].error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART


@pytest.mark.parametrize("version", ["v7", "v8"])
def test_a_schema_is_registered_and_read_back(services: Addresses, version: str) -> None:
    client = SchemaRegistryClient({"url": f"{services.need('registry')}/apis/ccompat/{version}"})
    subject = f"test.{uuid.uuid4()}-value"
    text = '{"type":"record","name":"Sample","fields":[{"name":"id","type":"string"}]}'
    number = client.register_schema(subject, Schema(text, "AVRO"))
    assert client.get_latest_version(subject).schema_id == number
    client.set_compatibility(subject_name=subject, level="FULL")
    incompatible = '{"type":"record","name":"Sample","fields":[{"name":"id","type":"int"}]}'
    assert not client.test_compatibility(subject, Schema(incompatible, "AVRO"))
    client.delete_subject(subject)


def test_a_document_is_indexed_and_found(services: Addresses) -> None:
    index = f"test-{uuid.uuid4()}"
    with Elasticsearch(services.need("elasticsearch")) as client:
        client.indices.create(index=index, settings={"number_of_replicas": 0})
        document = {"name": "Kapal Contoh"}
        client.index(index=index, id="1", document=document, version=3, version_type="external", refresh=True)
        found = client.search(index=index, query={"match": {"name": "contoh"}})
        client.indices.delete(index=index)
    assert [hit["_source"] for hit in found["hits"]["hits"]] == [document]
