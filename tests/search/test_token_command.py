"""`gabung token issue|list|revoke`, as whoever runs the machine types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.system import known_policy
from pipeline.cli.main import run
from pipeline.release.policy import Agency, Policies
from pipeline.search.tokens import PREFIX, Tokens
from tests.integration.running import write_policy


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GABUNG_HOME", str(tmp_path))
    monkeypatch.delenv("GABUNG_POLICY", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def policy(folder: Path, *agencies: str) -> Path:
    write_policy(folder, Policies({id_: Agency(id_, id_) for id_ in agencies}), {})
    return folder


def test_what_is_printed_is_the_token_alone_and_it_holds_until_it_is_revoked(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy(home / "policy", "bnn")
    assert run(["token", "issue", "bnn", "--user", "sri", "--role", "analyst", "--role", "operator"]) == 0
    told = capsys.readouterr()
    secret = told.out.strip()
    assert secret.startswith(PREFIX)
    assert secret not in told.err
    found = Tokens().find(secret)
    assert found is not None
    assert (found.agency, found.user, found.roles) == ("bnn", "sri", ("analyst", "operator"))

    assert run(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert found.id in listed
    assert secret not in listed
    assert found.hash not in listed

    assert run(["token", "revoke", found.id]) == 0
    assert Tokens().find(secret) is None
    assert run(["token", "revoke", found.id]) == 2
    assert "gabung token list" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["tni"], "names no agency tni; add it to agencies.yaml there, or use one of: bnn, polri"),
        (["BNN"], "use one of: bnn, polri"),
        (["bnn", "--role", "chief"], "no role is called chief; use analyst"),
        (["bnn", "--days", "0"], "--days"),
        (["bnn", "--user", "x" * 101], "user"),
    ],
)
def test_a_token_that_would_be_of_no_use_is_refused_with_what_to_do(
    home: Path, capsys: pytest.CaptureFixture[str], wrong: list[str], says: str
) -> None:
    policy(home / "policy", "bnn", "polri")
    assert run(["token", "issue", *wrong]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""
    assert Tokens().all() == ()


def test_the_policy_asked_is_the_one_in_force(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment's, else that of the last `gabung up`, else the home's; before all that an agency is believed."""
    assert known_policy(home) is None
    assert run(["token", "issue", "tni"]) == 0
    assert "no policy folder is known yet" in capsys.readouterr().err
    policy(home / "policy", "bnn")
    assert run(["token", "issue", "tni"]) == 2
    (home / "system.json").write_text(f'{{"policy": "{policy(tmp_path / "last", "tni")}"}}')
    assert run(["token", "issue", "tni"]) == 0
    monkeypatch.setenv("GABUNG_POLICY", str(policy(tmp_path / "mine", "kkp")))
    assert run(["token", "issue", "tni"]) == 2
    assert run(["token", "issue", "kkp"]) == 0
