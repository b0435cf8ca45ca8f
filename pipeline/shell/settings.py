"""What a worker must know, from the environment and from what `gabung up` remembers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.addresses import addresses, home


class Settings(BaseSettings):
    """Each field can be given as `GABUNG_<FIELD>`; the addresses default to those in force (`pipeline.addresses`).

    policy: folder of policy files. data: where this worker keeps its tables; no two workers may share one.
    ready_file: written once the worker reads its partitions. metrics_port: Prometheus metrics on loopback, 0 for none.
    session_seconds: how long a worker may be silent before others take what it has; a short one takes a slow worker
    for a dead one.
    """

    model_config = SettingsConfigDict(env_prefix="GABUNG_")

    kafka: str = Field(default_factory=lambda: addresses().need("kafka"))
    registry: str = Field(default_factory=lambda: addresses().need("registry"))
    elasticsearch: str = Field(default_factory=lambda: addresses().need("elasticsearch"))
    policy: Path = Field(default_factory=lambda: home() / "policy")
    worker: str = "worker-1"
    data: Path = Field(default_factory=lambda values: home() / "tables" / str(values["worker"]))
    ready_file: str | None = None
    metrics_port: int = 0
    session_seconds: int = Field(default=30, ge=6)
