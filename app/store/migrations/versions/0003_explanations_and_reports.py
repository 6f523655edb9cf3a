"""What a version's scores are explained with, and what it reports of itself. Versions from before have neither."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    """Two columns that may be empty: nothing is written again."""
    op.add_column("model_versions", sa.Column("evidence", sa.LargeBinary))
    op.add_column("model_versions", sa.Column("report", sa.JSON))
