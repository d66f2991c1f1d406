"""What a department's own program sends with: rows go into a spool on its disk, and from there to the gateway."""
