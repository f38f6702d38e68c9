"""A function of a feature that writes, or tells full numbers, without asking for the person's right fails here."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.staff.reaching import (
    asking,
    asks_itself,
    behind_a_right,
    functions,
    is_handed_rows,
    is_outer,
    module_of,
    outer_parts,
    used_by,
)
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

_FULL_DATA = {
    "households.history.list_household_history",
    "households.photos.list_photos",
    "households.queries.count_kinds",
    "households.queries.get_full_numbers",
    "households.queries.get_household",
    "households.queries.list_export_rows",
    "households.queries.list_households",
    "households.search.search_persons",
    "sync.questions.get_full_question",
    "sync.questions.list_questions",
    "relief.queries.get_pool",
    "relief.queries.list_cases",
    "relief.queries.get_case_detail",
    "ledger.chart.load_chart",
    "ledger.queries.balance_under",
    "ledger.queries.list_vouchers",
    "ledger.queries.get_voucher",
    "ledger.queries.trial_balance",
    "archive.queries.get_case_papers",
    "notices.queries.list_printed",
    "journal.queries.get_household_words",
    "journal.queries.list_journal",
}
"""Queries that give what not everybody may read."""

_WITHOUT = {
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


_OPEN_TO_ALL = {
    "home.queries.get_start_page": "asks the providers, each behind its own right",
    "households.queries.list_groups": "names of the village's groups",
    "journal.queries.list_actors": "who works here, as 设置 tells",
    "ledger.papers.organisation_name": "the name of the collective",
    "ledger.queries.list_missing_numbers": "numbers of vouchers, no content",
    "ledger.queries.list_used_accounts": "codes of accounts, no balance",
    "ledger.queries.locked_periods": "months",
    "ledger.queries.next_voucher_number": "a number",
    "ledger.queries.posting_problem": "reads rights",
    "settings.backups.get_backup_view": "days and sizes of backups",
    "settings.backups.is_drill_due": "days",
    "settings.backups.list_backup_due": "days",
    "settings.queries.find_bank_account": "the collective's own account, which 设置 shows",
    "settings.queries.find_income": "the collective's income, which is made public",
    "settings.queries.get_village": "the village's own facts",
    "settings.queries.get_village_name": "the same",
    "settings.queries.list_bank_accounts": "the collective's own accounts, which 设置 shows",
    "settings.queries.list_bodies": "who holds an office in the village, which is public",
    "settings.queries.list_incomes": "the collective's income, which is made public",
    "settings.queries.list_status": "when the last backup was made",
    "staff.queries.find_person": "who works here, as everybody who does may know",
    "staff.queries.has_county": "whether there is one",
    "staff.queries.list_staff": "who works here, as everybody who does may know",
    "staff.service.why_not_rename": "reads rights",
    "storage.automatic_backup.back_up_before_import": "the program's own backup, into the workspace",
    "storage.automatic_backup.back_up_daily": "the same",
    "storage.contents.open_picture": "opens what a row names that only a query which asks gives",
    "storage.drill.drill": "the program's own, each month; page and command ask before theirs",
    "storage.entry.check_device": "whether the county has stopped this laptop",
    "storage.second_place.copy_to_second_place": "the program's own; the page asks before its own",
    "storage.second_place.get_second_place": "where it is",
    "support.diagnosis.diagnose": "holds no data of people",
    "sync.bundle_queries.get_bundle_view": "counts and times",
    "sync.bundle_slip.prepare_slip": "numbers of a stick",
    "sync.bundle_slip.write_slip": "the same",
    "sync.check_sheet.prepare_check_sheet": "counts, with the county's signature",
    "sync.check_sheet.write_check_sheet": "the same",
    "sync.loop.exchange": "what the window does by itself",
    "sync.marks.mark_of_household": "whether the county has it",
    "sync.photos.get_photo_view": "counts",
    "sync.proof.verify_all": "counts, and what is broken by a number or by a photo's title",
    "sync.queries.get_sync_view": "counts and times",
    "sync.queries.list_status": "the same",
    "sync.state.find_link": "where the county is",
}
"""What a page or a command may use for everybody, and why; beside `_WITHOUT`."""


def _is_deed(name: str, function: ast.FunctionDef) -> bool:
    module, own = name.rsplit(".", 1)
    feature, *room = module.split(".")
    if own.startswith("_") or feature not in _FEATURES or not set(room) & _ROOMS:
        return False
    kinds = {ast.unparse(one.annotation) for one in function.args.args if one.annotation is not None}
    return bool(kinds & {"UnitOfWork", "Workspace"})


def test_every_deed_asks_for_a_right_or_is_listed_with_the_reason() -> None:
    deeds = {name for name, function in functions().items() if _is_deed(name, function)}
    assert len(deeds) > 40
    silent = deeds - asking()

    assert silent - set(_WITHOUT) == set()
    assert {name for name in _WITHOUT if name not in functions()} == set(), "the list is of what exists"


def test_queries_that_give_what_not_everybody_may_read_ask() -> None:
    assert _FULL_DATA - asking() == set()


def test_whatever_a_page_or_a_command_uses_asks_or_is_listed_with_the_reason() -> None:
    """Whoever is at the keyboard: a page that nobody thought of, a new command, a provider of the start page. What
    such a part uses asks for a right, or the part does so itself, or everybody may have it."""
    silent = {
        name
        for module, part in outer_parts()
        if not asks_itself(part)
        for name in used_by(part, module) - behind_a_right(part, module)
        if is_handed_rows(functions()[name]) and not is_outer(module_of(name))
    }
    silent -= asking()

    assert silent - _WITHOUT.keys() - _OPEN_TO_ALL.keys() == set()
    assert _OPEN_TO_ALL.keys() - silent == set(), "the list is of what is used"


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
    for name, function in functions().items():
        if not subjects & {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}:
            continue
        if name.split(".")[0] not in _FEATURES or name.startswith("staff."):
            continue  # persons of the staff, who are no villagers
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            asks = isinstance(call.func, ast.Attribute) and call.func.attr == "require"
            if asks and "about" not in {keyword.arg for keyword in call.keywords}:
                silent.add(name)
    assert silent == set()
