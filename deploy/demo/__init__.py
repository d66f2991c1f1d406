"""`make demo`: a made-up county's year through the commands that departments use, and what came of it."""
