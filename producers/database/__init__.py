"""The database feed: rows of departments' tables and views become events, each once in effect.

Imports `schemas` and `producers`, as the other on-ramps do.
"""
