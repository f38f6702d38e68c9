"""Any sequence of edits, exchanges and decisions on two laptops comes to rest with both equal to the county."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from desktop_app.sync.decisions import decide_question
from desktop_app.sync.questions import Progress, list_questions
from tests.counties import new_sqlite, opened_county
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.ids import new_id
from village_core.records.held import HeldChange
from village_core.records.households import Household

LAPTOPS = st.integers(0, 1)
VALUES = st.sampled_from(["1", "2", "3"])
NAMES = st.sampled_from(["罗铉", "罗炫"])


def decisions_machine(template: Path, templates: list[tuple[Path, bytes]], folder: Path) -> type[RuleBasedStateMachine]:
    class Decisions(RuleBasedStateMachine):
        @initialize()
        def begin(self) -> None:
            place = folder / new_id().hex
            place.mkdir()
            self._opened = opened_county(new_sqlite(template, place))
            self.county = self._opened.__enter__()
            self.maker = LaptopMaker(templates, place)
            self.laptops = [self.maker(self.county), self.maker(self.county)]
            self.households = [self.laptops[0].add_household(number="1", head_name="罗铉", bank_account="0")]
            sync_until_quiet(*self.laptops)

        @rule(who=LAPTOPS, value=VALUES)
        def change_the_account(self, who: int, value: str) -> None:
            self.laptops[who].edit(Household, self.households[0], bank_account=value)

        @rule(who=LAPTOPS, name=NAMES)
        def register_once_more(self, who: int, name: str) -> None:
            if len(self.households) < 4:
                self.households.append(self.laptops[who].add_household(number="1", head_name=name))

        @rule(who=LAPTOPS)
        def exchange(self, who: int) -> None:
            self.laptops[who].sync()

        @rule(who=LAPTOPS, choice=st.sampled_from(["standing", "offered", "neither"]), which=st.integers(0, 3))
        def decide(self, who: int, choice: str, which: int) -> None:
            laptop = self.laptops[who]
            waiting = undecided(laptop)
            if waiting:
                question = waiting[which % len(waiting)]
                value = "9" if choice == "neither" and question.value_kind else None
                laptop.do(lambda uow: decide_question(uow, question.id, choice, seen=question.seen, value=value))

        @invariant()
        def a_decided_question_names_its_decision(self) -> None:
            for laptop in getattr(self, "laptops", ()):
                for row in laptop.all(HeldChange):
                    assert (row.decision_id is None) == (row.decided_at is None)

        def teardown(self) -> None:
            if not hasattr(self, "laptops"):
                return
            sync_until_quiet(*self.laptops)
            self.decide_what_is_left()
            assert contents(self.laptops[0]) == contents(self.laptops[1])
            self.maker.close()
            self._opened.__exit__(None, None, None)

        def decide_what_is_left(self) -> None:
            """One person goes through the list: it becomes empty, for nothing asks again by itself."""
            for _ in range(6):
                waiting = undecided(self.laptops[0])
                if not waiting:
                    return
                for question in waiting:
                    self.laptops[0].do(lambda uow, held=question.id: decide_question(uow, held, "offered"))
                sync_until_quiet(*self.laptops)
            raise AssertionError("the questions do not come to an end")

    return Decisions


def undecided(laptop: Laptop) -> list[Any]:
    with laptop.workspace.reader() as reader:
        return [one for one in list_questions(reader) if one.progress is not Progress.DECIDED]


def contents(laptop: Laptop) -> dict[UUID, tuple[object, ...]]:
    return {row.id: (row.head_name, row.bank_account, row.merged_into) for row in laptop.all(Household)}


def test_any_edits_and_decisions_end_equal_and_with_nothing_left_to_ask(
    sqlite_template: Path, laptop_templates: list[tuple[Path, bytes]], tmp_path: Path
) -> None:
    run_state_machine_as_test(
        decisions_machine(sqlite_template, laptop_templates, tmp_path),
        settings=settings(
            max_examples=3,
            stateful_step_count=12,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
