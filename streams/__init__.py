"""DECIDE: which households are at risk.

Modules that decide take values and return values; the shells that talk to Kafka decide nothing.
"""
