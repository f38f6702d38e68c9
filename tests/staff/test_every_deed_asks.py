"""A function of a feature that writes, or tells full numbers, without asking for the person's right fails here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_contracts import ROOT

_FEATURES = ("settings", "staff", "households", "ledger", "relief", "notices", "archive", "sync", "journal")
_ROOMS = {
    "service",
    "editing",
    "importing",
    "photos",
    "preview",
    "excel",
    "posting",
    "papers",
    "decisions",
    "enrolment",
    "bundle",
    "bundle_reading",
    "keys",
    "pins",
    "recovery",
    "recovery_paper",
    "switching",
}
"""Modules of a feature in which deeds live; `screens` are made of these."""

_ASKING = {".require", "require_though_stopped"}

_FULL_DATA = {
    "households.queries.get_full_numbers",
    "households.queries.get_household",
    "households.queries.list_export_rows",
    "households.queries.list_households",
    "households.search.search_persons",
    "sync.questions.get_full_question",
    "sync.questions.list_questions",
    "relief.queries.list_cases",
    "relief.queries.get_case_detail",
    "ledger.queries.list_vouchers",
    "ledger.queries.get_voucher",
    "ledger.queries.trial_balance",
    "archive.queries.get_case_papers",
    "journal.queries.list_journal",
}
"""Queries that give what not everybody may read."""

_WITHOUT = {
    "households.photos.list_photos": "reads names of photos, not the photos",
    "ledger.posting.posting_values": "makes rows, writes none",
    "ledger.posting.voucher_values": "makes a row, writes none",
    "ledger.posting.judge_second_person": "asks about duties itself",
    "ledger.service.sub_account_values": "makes a row, writes none",
    "ledger.posting.refuse_findings": "raises, writes nothing",
    "notices.service.log_unfinished_print": "puts on record what was begun behind a right",
    "relief.service.next_case_number": "reads a number",
    "staff.keys.change_own_passphrase": "everybody changes her own, and shows the old one; wrong ones count",
    "staff.keys.check_own_passphrase": "reads whether a passphrase was for one use",
    "staff.keys.confirm_own": "asks more than a right: her passphrase",
    "staff.keys.has_recovery_key": "reads whether there is one, opens nothing",
    "staff.keys.holder_of": "reads whose slot it is, opens nothing",
    "staff.keys.holders_of": "reads whose slots there are, opens nothing",
    "staff.keys.list_key_people": "reads who opens this laptop, as everybody who uses it may know",
    "staff.keys.set_passphrase_of": "only behind the recovery key, or a passphrase for one use",
    "staff.keys.write_holders": "writes what the deeds of this room and of the PINs made",
    "staff.pins.find_by_pin": "compares, writes nothing; asked behind the guard that counts",
    "staff.pins.set_pin": "everybody sets her own, and shows her passphrase",
    "staff.pins.take_pin_away": "her own; it lets nobody in",
    "staff.recovery.list_recoverable": "reads names, behind the recovery key",
    "staff.recovery.set_passphrase_by_recovery": "the recovery key stands for the right; it is in the journal",
    "staff.recovery_paper.prepare_recovery_paper": "lays out a page; the key on it is made by who asks",
    "staff.switching.come_to_keyboard": "the secret tells who it is: there is nobody yet to have rights",
    "staff.switching.come_with_own": "the same",
    "sync.bundle.age_identity": "reads this laptop's own key for the way back",
    "sync.bundle.write_bundle": "what an exchange sends by itself, locked for the county alone, and on record",
    "sync.bundle_reading.read_bundle": "takes only what the county signed for this laptop, as an exchange does",
    "staff.service.declare_relatives": "everybody declares for himself; for others it asks",
    "sync.decisions.roles_of": "reads roles, on which the right itself rests",
    "sync.service.pause_sync": "stops or starts what this laptop sends by itself; nothing of the village changes",
}
"""Deeds and rooms that ask nobody, and why."""


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for feature in _FEATURES:
        for path in sorted((ROOT / "desktop_app" / feature).glob("*.py")):
            yield f"{feature}.{path.stem}", ast.parse(path.read_text(encoding="utf-8"))


def _functions() -> dict[str, ast.FunctionDef]:
    return {
        f"{module}.{node.name}": node
        for module, tree in _modules()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def _calls(function: ast.FunctionDef) -> set[str]:
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                names.add(f".{node.func.attr}")
            elif isinstance(node.func, ast.Name):
                names.add(node.func.id)
    return names


def _asks(name: str, functions: dict[str, ast.FunctionDef], *, seen: frozenset[str] = frozenset()) -> bool:
    """Whether it asks, or calls a function of the features that does."""
    calls = _calls(functions[name])
    if calls & _ASKING:
        return True
    for other in functions:
        called = other.rsplit(".", 1)[1] in calls
        if called and other not in seen and other != name and _asks(other, functions, seen=seen | {name}):
            return True
    return False


def _is_deed(name: str, function: ast.FunctionDef) -> bool:
    module, own = name.rsplit(".", 1)
    if own.startswith("_") or module.split(".")[1] not in _ROOMS:
        return False
    kinds = {ast.unparse(one.annotation) for one in function.args.args if one.annotation is not None}
    return bool(kinds & {"UnitOfWork", "Workspace"})


def test_every_deed_asks_for_a_right_or_is_listed_with_the_reason() -> None:
    functions = _functions()
    deeds = {name for name, function in functions.items() if _is_deed(name, function)}
    assert len(deeds) > 40
    silent = {name for name in deeds if not _asks(name, functions)}

    assert silent - set(_WITHOUT) == set()
    assert {name for name in _WITHOUT if name not in functions} == set(), "the list is of what exists"


def test_queries_that_give_full_numbers_ask() -> None:
    functions = _functions()
    assert {name for name in _FULL_DATA if not _asks(name, functions)} == set()


def test_nobody_commits_beside_the_unit_of_work() -> None:
    """A screen that opened a writing transaction by itself would go round the services."""
    found = [
        str(path.relative_to(Path(ROOT)))
        for path in (ROOT / "desktop_app").rglob("screens/*.py")
        if "unit_of_work(" in path.read_text(encoding="utf-8")
    ]
    assert found == ["desktop_app/relief/screens/case_page.py"]


def test_who_asks_for_a_household_person_case_or_voucher_says_for_which() -> None:
    """The journal tells refusals by household and person: a right that is asked for without `about` leaves a hole."""
    subjects = {"household_id", "person_id", "case_id", "voucher_id", "case", "paper", "question_id"}
    silent = set()
    for name, function in _functions().items():
        if not subjects & {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}:
            continue
        if name.startswith("staff."):
            continue  # persons of the staff, who are no villagers
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            asks = isinstance(call.func, ast.Attribute) and call.func.attr == "require"
            if asks and "about" not in {keyword.arg for keyword in call.keywords}:
                silent.add(name)
    assert silent == set()
