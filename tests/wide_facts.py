"""Made-up facts of the departments beyond the first four, with edges in all their figures."""

from __future__ import annotations

from random import Random

from schemas.fact import Value

Body = dict[str, Value | float]
LOSSES = (0, 2500, 4999.99, 5000)


def some_wide(random: Random, first_day: int) -> tuple[str, Body]:
    """Kind and fields of a fact."""
    return random.choice((_of_people, _of_trouble, _of_income, _of_help))(random, first_day)


def _of_income(random: Random, _: int) -> tuple[str, Body]:
    income = random.choice((4000, 6699.99, 6700, 7000, 9999.99, 10_000, 14_000, 20_000))
    before = random.choice((0, 10_000, 14_000, 20_000))
    body: Body = {"year": random.choice((2022, 2023)), "per_capita_net": income, "prev_year": before}
    return "rural_revitalisation.income", body


def _of_people(random: Random, first_day: int) -> tuple[str, Body]:
    pick = random.choice
    registered = first_day + pick((0, 30, 60))
    ill: Body = {"disease_group": pick(("renal", "heart")), "treated": pick((True, False)), "registered_on": registered}
    said: tuple[tuple[str, Body], ...] = (
        ("health.major_disease", ill),
        ("health.chronic_cert", {"grade": 1}),
        ("disability.cert", {"grade": pick((1, 2, 3)), "change": "new"}),
        ("human_resources.employment", {"change": pick(("hired", "lost", "returned_home", "wage_drop"))}),
        ("human_resources.public_post", {"action": pick(("assigned", "ended"))}),
    )
    return pick(said)


def _of_trouble(random: Random, _: int) -> tuple[str, Body]:
    pick = random.choice
    said: tuple[tuple[str, Body], ...] = (
        ("emergency.household_loss", {"loss": pick(LOSSES), "house_damaged": pick((False, False, True))}),
        ("agriculture.loss", {"loss": pick(LOSSES), "insured": pick((False, False, True))}),
        ("finance.microloan", {"state": pick(("overdue", "overdue", "issued")), "overdue_days": pick((29, 30))}),
        ("rural_revitalisation.self_report", {"channel": pick(("one_key", "portal"))}),
    )
    return pick(said)


def _of_help(random: Random, _: int) -> tuple[str, Body]:
    pick = random.choice
    said: tuple[tuple[str, Body], ...] = (
        ("insurers.coverage", {"product": pick(("anti_poverty", "accident")), "covered": pick((True, True, False))}),
        ("insurers.claim", {"product": pick(("anti_poverty", "farm")), "state": "reported"}),
        ("disability.subsidy", {"subsidy_type": pick(("living", "nursing")), "status": pick(("granted", "stopped"))}),
    )
    return pick(said)
