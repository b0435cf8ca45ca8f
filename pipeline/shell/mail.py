"""Alerts by mail: one digest a saved search, as often as the operator says, each alert decided anew before."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from datetime import datetime

import structlog

from pipeline.alert.delivery import check_mail, digest
from pipeline.errors import GabungError
from pipeline.search.alerts import decided
from pipeline.search.ask import Audit
from pipeline.search.saved import Saved
from pipeline.search.store import Store
from pipeline.shell.alerts import LiveAlerts
from pipeline.shell.threads import Threaded

MOST = 100
"""Alerts a mail names; the page has all."""
TIMEOUT_SECONDS = 20

log = structlog.get_logger()


class Mailer(Threaded):
    """Sends digests in a thread of its own, until `stop`. What could not be sent stays for the next time."""

    def __init__(self, live: LiveAlerts, store: Store, audit: Audit) -> None:
        super().__init__("mail")
        self.live, self.store, self.audit = live, store, audit

    def start(self) -> None:
        if self.live.settings.smtp:
            super().start()

    def work(self) -> None:
        while not self.ending.wait(self.live.settings.digest_minutes * 60):
            self.send()

    def send(self) -> None:
        """A mail for each saved search with alerts that were not mailed yet."""
        for saved in list(self.live.inbox.saved.values()):
            try:
                if saved.alerts and saved.delivery.email:
                    self._one(saved)
            except (GabungError, OSError, smtplib.SMTPException) as error:
                log.warning("no mail was sent; it is tried again", saved=saved.id, error=type(error).__name__)

    def _one(self, saved: Saved) -> None:
        to, now, settings = saved.delivery.email or "", self.live.clock(), self.live.settings
        check_mail(to, settings.domains)
        alerts = self.live.inbox.unmailed(saved)[:MOST]
        if not alerts:
            return
        told = decided(self.store, self.audit, saved.agency, alerts, "mail", now)
        if told:
            entries = [(alert.at, document) for alert, document in told]
            host, _, port = settings.smtp.rpartition(":")
            with smtplib.SMTP(host, int(port), timeout=TIMEOUT_SECONDS) as server:
                if settings.smtp_tls:
                    server.starttls()
                server.send_message(digest(saved.name, entries, to, settings.mail_from, settings.page, now))
        self.live.mark("mailed", saved.id, newest(alert.at for alert in alerts))


def newest(moments: Iterable[str]) -> datetime:
    return max(datetime.fromisoformat(one) for one in moments)
