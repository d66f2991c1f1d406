"""Private names of Faust, mode and aiokafka that streams/ uses or overrides: a new version must not pass in silence."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.producer.message_accumulator import BatchBuilder
from faust.transport.consumer import Consumer, ConsumerThread, ThreadDelegateConsumer
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types.tuples import ConsumerMessage
from mode import Service

from streams import transport
from streams.fetched import Record
from tests.offline_shell import FakeProgram, new_shell

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["faust-streaming", "aiokafka", "kafka-python"])
def test_what_we_reach_into_is_pinned_exactly_and_installed_so(name: str) -> None:
    pinned = re.search(rf'"{name}==([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    assert pinned is not None
    assert version(name) == pinned[1]


def names(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


SIGNATURES: list[tuple[Callable[..., Any], list[str], bool]] = [
    # what is overridden or called, its parameters, whether it is a coroutine
    (Consumer._drain_messages, ["self", "fetcher"], True),
    (Consumer.perform_seek, ["self"], True),
    (Consumer.ack, ["self", "message"], False),
    (Consumer._new_offset, ["self", "tp"], False),
    (Consumer.on_partitions_revoked, ["self", "revoked"], True),
    (Consumer.on_partitions_assigned, ["self", "assigned", "generation_id"], True),
    (Consumer.verify_all_partitions_active, ["self"], True),
    (Consumer._filter_tps_with_pending_acks, ["self", "topics"], False),
    (Consumer._should_commit, ["self", "tp", "offset"], False),
    (Consumer.commit, ["self", "topics", "start_new_transaction"], True),
    (Consumer.wait_empty, ["self"], True),
    (ThreadDelegateConsumer.seek_to_committed, ["self"], True),
    (ThreadDelegateConsumer.earliest_offsets, ["self", "partitions"], True),
    (ThreadDelegateConsumer._commit, ["self", "offsets"], True),
    (ThreadDelegateConsumer._seek, ["self", "partition", "offset"], True),
    (ConsumerThread.call_thread, ["self", "fun", "args", "kwargs"], True),
    (ThreadDelegateConsumer.highwater, ["self", "tp"], False),
    (ThreadDelegateConsumer.topic_partitions, ["self", "topic"], False),
    (driver.Consumer._to_message, ["self", "tp", "record"], False),
    (driver.Producer._settings_extra, ["self"], False),
    (DefaultSchedulingStrategy.map_from_records, ["records"], False),
    (Service._crash, ["self", "reason"], False),
    (AIOKafkaProducer.create_batch, ["self"], False),
    (AIOKafkaProducer.send_batch, ["self", "batch", "topic", "partition"], True),
    (BatchBuilder.append, ["self", "timestamp", "key", "value", "headers"], False),
    (BatchBuilder.record_count, ["self"], False),
    (PartitionRecords._consumer_record, ["self", "tp", "record"], False),
    (AIOKafkaConsumer.getmany, ["self", "partitions", "timeout_ms", "max_records"], True),
]


@pytest.mark.parametrize(("function", "parameters", "coroutine"), SIGNATURES, ids=lambda x: getattr(x, "__name__", ""))
def test_each_private_name_takes_what_we_give(
    function: Callable[..., Any], parameters: list[str], coroutine: bool
) -> None:
    plain = inspect.unwrap(function)

    assert names(plain) == parameters
    assert inspect.iscoroutinefunction(plain) is coroutine


def source(function: Callable[..., Any]) -> str:
    return inspect.getsource(inspect.unwrap(function))


def test_fetched_records_pass_our_scheduler_one_by_one() -> None:
    assert "self.scheduler.iterate(records)" in source(Consumer.getmany)
    assert "self.app.conf.ConsumerScheduler()" in source(Consumer.__init__)
    assert "map_from_records" in source(DefaultSchedulingStrategy.iterate)


def test_fetched_records_are_made_by_the_class_that_we_replace() -> None:
    assert "self._consumer_record(tp, record)" in source(PartitionRecords._unpack_records)
    assert "PartitionRecords(" in source(fetcher.Fetcher._proc_fetch_request)
    made = inspect.signature(fetcher.ConsumerRecord).parameters
    assert list(made)[: len(Record.__struct_fields__)] == list(Record.__struct_fields__)


def test_the_consumer_has_the_attributes_that_we_write() -> None:
    for name in (
        "_acked",
        "_committed_offset",
        "_unacked_messages",
        "_waiting_for_ack",
        "suspend_flow",
        "consumer_stopped_errors",
    ):
        assert name in inspect.get_annotations(Consumer)


def test_nothing_but_our_own_books_decides_what_is_committed() -> None:
    assert "self._new_offset(tp)" in source(Consumer._filter_committable_offsets)
    assert "self._filter_committable_offsets(tps)" in source(Consumer._commit_tps)
    assert "_new_offset" in vars(transport.Consumer)
    assert "for tp in self._acked" in source(Consumer._filter_tps_with_pending_acks)


def test_a_rebalance_suspends_the_flow_and_waits_for_unacknowledged_batches() -> None:
    assert "self.suspend_flow.set()" in source(Consumer.stop_flow)
    assert "self._unacked_messages" in source(Consumer.wait_empty)
    assert "_waiting_for_ack" in source(Consumer._wait_for_ack)


def test_the_generation_we_are_told_is_the_groups() -> None:
    told = source(driver.ConsumerRebalanceListener.on_partitions_assigned)

    assert "_coordinator.generation" in told
    assert "on_partitions_assigned(ensure_TPset(assigned), generation)" in told


def test_messages_compare_by_identity_and_can_be_referred_to_weakly() -> None:
    assert ConsumerMessage.__eq__ is object.__eq__
    assert ConsumerMessage.__hash__ is object.__hash__
    assert "__weakref__" in ConsumerMessage.__mro__[1].__slots__


def test_an_event_of_a_noack_stream_is_acknowledged_by_hand_only() -> None:
    assert "enable_acks=False" in source(faust.Stream.noack)


def test_the_apps_producer_is_idempotent_and_waits_for_all_replicas() -> None:
    async def build() -> AIOKafkaProducer:
        producer = new_shell(FakeProgram()).app.producer
        assert isinstance(producer, transport.Producer)
        return producer._new_producer()

    producer = asyncio.run(build())

    assert producer._txn_manager is not None
    assert producer._txn_manager.transactional_id is None
    assert producer._sender._acks == -1


def test_the_app_is_set_up_so_that_nothing_is_acknowledged_or_declared_behind_our_back() -> None:
    conf = new_shell(FakeProgram()).app.conf

    assert conf.stream_wait_empty is True
    assert conf.topic_allow_declare is False
    assert conf.topic_disable_leader is True
    assert conf.consumer_auto_offset_reset == "earliest"
    assert conf.processing_guarantee.value == "at_least_once"
    assert conf.table_standby_replicas == 1  # there is no table of Faust's
