"""Trainings, the model versions they made, and which version was activated when."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first three tables."""
    op.create_table(
        "trainings",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("submitted_at", sa.String(27), nullable=False),
        sa.Column("started_at", sa.String(27)),
        sa.Column("finished_at", sa.String(27)),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("records_digest", sa.String(71), nullable=False),
        sa.Column("problem", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_trainings"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name=op.f("ck_trainings_state")
        ),
    )
    op.create_table(
        "model_versions",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("training_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("digest", sa.String(71), nullable=False),
        sa.Column("card", sa.JSON, nullable=False),
        sa.Column("weights", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_model_versions"),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name="fk_model_versions_training_id"),
        sa.UniqueConstraint("training_id", name="uq_model_versions_training_id"),
    )
    op.create_table(
        "activations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("activated_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
        sa.ForeignKeyConstraint(["version"], ["model_versions.version"], name="fk_activations_version"),
        sqlite_autoincrement=True,
    )
