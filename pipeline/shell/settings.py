"""What a worker must know, from the environment and from what `gabung up` remembers."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.addresses import addresses, home
from pipeline.search.export import MOST


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


class ExportSettings(BaseSettings):
    """How much leaves in one file, as `GABUNG_<FIELD>`. export_documents: the most; it goes out page by page, and
    nothing of it is kept in memory."""

    model_config = SettingsConfigDict(env_prefix="GABUNG_")

    export_documents: int = Field(default=MOST, ge=1)


class AlertSettings(BaseSettings):
    """What the web service must know of alerts, each as `GABUNG_<FIELD>`.

    webhook_hosts: `host` or `host:port`, with commas between; webhooks go to no other. smtp: `host:port` of the server
    that mail is given to, empty for none; smtp_tls: whether it must speak STARTTLS. mail_domains: where mail may go,
    with commas between. digest_minutes: from one mail of a saved search to its next. page: the address that mail names.
    """

    model_config = SettingsConfigDict(env_prefix="GABUNG_")

    webhook_hosts: str = ""
    smtp: str = ""
    smtp_tls: bool = False
    mail_from: str = "gabung@localhost"
    mail_domains: str = ""
    digest_minutes: float = 60.0
    page: str = Field(default_factory=lambda: addresses().web or "")

    @property
    def webhooks(self) -> list[str]:
        return [one.strip() for one in self.webhook_hosts.split(",") if one.strip()]

    @property
    def domains(self) -> list[str]:
        return [one.strip() for one in self.mail_domains.split(",") if one.strip()]
