"""How the bus is run: the fifth package, and the only one that may import all others."""
