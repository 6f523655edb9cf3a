"""The tables. Migrations build them; a test holds the two equal.

trainings ──< training_records     what a training is made on, until it ends
    │    └──< training_progress    what it told of itself on the way
    │    └──< idempotency_keys     the requests that may be repeated without a second training
    └───────< model_versions ──< activations
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
        "ix": "ix_%(table_name)s_%(column_0_name)s",
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
    sa.Column("attempt", sa.Integer, nullable=False, server_default=sa.text("0")),
    # How often it was claimed: an attempt that was handed back is claimed again.
    sa.Column("claims", sa.Integer, nullable=False, server_default=sa.text("0")),
    # Of a running training: its place among those that run at once, and until when its newest claim holds, in seconds
    # of the database's own clock.
    sa.Column("slot", sa.Integer),
    sa.Column("lease_until", sa.Double),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"),
    sa.CheckConstraint(
        "(state = 'running') = (slot IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)",
        name="claim",
    ),
)
# Two trainings never run in one slot, whoever claims them.
sa.Index("uq_trainings_slot", trainings.c.slot, unique=True)
sa.Index("ix_trainings_state", trainings.c.state)
sa.Index("ix_trainings_submitted_at", trainings.c.submitted_at, trainings.c.id)

training_records = sa.Table(
    "training_records",
    metadata,
    sa.Column("training_id", sa.String(32), sa.ForeignKey("trainings.id"), primary_key=True),
    sa.Column("records", sa.LargeBinary, nullable=False),
)

training_progress = sa.Table(
    "training_progress",
    metadata,
    sa.Column("training_id", sa.String(32), sa.ForeignKey("trainings.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("claim", sa.Integer, nullable=False),
    sa.Column("progress", sa.JSON, nullable=False),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("fingerprint", sa.String(71), nullable=False),
    sa.Column("training_id", sa.String(32), sa.ForeignKey("trainings.id"), nullable=False),
    sa.Column("used_at", sa.Double, nullable=False),
    # The training as it was answered with 202; null while the caller waits for its end.
    sa.Column("accepted", sa.JSON(none_as_null=True)),
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
    # What its scores are explained with, and what it reports of itself: null in versions older than these, and the
    # report where it was not wanted.
    sa.Column("evidence", sa.LargeBinary),
    sa.Column("report", sa.JSON(none_as_null=True)),
)

activations = sa.Table(
    "activations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, sa.ForeignKey("model_versions.version"), nullable=False),
    sa.Column("activated_at", sa.String(27), nullable=False),
    # What was in service before; null for the first.
    sa.Column("previous_version", sa.Integer, sa.ForeignKey("model_versions.version")),
    sqlite_autoincrement=True,
)
