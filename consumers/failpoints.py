"""Points at which tests kill the notifier (`schemas.failpoints`)."""

BEFORE_STORE = "before_store"
AFTER_STORE = "after_store"
BEFORE_SEND = "before_send"
AFTER_SEND = "after_send"
BEFORE_COMMIT = "before_commit"
POINTS = (BEFORE_STORE, AFTER_STORE, BEFORE_SEND, AFTER_SEND, BEFORE_COMMIT)
"""Before and after the store's commit; before a send, after it and before it is noted; before Kafka's commit."""
