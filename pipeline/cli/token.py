"""`gabung token issue|list|revoke`: tokens of a one-machine installation, by whoever runs the machine."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.system import known_policy
from pipeline.addresses import home
from pipeline.errors import WrongUse
from pipeline.release.load import load_policy
from pipeline.report.model import rfc3339
from pipeline.search.roles import ROLES, Role
from pipeline.search.tokens import DEFAULT_ROLES, Tokens

token = typer.Typer(no_args_is_help=True)


@token.command()
def issue(
    agency: Annotated[str, typer.Argument(help="The agency that it speaks for.")],
    user: Annotated[str | None, typer.Option(help="Who it is for, as the audit shall name them.")] = None,
    role: Annotated[list[str] | None, typer.Option(help=f"One or more of {', '.join(ROLES)}.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it holds; else until it is revoked.")] = None,
) -> None:
    """Issue a token. It is printed this once; only its hash is kept."""
    roles: list[Role] = [known for known in ROLES if known in (role or DEFAULT_ROLES)]
    if unknown := sorted(set(role or ()) - set(ROLES)):
        raise WrongUse(f"no role is called {unknown[0]}; use {', '.join(ROLES)}")
    _is_known(agency)
    made, secret = Tokens().issue(agency, user, roles, days)
    typer.echo(f"token {made.id} of {made.agency} for {made.user}: {', '.join(made.roles)}", err=True)
    typer.echo(secret)


def _is_known(agency: str) -> None:
    """A token of an agency that the policy does not name would read nothing. Raises WrongUse."""
    folder = known_policy(home())
    if folder is None:
        typer.echo("no policy folder is known yet: whether this agency is in it shows at `gabung up`", err=True)
        return
    agencies = load_policy(folder)[0].agencies
    if agency not in agencies:
        known = ", ".join(sorted(agencies)) or "none"
        raise WrongUse(f"{folder} names no agency {agency}; add it to agencies.yaml there, or use one of: {known}")


@token.command(name="list")
def list_() -> None:
    """List all tokens, without what they are typed in as."""
    table = Table("id", "agency", "user", "roles", "issued", "until")
    for one in Tokens().all():
        until = rfc3339(one.expires) if one.expires else "revoked"
        table.add_row(one.id, one.agency, one.user, ", ".join(one.roles), rfc3339(one.created)[:19], until)
    Console().print(table)


@token.command()
def revoke(id_: Annotated[str, typer.Argument(metavar="ID", help="As `gabung token list` shows it.")]) -> None:
    """Make a token void from this moment on, and with it the sessions that it opened."""
    if Tokens().revoke(id_) is None:
        raise WrongUse(f"no token has the id {id_}; see `gabung token list`")
    typer.echo(f"revoked {id_}")
