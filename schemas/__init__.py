"""THE CONTRACT: what two programs must agree on; and how files of rows are read, whichever program takes them in.

Programs (producers, streams, consumers) import `schemas` and themselves, never one another.
Nothing here talks to Kafka, the clock or the network.
"""
