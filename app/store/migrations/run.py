"""Apply the migrations, and refuse a database that a newer release has migrated further."""

from collections.abc import Collection
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from app.errors import StoreTooNew


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(connection: sa.Connection) -> None:
    """Bring the database to this release's schema inside the caller's transaction: all of it or nothing."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def refuse_newer(database: str, revisions: Collection[str]) -> None:
    """Raise StoreTooNew when the database has a revision that is unknown here."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    unknown = set(revisions) - known
    if unknown:
        raise StoreTooNew(
            f"{database} was written by a newer release: it has the schema {', '.join(sorted(unknown))}, and the "
            f"newest that this release knows is {max(known)}. Start that release again; nothing was changed."
        )
