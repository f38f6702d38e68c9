"""The wording of notices, which is data (`resources/templates/notices.json`), and how facts are put into it."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from string import Formatter

from village_core.domain.calendar import chinese_date
from village_core.domain.notices.model import NoticeKind, NoticeRow, ReliefNotice, SupervisionPhone

_LABELS = {"period", "open_period", "place", "phones"}
_COLUMNS = {"number", "head_name", "group", "people", "cause", "total"}
_PLACES: Mapping[NoticeKind, Set[str]] = {
    NoticeKind.RELIEF: {"document"},
    NoticeKind.RESOLUTION: {
        *("document", "held_on", "body", "eligible", "present"),
        *("votes_for", "votes_against", "abstained"),
    },
    NoticeKind.RESULT: {"document", "paid_on", "voucher"},
}
"""What the opening of each kind may name."""


@dataclass(frozen=True)
class KindTexts:
    """The sentences of one kind of notice."""

    title: str
    salutation: str
    opening: str
    amount: str
    closing: str


@dataclass(frozen=True)
class NoticeTexts:
    """All wording of notices in one version."""

    version: str
    columns: Mapping[str, str]
    labels: Mapping[str, str]
    period: str
    open_end: str
    note: str
    kinds: Mapping[NoticeKind, KindTexts]

    def period_text(self, notice: ReliefNotice) -> str:
        """`2026年11月23日至11月27日（5个工作日）`; the year is not said twice."""
        first = chinese_date(notice.period_from)
        if notice.period_to is None:
            text = self.open_end.format(first=first)
        else:
            last = chinese_date(notice.period_to).removeprefix(f"{notice.period_from.year}年")
            text = self.period.format(first=first, last=last)
        return text + (self.note.format(note=notice.period_note) if notice.period_note else "")


@dataclass(frozen=True)
class VotedResolution:
    """What 决议公开 tells of the deciding meeting."""

    held_on: date
    body: str
    eligible: int
    present: int
    votes_for: int
    votes_against: int
    abstained: int


@dataclass(frozen=True)
class PaidGrant:
    """What 实施结果公开 tells of the payment: its day and the voucher's number."""

    paid_on: date
    voucher: str


@dataclass(frozen=True)
class NoticeFacts:
    """What a notice is made from. `place_name` is the village with its township, as the title's first line."""

    place_name: str
    document: str
    serial: str
    rows: tuple[NoticeRow, ...]
    period_from: date
    period_to: date | None
    period_note: str
    posting_place: str
    supervision: tuple[SupervisionPhone, ...]
    signing_unit: str
    signing_date: date


def compose_notice(
    texts: NoticeTexts,
    kind: NoticeKind,
    facts: NoticeFacts,
    *,
    resolution: VotedResolution | None = None,
    grant: PaidGrant | None = None,
) -> ReliefNotice:
    """The notice of a kind. 决议公开 needs `resolution`, 实施结果公开 needs `grant`."""
    wording = texts.kinds[kind]
    words: dict[str, object] = {"document": facts.document}
    if kind is NoticeKind.RESOLUTION:
        if resolution is None:
            raise ValueError("决议公开 needs the meeting")
        words |= {**vars(resolution), "held_on": chinese_date(resolution.held_on)}
    if kind is NoticeKind.RESULT:
        if grant is None:
            raise ValueError("实施结果公开 needs the payment")
        words |= {"paid_on": chinese_date(grant.paid_on), "voucher": grant.voucher}
    return ReliefNotice(
        kind=kind,
        title=f"{facts.place_name}\n{wording.title}",
        serial=facts.serial,
        salutation=wording.salutation,
        opening=wording.opening.format(**words),
        rows=facts.rows,
        amount_label=wording.amount,
        period_from=facts.period_from,
        period_to=facts.period_to,
        period_note=facts.period_note,
        posting_place=facts.posting_place,
        supervision=facts.supervision,
        closing=wording.closing,
        signing_unit=facts.signing_unit,
        signing_date=facts.signing_date,
    )


def load_texts(data: object) -> NoticeTexts:
    """Reads the parsed template file. A malformed one raises ValueError or KeyError."""
    if not isinstance(data, Mapping):
        raise ValueError("the notice texts are a JSON object")
    kinds = {
        NoticeKind(name): KindTexts(
            title=str(entry["title"]),
            salutation=str(entry["salutation"]),
            opening=str(entry["opening"]),
            amount=str(entry["amount"]),
            closing=str(entry["closing"]),
        )
        for name, entry in data["kinds"].items()
    }
    if set(kinds) != set(NoticeKind):
        raise ValueError("a kind of notice has no wording")
    if not set(data["labels"]) >= _LABELS or not set(data["columns"]) >= _COLUMNS:
        raise ValueError("a label or a heading has no wording")
    for text, names in (
        (data["period"], {"first", "last"}),
        (data["open_end"], {"first"}),
        (data["note"], {"note"}),
        *((kinds[kind].opening, names) for kind, names in _PLACES.items()),
    ):
        _check_places(str(text), names)
    return NoticeTexts(
        version=str(data["version"]),
        columns=_strings(data["columns"]),
        labels=_strings(data["labels"]),
        period=str(data["period"]),
        open_end=str(data["open_end"]),
        note=str(data["note"]),
        kinds=kinds,
    )


def _check_places(text: str, names: Set[str]) -> None:
    """A text is filled with these names and nothing else: no number, no part of a value, no way of writing it."""
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None and (name not in names or form or conversion):
            raise ValueError(f"nothing can be put into {{{name}}}")


def _strings(data: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in data.items()}
