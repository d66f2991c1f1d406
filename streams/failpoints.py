"""Points at which tests stop or kill a processor (`schemas.failpoints`)."""

BEFORE_CHANGELOG = "before_changelog"
AFTER_CHANGELOG = "after_changelog"
TICKED = "ticked"
