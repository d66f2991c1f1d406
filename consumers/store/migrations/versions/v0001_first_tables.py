"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTING = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    for table in (
        _account,
        _alert,
        _book_read,
        _delivery,
        _household_book,
        _log_position,
        _message,
        _outbox,
        _alert_version,
        _note,
        _session,
    ):
        table()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("invitation_hash", sa.Text(), nullable=True),
        sa.Column("invited_until", sa.BigInteger(), nullable=True),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("invitation_hash", name="uq_account_invitation_hash"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )


def _alert() -> None:
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=True),
        sa.Column("previous_township_code", sa.Text(), nullable=True),
        sa.Column("village_code", sa.Text(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alert"),
    )
    op.create_index("ix_alert_counts", "alert", ["township_code", "level", "status"])
    op.create_index("ix_alert_household_id", "alert", ["household_id"])
    op.create_index("ix_alert_in_state", "alert", ["status", "urgency", "raised_at", "alert_id"])
    op.create_index("ix_alert_of_township", "alert", ["township_code", "is_open", "urgency", "raised_at", "alert_id"])
    op.create_index(
        "ix_alert_of_township_in_state", "alert", ["township_code", "status", "urgency", "raised_at", "alert_id"]
    )
    op.create_index("ix_alert_open", "alert", ["is_open", "urgency", "raised_at", "alert_id"])


def _book_read() -> None:
    op.create_table(
        "book_read",
        sa.Column("number", _COUNTING, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_book_read"),
    )
    op.create_index("ix_book_read_by_account", "book_read", ["account_id", "at"])
    op.create_index("ix_book_read_of_household", "book_read", ["household_id", "at"])


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("alert_id", "version", "recipient", "channel", name="pk_delivery"),
    )
    op.create_index("ix_delivery_due", "delivery", ["state", "next_at"])


def _household_book() -> None:
    op.create_table(
        "household_book",
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("locked", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", name="pk_household_book"),
    )


def _log_position() -> None:
    op.create_table(
        "log_position",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_log_position"),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", _COUNTING, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("township_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("level_before", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint(
            "alert_id", "version", "township_code", "kind", name="uq_message_alert_id_version_township_code_kind"
        ),
    )
    op.create_index("ix_message_newest", "message", ["township_code", "id"])
    op.create_index("ix_message_unread", "message", ["township_code", "read_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", _COUNTING, autoincrement=True, nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_outbox"),
        sa.UniqueConstraint("action_id", name="uq_outbox_action_id"),
    )
    op.create_index("ix_outbox_of_household", "outbox", ["household_id", "number"])
    op.create_index("ix_outbox_unsent", "outbox", ["sent_at", "number"])


def _alert_version() -> None:
    op.create_table(
        "alert_version",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"], name="fk_alert_version_alert_id"),
        sa.PrimaryKeyConstraint("alert_id", "version", name="pk_alert_version"),
    )


def _note() -> None:
    op.create_table(
        "note",
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_note_account_id"),
        sa.PrimaryKeyConstraint("action_id", name="pk_note"),
    )
    op.create_index("ix_note_alert_id", "note", ["alert_id"])


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_session_account_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_session"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"])
