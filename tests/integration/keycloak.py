"""A real Keycloak with a realm of its own, started by a test on loopback and ended by it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy import java
from deploy.fetch import KEYCLOAK, fetched
from deploy.health import url_answers
from deploy.ports import LOOPBACK, free_port
from deploy.progress import silent
from pipeline.addresses import cache

REALM, CLIENT, SECRET, PASSWORD = "gabung", "gabung", "rahasia-klien-uji", "kata-sandi-uji"
ADMIN = "pengelola"
USERS: dict[str, tuple[list[str], list[str]]] = {
    # name: (agencies, roles in the realm), all fictional
    "sri": (["bnn"], ["analyst"]),
    "agus": (["polri"], ["analyst", "release-officer"]),
    "wayan": (["lembaga-lain"], ["analyst"]),
    "dewi": (["bnn", "polri"], ["analyst"]),
    "budi": ([], ["analyst"]),
    "chief": (["bnn"], ["chief"]),
    "tono": (["bnn"], ["analyst", "release-officer"]),
}


@dataclass(frozen=True)
class Keycloak:
    """One with the realm that `realm` describes."""

    issuer: str

    def administer(self, method: str, path: str, json: Any = None) -> Any:
        """Ask its administration of the realm, as its first administrator."""
        base = self.issuer.partition("/realms/")[0]
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": PASSWORD}
        token = httpx.post(f"{base}/realms/master/protocol/openid-connect/token", data=form, timeout=60).json()
        headers = {"authorization": f"Bearer {token['access_token']}"}
        answer = httpx.request(method, f"{base}/admin/realms/{REALM}{path}", json=json, headers=headers, timeout=60)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def settings(self) -> dict[str, str]:
        """What the web service is told of it."""
        return {
            "GABUNG_OIDC_ISSUER": self.issuer, "GABUNG_OIDC_CLIENT_ID": CLIENT, "GABUNG_OIDC_CLIENT_SECRET": SECRET,
            "GABUNG_OIDC_USER_CLAIM": "preferred_username",
        }  # fmt: skip


def realm() -> dict[str, Any]:
    """A realm with a client, and an attribute `agency` that only administrators may change."""
    mapper = {"protocol": "openid-connect"}
    told = {"id.token.claim": "true", "multivalued": "true", "jsonType.label": "String"}
    profile = {
        "attributes": [{"name": name, "permissions": {"view": ["admin", "user"], "edit": ["admin"]}} for name in ("username", "email", "firstName", "lastName")],
        "unmanagedAttributePolicy": "ADMIN_EDIT",
    }  # fmt: skip
    return {
        "realm": REALM,
        "enabled": True,
        "sslRequired": "none",
        "roles": {"realm": [{"name": name} for name in ("analyst", "release-officer", "chief")]},
        "clients": [
            {
                "clientId": CLIENT, "enabled": True, "publicClient": False, "secret": SECRET,
                "standardFlowEnabled": True, "directAccessGrantsEnabled": False,
                "redirectUris": [f"http://{LOOPBACK}:*"],
                "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+"},
                "protocolMappers": [
                    mapper | {"name": "agency", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": told | {"claim.name": "agency", "user.attribute": "agency"}},
                    mapper | {"name": "roles", "protocolMapper": "oidc-usermodel-realm-role-mapper", "config": told | {"claim.name": "roles"}},
                ],
            }
        ],
        "users": [
            {
                "username": name, "enabled": True, "email": f"{name}@uji.example", "emailVerified": True,
                "firstName": name, "lastName": "Rekaan", "attributes": {"agency": agencies}, "realmRoles": roles,
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            }
            for name, (agencies, roles) in USERS.items()
        ],
        "components": {
            "org.keycloak.userprofile.UserProfileProvider": [
                {"providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [json.dumps(profile)]}}
            ]
        },
    }  # fmt: skip


@contextmanager
def running(folder: Path, patience_s: float = 480.0) -> Iterator[Keycloak]:
    """Keycloak from a copy in this folder, since it writes beside its programs. Raises ServiceMissing."""
    found = java.choose("keycloak", java.found_here())
    (programs,) = (fetched(cache(), silent, KEYCLOAK) / "keycloak").glob("keycloak-*")
    home, port = folder / "keycloak", free_port()
    shutil.copytree(programs, home)
    (home / "data" / "import").mkdir(parents=True)
    (home / "data" / "import" / "realm.json").write_text(json.dumps(realm()), encoding="utf-8")
    argv = [str(home / "bin" / "kc.sh"), "start-dev", "--http-host", LOOPBACK, "--http-port", str(port), "--http-management-port", str(free_port()), "--import-realm"]  # fmt: skip
    environment = os.environ | {
        "JAVA_HOME": str(found.home),
        "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
        "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
        "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
        # Its threads die without the first on Java 24; it lives too briefly for more than the first compiler.
        "JAVA_OPTS_APPEND": "--add-opens=java.base/java.lang=ALL-UNNAMED -XX:TieredStopAtLevel=1",
    }
    log = folder / "keycloak.log"
    with log.open("wb") as output:
        started = subprocess.Popen(argv, env=environment, stdout=output, stderr=output, start_new_session=True)
    keycloak = Keycloak(f"http://{LOOPBACK}:{port}/realms/{REALM}")
    try:
        until = time.monotonic() + patience_s
        while not url_answers(f"{keycloak.issuer}/.well-known/openid-configuration"):
            end = log.read_text(errors="replace")[-3000:]
            assert started.poll() is None, f"Keycloak ended: {end}"
            assert time.monotonic() < until, f"Keycloak does not answer: {end}"
            time.sleep(0.2)
        yield keycloak
    finally:
        _end(started)
        shutil.rmtree(home)


def _end(started: subprocess.Popen[bytes]) -> None:
    """It and the Java that its script began: both are of the session that we made."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, number)
        except ProcessLookupError:
            break
        try:
            started.wait(20)
        except subprocess.TimeoutExpired:
            continue
    started.wait(5)
