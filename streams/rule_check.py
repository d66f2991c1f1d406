"""Is a folder of rules fit to be published? Read, and held against its own examples. Pure but for reading the folder.

RuleError      the first mistake: file, key, and the allowed words
"""

from __future__ import annotations

from pathlib import Path

from streams.rule_examples import NONE, examples_of, outcome
from streams.rule_set import RuleSet, rule_files
from streams.wording import LEVELS

_LEVELS = {**dict(zip(LEVELS, ("红色", "橙色", "黄色", "关注"), strict=True)), NONE: "不预警"}


def checked(folder: Path) -> tuple[RuleSet, list[str]]:
    """A folder's rule set, and which of its examples come out otherwise than they say, in Chinese.

    Raises:
        RuleError: the first mistake in a file.

    """
    rules = RuleSet.from_toml_folder(folder)
    by_id = {**rules.rules, **rules.areas}
    wrong = []
    for name, values in rule_files(folder).items():
        rule = by_id[str(values["id"])]
        for example in examples_of(name, values, rule):
            level, evidence = outcome(example, rule)
            if level != example.expect:
                said, comes = _LEVELS.get(example.expect, example.expect), _LEVELS.get(level, level)
                wrong.append(f"{name}：例子「{example.title}」写的是{said}，按规则是{comes}")
            elif example.evidence not in (None, evidence):
                wrong.append(f"{name}：例子「{example.title}」的依据是第{'、'.join(map(str, evidence))}条")
    return rules, wrong
