"""`verify` finds a voucher that somebody bent around the program, and leaves good books alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from desktop_app.ledger.checks import check_books
from desktop_app.storage.workspace import Workspace
from tests.ledger.books import open_accounts, post
from village_core.exchange.triggers import existing_triggers


@pytest.fixture
def books(workspace: Workspace) -> Workspace:
    open_accounts(workspace)
    post(workspace, ("10201", 500), ("50103", -500))
    return workspace


def problems_after(books: Workspace, *statements: str) -> list[str]:
    """What is found after these statements, written with the guards taken off."""
    with books.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for name in existing_triggers(connection):
            connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(text(statement))
        return list(check_books(connection))


def test_good_books_have_no_problem(books: Workspace) -> None:
    assert problems_after(books) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE posting SET debit_fen = 600 WHERE debit_fen = 500", "借方 6.00，贷方 5.00"),
        ("DELETE FROM posting", "一行都没有"),
        ("UPDATE posting SET voucher_date = '2020-01-01'", "对不上"),
        ("UPDATE posting SET opening = 1", "对不上"),
    ],
)
def test_bent_voucher_is_named(books: Workspace, statement: str, words: str) -> None:
    (problem,) = problems_after(books, statement)
    assert words in problem
    assert "2026-03 记-1" in problem
