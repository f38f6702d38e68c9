"""The archive for whoever looks at it and did not ask for whole numbers: the same pages, the numbers covered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from desktop_app.archive.print_model import Content
from desktop_app.households.queries import HouseholdDetail
from village_core.domain.masking import is_masked_field, mask_field, mask_text
from village_core.domain.relief.steps import StepRecord


def cover_household(household: HouseholdDetail) -> HouseholdDetail:
    """The household with every number in it covered: its own, of its people and of those who were, typed into a text
    or not. Whatever a household has besides one day is covered, too."""
    covered: HouseholdDetail = _covered(household)
    return covered


def cover_step(step: StepRecord) -> StepRecord:
    """The step with the numbers covered that have a field of their own, however short they are."""
    payload = step.payload
    numbers = {
        one.name: mask_field(one.name, getattr(payload, one.name))
        for one in fields(payload)
        if is_masked_field(one.name)
    }
    return replace(step, payload=replace(payload, **numbers)) if numbers else step


def cover_content(content: tuple[Content, ...]) -> tuple[Content, ...]:
    """What is printed, also where somebody typed a number into a text."""
    covered: tuple[Content, ...] = _covered(content)
    return covered


def _covered(part: Any) -> Any:
    if isinstance(part, str):
        return mask_text(part)
    if isinstance(part, tuple):
        return tuple(_covered(one) for one in part)
    if isinstance(part, Mapping):
        return {name: _covered_field(name, value) for name, value in part.items()}
    if is_dataclass(part) and not isinstance(part, type):
        return replace(part, **{one.name: _covered(getattr(part, one.name)) for one in fields(part)})
    return part


def _covered_field(name: str, value: Any) -> Any:
    return mask_field(name, value) if is_masked_field(name) else _covered(value)
