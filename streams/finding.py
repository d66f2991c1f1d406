"""What was found in a household, the one alert made of it, and what people did about that. Stored."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """That a rule holds, and all that its alert shows of it.

    Attributes:
        grade: place in the rule's levels.
        evidence: Fact.id of every fact it rests on, sorted.
        first: occurred_at of the earliest of them, ms; `last` of the latest.
        number: facts, or parts of a combination.
        band: how far over the line (wording.BANDS), -1 without a line.
        line: whose line.
        digests: Fact.digest of each fact of the evidence, in its order.
        since: when the rule came true, ms.

    """

    rule: str
    level: str
    grade: int
    evidence: list[str]
    first: int
    last: int
    number: int
    band: int
    line: str
    digests: bytes = b""
    since: int = 0


class Done(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An action and what became of it, as the alert shows it; `why` is the code of a refusal or conflict."""

    action_id: str
    action: str
    reason: str | None
    actor: str
    role: str
    township_code: str
    acted_at: int
    version_seen: int
    outcome: str
    why: str | None


class Handled(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What people did about a case, and where that left it. Fields are only ever added at the end.

    Attributes:
        step: state to which people moved it in this round; empty before the first.
        rest: state where nothing stands that must be looked at: WITHDRAWN, CLEARED_TRACKING or CLOSED.
        level: of the alert at the last action.
        answered: version that shows the last answer, 0 before the first.
        settled: marks (streams.basis) that answers of this and earlier cases have dealt with.
        confirmed: marks that the last confirmation rests on.
        done: the last actions, newest last; `folded` checksums of many more action ids.
        archive: parts of the archive that are there.
        measures: codes delivered; `planned` codes of the plan.
        disowned_in: township that said the household is not its own.
        cleared_on: Beijing day of the last clearing; `tracking_until` the last day of tracking, while there is one.
        reopening: cleared before, and nobody has acted on the next round.
        due: Beijing day whose tick changes what the alert says; 0 for none.
        nation_marked: marked in the national system that the risk is over.
        ended_in: township in which it was when somebody last ended it; it stays that one's, wherever the family goes.
        insufficient: existing policies were recorded as not enough.
        fund_paid: what the county recorded as paid by last resorts, fen.
        included_on: Beijing day on which the household was included last.
        relapsed_in: first and last day of the tracking year in which the risk that was confirmed last had come back.

    """

    step: str = ""
    rest: str = "WITHDRAWN"
    level: str = ""
    answered: int = 0
    settled: bytes = b""
    confirmed: bytes = b""
    done: list[Done] = []
    folded: bytes = b""
    archive: list[str] = []
    archived: bool = False
    measures: list[str] = []
    planned: list[str] = []
    household_class: str | None = None
    responsible_cadre: str | None = None
    disowned_in: str | None = None
    cleared_on: int | None = None
    tracking_until: int | None = None
    reopening: bool = False
    due: int = 0
    nation_marked: bool = False
    ended_in: str | None = None
    insufficient: bool = False
    fund_paid: int = 0
    included_on: int | None = None
    relapsed_in: tuple[int, int] | None = None

    @property
    def relapse_year(self) -> tuple[int, int] | None:
        """First and last day of the tracking year in which a risk counts as come back; None without one."""
        if self.cleared_on is None or self.tracking_until is None:
            return self.relapsed_in
        return self.cleared_on, self.tracking_until


UNTOUCHED = Handled()


class Case(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A case of the household and its one alert, as last made. Fields are only ever added at the end.

    Attributes:
        ordinal: grows only when a case has ended; alert_id follows from it.
        raised_at: known_at of the record that raised it, ms.
        digest: of everything whose change makes a new version.
        alert: the `alert` message of this version, published again byte for byte.
        raised: `rule|level` -> how often that cause newly stood in the household.
        causes: `rule|level` of those that stand.
        township: of this version; `previous` is the last one that differed.
        pages: which facts stood on which versions (streams.basis).
        touched: what people did; None before the first action.
        others: the household's cases beside this one, the last few, latest first; theirs are empty.

    """

    ordinal: int
    alert_id: str
    version: int
    status: str
    level: str
    raised_at: int
    digest: bytes
    alert: bytes
    raised: dict[str, int]
    causes: list[str] = []
    township: str | None = None
    previous: str | None = None
    pages: bytes = b""
    touched: Handled | None = None
    others: list[Case] = []

    @property
    def handled(self) -> Handled:
        """What people did, nothing so far included."""
        return self.touched or UNTOUCHED
