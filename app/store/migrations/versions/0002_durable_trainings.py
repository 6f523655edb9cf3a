"""Trainings that survive their process: claims, records, progress, idempotency keys; from what a version took over."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_RUN_BY_A_DEAD_PROCESS = (
    "UPDATE trainings SET state = 'failed', finished_at = started_at, "
    """problem = '{"code": "training_failed", "detail": "The service was stopped while it trained."}' """
    "WHERE state IN ('queued', 'running')"
)
_PREVIOUS = (
    "UPDATE activations SET previous_version = (SELECT earlier.version FROM activations AS earlier "
    "WHERE earlier.id < activations.id ORDER BY earlier.id DESC LIMIT 1)"
)


def upgrade() -> None:
    """Before, a training lived and died with the request that asked for it."""
    op.execute(_RUN_BY_A_DEAD_PROCESS)
    with op.batch_alter_table("trainings") as trainings:
        trainings.add_column(sa.Column("attempt", sa.Integer, nullable=False, server_default=sa.text("0")))
        trainings.add_column(sa.Column("claims", sa.Integer, nullable=False, server_default=sa.text("0")))
        trainings.add_column(sa.Column("slot", sa.Integer))
        trainings.add_column(sa.Column("lease_until", sa.Double))
        trainings.create_check_constraint(
            op.f("ck_trainings_claim"),
            "(state = 'running') = (slot IS NOT NULL) AND (state = 'running') = (lease_until IS NOT NULL)",
        )
    op.execute("UPDATE trainings SET attempt = 1, claims = 1")
    op.create_index("uq_trainings_slot", "trainings", ["slot"], unique=True)
    op.create_index("ix_trainings_state", "trainings", ["state"])
    op.create_index("ix_trainings_submitted_at", "trainings", ["submitted_at", "id"])
    op.create_table(
        "training_records",
        sa.Column("training_id", sa.String(32), nullable=False),
        sa.Column("records", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("training_id", name="pk_training_records"),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name="fk_training_records_training_id"),
    )
    op.create_table(
        "training_progress",
        sa.Column("training_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("claim", sa.Integer, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("training_id", "number", name="pk_training_progress"),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name="fk_training_progress_training_id"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(71), nullable=False),
        sa.Column("training_id", sa.String(32), nullable=False),
        sa.Column("used_at", sa.Double, nullable=False),
        sa.Column("accepted", sa.JSON),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(["training_id"], ["trainings.id"], name="fk_idempotency_keys_training_id"),
    )
    with op.batch_alter_table("activations", table_kwargs={"sqlite_autoincrement": True}) as activations:
        activations.add_column(sa.Column("previous_version", sa.Integer))
        activations.create_foreign_key(
            "fk_activations_previous_version", "model_versions", ["previous_version"], ["version"]
        )
    op.execute(_PREVIOUS)
