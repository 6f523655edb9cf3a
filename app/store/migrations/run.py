"""Apply the migrations, and refuse a database that a newer release has migrated further."""

import sqlite3
from contextlib import closing
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


def refuse_newer(path: Path) -> None:
    """Raise StoreTooNew, with nothing written, when the database at path has a revision that is unknown here."""
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except sqlite3.OperationalError:  # no such table: a file that another process is just making
            return
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    unknown = {revision for (revision,) in rows} - known
    if unknown:
        raise StoreTooNew(
            f"{path} was written by a newer release: it has the schema {', '.join(sorted(unknown))}, and the newest "
            f"that this release knows is {max(known)}. Start that release again; the file was not changed."
        )
