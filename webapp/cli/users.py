"""`flask users`: create and list accounts, and give them roles."""

import click

from webapp.cli.group import DatabaseGroup
from webapp.models.user import Role
from webapp.policies import System
from webapp.queries import accounts as queries
from webapp.services.accounts import create_account, grant_role
from webapp.services.errors import ServiceError
from webapp.transactions import unit_of_work

users = DatabaseGroup("users", help="Accounts: make, give a role, list.")
ROLES = click.Choice([role.value for role in Role])


@users.command("create")
@click.argument("email")
@click.option("--name", required=True, help="As it stands on pages.")
@click.option("--role", type=ROLES, default=Role.LEARNER.value, show_default=True)
@click.option(
    "--password",
    envvar="WAYMARK_USER_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Better typed when asked or given in WAYMARK_USER_PASSWORD: command lines are kept in histories.",
)
def create(email: str, name: str, role: str, password: str) -> None:
    """Make an account that can sign in at once."""
    try:
        with unit_of_work():
            user = create_account(System(), email, name, password, Role(role))
    except ServiceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Made {user.role.value} {user.email}.")


@users.command("grant")
@click.argument("email")
@click.argument("role", type=ROLES)
def grant(email: str, role: str) -> None:
    """Give an account a role."""
    try:
        with unit_of_work():
            user = grant_role(System(), email, Role(role))
    except ServiceError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{user.email} is {user.role.value} now.")


@users.command("list")
@click.option("--role", type=ROLES, help="Only these.")
@click.option("--search", default="", help="Part of a name or address.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1_000_000))
def list_users(role: str | None, search: str, limit: int) -> None:
    """Accounts that can sign in, newest first."""
    with unit_of_work(writes=False):
        for user in queries.accounts(Role(role) if role else None, search, limit):
            state = "  suspended" if not user.active else "" if user.confirmed_at else "  address not confirmed"
            click.echo(f"{user.role.value:8} {user.email:40} {user.name}  since {user.created_at:%Y-%m-%d}{state}")
