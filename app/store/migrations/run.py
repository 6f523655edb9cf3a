"""Apply the migrations, and refuse a database that a newer release has migrated further.

Alembic is imported only when there is something to migrate: that takes a tenth of a second, more than the rest of a
start, and a database is migrated once a release.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import sqlalchemy as sa

from app.errors import StoreTooNew

_HERE = Path(__file__).parent
REVISIONS = sorted(file.name.partition("_")[0] for file in (_HERE / "versions").glob("[0-9]*.py"))
"""Those of this release, from the first to the newest; a file is named after its revision."""


def is_current(database: str, revisions: Collection[str]) -> bool:
    """Whether a database with these revisions, none when it is new, has nothing to migrate. Raises StoreTooNew."""
    unknown = set(revisions) - set(REVISIONS)
    if unknown:
        raise StoreTooNew(
            f"{database} was written by a newer release: it has the schema {', '.join(sorted(unknown))}, and the "
            f"newest that this release knows is {REVISIONS[-1]}. Start that release again; nothing was changed."
        )
    return set(revisions) == {REVISIONS[-1]}


def upgrade(connection: sa.Connection, database: str) -> None:
    """Bring the database to this release's schema inside the caller's transaction: all of it or nothing. Nothing is to
    be done when another process was faster. Raises StoreTooNew.
    """
    revisions: Sequence[str] = []
    if sa.inspect(connection).has_table("alembic_version"):
        revisions = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if is_current(database, revisions):
        return
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
