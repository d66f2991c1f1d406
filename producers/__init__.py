"""CARRY IN: a department's rows become events.

Imports `schemas` and itself, never streams, consumers or deploy.
"""
