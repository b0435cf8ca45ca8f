"""OpenID Connect without a provider: which id tokens are believed, and whom their claims make of somebody."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from pipeline.errors import WrongUse
from pipeline.search.oidc import (
    LEEWAY_SECONDS,
    SIGN_IN,
    NotBelieved,
    OidcSettings,
    StartedSignIns,
    oidc_settings,
    verified,
    who_is,
)
from pipeline.search.roles import Who

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SETTINGS = OidcSettings("https://masuk.example/realms/satu", "gabung", "a secret of thirty-two characters")
KEY = RSAKey.generate_key(2048, {"kid": "a"})
KEYS: dict[str, Any] = {"keys": [KEY.as_dict(private=False)]}
CLAIMS: dict[str, Any] = {
    "iss": SETTINGS.issuer, "aud": "gabung", "sub": "7f3a", "nonce": "n", "agency": "bnn", "roles": ["analyst"],
    "iat": int(NOW.timestamp()), "exp": int((NOW + timedelta(minutes=5)).timestamp()),
}  # fmt: skip


def signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256", kid: str = "a") -> str:
    return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])


def believed(token: str, keys: Any = KEYS, at: datetime = NOW) -> dict[str, Any]:
    return verified(token, None, keys, SETTINGS, "n", at)


def test_what_the_provider_signed_for_this_sign_in_is_believed() -> None:
    assert believed(signed(CLAIMS)) == CLAIMS
    assert believed(signed(CLAIMS | {"aud": ["gabung"], "azp": "gabung"}))["sub"] == "7f3a"
    late = NOW + timedelta(minutes=5, seconds=LEEWAY_SECONDS - 1)
    assert believed(signed(CLAIMS), at=late)["sub"] == "7f3a", "clocks differ a little"


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("another issuer", {"iss": "https://masuk.example/realms/dua"}),
        ("for another client", {"aud": "lain"}),
        ("by our client, for another service", {"aud": "lain", "azp": "gabung"}),
        ("for us and another, made for that one", {"aud": ["gabung", "lain"], "azp": "lain"}),
        ("for several, and not said for whom it was made", {"aud": ["gabung", "lain"]}),
        ("of another sign-in", {"nonce": "m"}),
        ("expired", {"exp": int((NOW - timedelta(seconds=LEEWAY_SECONDS + 1)).timestamp())}),
        ("from the future", {"iat": int((NOW + timedelta(hours=1)).timestamp())}),
        ("not to be used yet", {"nbf": int((NOW + timedelta(hours=1)).timestamp())}),
        *((f"without {name}", {name: None}) for name in ("iss", "aud", "exp", "iat", "sub", "nonce")),
        ("an expiry that is no number", {"exp": "besok"}),
    ],
)
def test_a_claim_that_does_not_hold(what: str, changed: dict[str, Any]) -> None:
    claims = {name: value for name, value in (CLAIMS | changed).items() if value is not None}
    with pytest.raises(NotBelieved) as told:
        believed(signed(claims))
    assert str(told.value) == str(NotBelieved()), what


def test_a_signature_that_is_not_the_providers() -> None:
    good = signed(CLAIMS)
    head, body, signature = good.split(".")
    other = signed(CLAIMS | {"agency": "polri"}).split(".")[1]
    shared = OctKey.import_key(SETTINGS.client_secret)
    none = jwt.encode({"alg": "none"}, CLAIMS, OctKey.generate_key(256), algorithms=["none"])
    for token in (
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        signed(CLAIMS, RSAKey.generate_key(2048, {"kid": "a"})),
        signed(CLAIMS, ECKey.generate_key("P-256", {"kid": "a"}), "ES256"),
        signed(CLAIMS, kid="b"),
        signed(CLAIMS, shared, "HS256"),  # by our client's secret
        by_public_key(CLAIMS),
        none,
        "", "a.b.c", "é", good + "\n.",
    ):  # fmt: skip
        with pytest.raises(NotBelieved):
            believed(token)
    with pytest.raises(NotBelieved):
        believed(good, {"keys": []})
    with pytest.raises(NotBelieved):
        believed(good, {"keys": "none"})


def by_public_key(claims: dict[str, Any]) -> str:
    """An HS256 signature with the provider's public key as if it were a secret, which joserfc would not make."""
    head, body, _ = signed(claims, OctKey.generate_key(256), "HS256").split(".")
    made = hmac.new(KEY.as_pem(private=False), f"{head}.{body}".encode(), "sha256").digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


AGENCIES = {"bnn", "polri"}


@pytest.mark.parametrize(
    ("claims", "who"),
    [
        ({}, Who("bnn", "7f3a", frozenset({"analyst"}))),
        ({"agency": ["bnn"]}, Who("bnn", "7f3a", frozenset({"analyst"}))),
        ({"roles": "operator"}, Who("bnn", "7f3a", frozenset({"operator"}))),
        ({"roles": ["analyst", "offline_access", 7]}, Who("bnn", "7f3a", frozenset({"analyst"}))),
        ({"agency": "tni"}, None),  # no agency of the policy
        ({"agency": ["bnn", "polri"]}, None),
        ({"agency": []}, None),
        ({"agency": None}, None),
        ({"agency": {"bnn": True}}, None),
        ({"agency": "BNN"}, None),
        ({"agency": "*"}, None),
        ({"agency": ["bnn", "bnn"]}, None),
        ({"roles": []}, None),
        ({"roles": ["chief"]}, None),
        ({"roles": {"analyst": True}}, None),
        ({"roles": "analyst,administrator"}, None),
        ({"roles": None}, None),
        ({"sub": ""}, None),
        ({"sub": 7}, None),
        ({"sub": "x" * 101}, None),
    ],
)
def test_doubt_withholds(claims: dict[str, Any], who: Who | None) -> None:
    assert who_is(CLAIMS | claims, SETTINGS, AGENCIES) == who


def test_claims_may_be_nested() -> None:
    settings = OidcSettings(
        "https://masuk.example", "gabung", "s", "https://masuk.example/agency", "realm_access.roles"
    )
    claims = {"sub": "7f3a", "https://masuk.example/agency": "bnn", "realm_access": {"roles": ["analyst"]}}
    assert who_is(claims, settings, AGENCIES) == Who("bnn", "7f3a", frozenset({"analyst"}))
    assert who_is(claims | {"realm_access": ["analyst"]}, settings, AGENCIES) is None


class Clock:
    time = NOW

    def __call__(self) -> datetime:
        return self.time


def test_a_sign_in_is_finished_once_in_its_own_browser_with_its_own_state_and_in_time() -> None:
    clock = Clock()
    started = StartedSignIns(clock)
    cookie, one = started.begin()
    other, another = started.begin()
    assert len({cookie, one.state, one.nonce, one.verifier, other, another.state}) == 6
    for wrong in ((other, one.state), (cookie, another.state), (cookie, ""), ("", one.state), ("é", "é")):
        with pytest.raises(NotBelieved):
            started.finish(*wrong)
    assert started.finish(cookie, one.state) == one
    with pytest.raises(NotBelieved):
        started.finish(cookie, one.state)
    clock.time = NOW + SIGN_IN
    with pytest.raises(NotBelieved):
        started.finish(other, another.state)


def test_sign_ins_that_nobody_finishes_are_few_and_forgotten() -> None:
    clock = Clock()
    started = StartedSignIns(clock, most=3)
    begun = [started.begin() for _ in range(4)]
    assert len(started.started) == 3
    with pytest.raises(NotBelieved):
        started.finish(begun[0][0], begun[0][1].state)
    clock.time = NOW + SIGN_IN
    started.begin()
    assert len(started.started) == 1


FULL = {
    "GABUNG_OIDC_ISSUER": "https://masuk.example/realms/satu/",
    "GABUNG_OIDC_CLIENT_ID": "gabung",
    "GABUNG_OIDC_CLIENT_SECRET": "rahasia",
}


def test_settings_are_whole_or_refused_with_what_to_do() -> None:
    found = oidc_settings(FULL | {"GABUNG_OIDC_AGENCY_CLAIM": "lembaga"})
    assert found == OidcSettings("https://masuk.example/realms/satu", "gabung", "rahasia", "lembaga", "roles")
    assert "rahasia" not in repr(found)
    assert oidc_settings({"GABUNG_KAFKA": "x"}) is None
    for name in FULL:
        with pytest.raises(WrongUse, match=name):
            oidc_settings({key: value for key, value in FULL.items() if key != name})
    for issuer in ("http://masuk.example", "masuk.example", "file:///etc/passwd"):
        with pytest.raises(WrongUse, match="https"):
            oidc_settings(FULL | {"GABUNG_OIDC_ISSUER": issuer})
    assert oidc_settings(FULL | {"GABUNG_OIDC_ISSUER": "http://127.0.0.1:8080/realms/satu"})
