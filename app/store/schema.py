"""The tables. Migrations build them; a test holds the two equal.

trainings ──< model_versions ──< activations
  a training succeeds with at most one version; the newest activation names the version in service
"""

import sqlalchemy as sa

# Names for every constraint, so that a later migration can drop one on every database.
metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

trainings = sa.Table(
    "trainings",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("state", sa.String(9), nullable=False),
    # Instants are ISO 8601 in UTC, as they are published: they sort as text and mean the same on every database.
    sa.Column("submitted_at", sa.String(27), nullable=False),
    sa.Column("started_at", sa.String(27)),
    sa.Column("finished_at", sa.String(27)),
    sa.Column("options", sa.JSON, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("records_digest", sa.String(71), nullable=False),
    sa.Column("problem", sa.JSON(none_as_null=True)),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
)

model_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("training_id", sa.String(32), sa.ForeignKey("trainings.id"), nullable=False, unique=True),
    sa.Column("created_at", sa.String(27), nullable=False),
    sa.Column("digest", sa.String(71), nullable=False),
    sa.Column("card", sa.JSON, nullable=False),
    sa.Column("weights", sa.LargeBinary, nullable=False),
)

activations = sa.Table(
    "activations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, sa.ForeignKey("model_versions.version"), nullable=False),
    sa.Column("activated_at", sa.String(27), nullable=False),
    sqlite_autoincrement=True,
)
