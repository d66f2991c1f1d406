"""`alertbus up`: the broker and the programs under one supervisor."""
