"""CARRY OUT: tell the responsible township."""
