"""The household book of the made-up county, and what its townships and villages are called.

Nobody is meant: heads are called 某, as placeholders are, phone numbers begin with 100, as no mobile number does, and
the county in the addresses is 虚构县. Drawn from randomness of its own: the year stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from producers.county_files import content_of
from producers.county_people import COUNTY, TOWNSHIPS, VILLAGES, Household
from schemas.cells import Row

COLUMNS = ("户编号", "户主", "住址", "电话")
_TOWNSHIP_NAMES = (
    *("东岭镇", "西河镇", "南山镇", "北川镇", "中和镇"),
    *("青石乡", "白水乡", "红旗乡", "黄土乡", "黑林乡"),
    *("长桥乡", "双泉乡", "三合乡", "四方乡", "五里乡"),
)
_VILLAGE_NAMES = ("前屯村", "后屯村", "东沟村", "西沟村", "南岗村", "北岗村", "新立村")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张"
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


def places() -> dict[str, tuple[str, dict[str, str]]]:
    """Township code -> its name, and its villages' names by code."""
    found = {}
    for number in range(TOWNSHIPS):
        code = f"{COUNTY}{101 + number:03d}"
        found[code] = _TOWNSHIP_NAMES[number], {f"{code}{201 + v:03d}": _VILLAGE_NAMES[v] for v in range(VILLAGES)}
    return found


def book_of(seed: int, homes: Iterable[Household]) -> bytes:
    """CSV file of heads, addresses and phone numbers."""
    rng = Random(f"book/{seed}")
    named = places()
    return content_of([_row(rng, home, named) for home in homes], "csv", COLUMNS)


def _row(rng: Random, home: Household, named: dict[str, tuple[str, dict[str, str]]]) -> Row:
    township, villages = named[home.township_code]
    group, house = rng.randint(1, 9), rng.randint(1, 120)
    return {
        "户编号": home.household_id,
        "户主": f"{rng.choice(_SURNAMES)}某{rng.choice(_STEMS)}{rng.choice(_BRANCHES)}",
        "住址": f"虚构县{township}{villages[home.village_code]}{group}组{house}号",
        "电话": f"100{rng.randrange(10**8):08d}",
    }
