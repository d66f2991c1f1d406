"""THE CONTRACT: what two programs must agree on.

Programs (producers, streams, consumers) import `schemas` and themselves, never one another.
Nothing here talks to Kafka, the clock or the network.
"""
