"""A case in a few words, sealed beside it for the worklist."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gist_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("gist_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("gist_on")
        batch_op.drop_column("gist_sealed")
