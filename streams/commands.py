"""The commands of this package; what is heavy is imported when a command runs."""

from __future__ import annotations

from streams.alerts_command import alerts
from streams.dead_letters_command import dead_letters
from streams.explain_command import explain
from streams.follow_up_command import relocated
from streams.reconcile_command import reconcile
from streams.rules_command import rules
from streams.silence_command import silent
from streams.tick_command import tick

COMMANDS = (alerts, dead_letters, explain, reconcile, relocated, rules, silent, tick)
