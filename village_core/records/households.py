"""Households and their people, in the shape of the national system's exports (domain facts, glossary)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule, references


class Household(Record):
    """户. Money in 分. `merged_into` points to the row that stands for a household entered twice."""

    __tablename__ = "household"
    sync = SyncRule(
        Merge.EDIT,
        sensitive=frozenset(
            {
                "number",
                "head_name",
                "kind",
                "monitor_kind",
                "bank_account",
                "wage_fen",
                "business_fen",
                "property_fen",
                "transfer_fen",
                "business_cost_fen",
                "per_capita_fen",
            }
        ),
        natural_key=("number",),
    )

    number: Mapped[str | None] = mapped_column(String(40))
    head_name: Mapped[str | None] = mapped_column(String(60))
    group_name: Mapped[str | None] = mapped_column(String(60))
    kind: Mapped[str | None] = mapped_column(String(30))
    monitor_kind: Mapped[str | None] = mapped_column(String(40))
    identified_on: Mapped[str | None] = mapped_column(String(10))
    """识别(监测)时间: YYYY-MM or YYYY-MM-DD, as fine as the source had it."""
    risk_cleared: Mapped[bool | None]
    risk_1: Mapped[str | None] = mapped_column(String(60))
    risk_2: Mapped[str | None] = mapped_column(String(60))
    risk_3: Mapped[str | None] = mapped_column(String(60))
    risk_4: Mapped[str | None] = mapped_column(String(60))
    risk_5: Mapped[str | None] = mapped_column(String(60))
    subsistence_allowance: Mapped[bool | None]
    """低保"""
    extreme_hardship_support: Mapped[bool | None]
    """特困供养"""
    declared_size: Mapped[int | None]
    wage_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_fen: Mapped[int | None] = mapped_column(BigInteger)
    property_fen: Mapped[int | None] = mapped_column(BigInteger)
    transfer_fen: Mapped[int | None] = mapped_column(BigInteger)
    business_cost_fen: Mapped[int | None] = mapped_column(BigInteger)
    per_capita_fen: Mapped[int | None] = mapped_column(BigInteger)
    unsafe_house: Mapped[bool | None]
    safe_water: Mapped[bool | None]
    bank_name: Mapped[str | None] = mapped_column(String(120))
    bank_account: Mapped[str | None] = mapped_column(String(40))
    helper_name: Mapped[str | None] = mapped_column(String(60))
    phone: Mapped[str | None] = mapped_column(String(30))
    province: Mapped[str | None] = mapped_column(String(60))
    city: Mapped[str | None] = mapped_column(String(60))
    county: Mapped[str | None] = mapped_column(String(60))
    township: Mapped[str | None] = mapped_column(String(60))
    village_name: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None]
    closed_reason: Mapped[str | None] = mapped_column(String(200))
    merged_into: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (Index(None, "village", "number"), Index(None, "village", "group_name", "head_name"))


class Person(Record):
    """人. Relation and ethnicity keep the source's label."""

    __tablename__ = "person"
    sync = SyncRule(
        Merge.EDIT,
        sensitive=frozenset({"household_id", "name", "id_number", "relation"}),
        natural_key=("id_number",),
    )

    household_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[str | None] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    id_number: Mapped[str | None] = mapped_column(String(30))
    id_kind: Mapped[str | None] = mapped_column(String(30))
    relation: Mapped[str | None] = mapped_column(String(30))
    sex: Mapped[str | None] = mapped_column(String(4))
    birth_date: Mapped[date | None]
    ethnicity: Mapped[str | None] = mapped_column(String(20))
    political_status: Mapped[str | None] = mapped_column(String(30))
    education: Mapped[str | None] = mapped_column(String(30))
    school_status: Mapped[str | None] = mapped_column(String(40))
    health: Mapped[str | None] = mapped_column(String(60))
    labour_capacity: Mapped[str | None] = mapped_column(String(40))
    work_area: Mapped[str | None] = mapped_column(String(60))
    work_months: Mapped[int | None]
    resident_medical_insurance: Mapped[bool | None]
    employee_medical_insurance: Mapped[bool | None]
    serious_illness_insurance: Mapped[bool | None]
    resident_pension_insurance: Mapped[bool | None]
    employee_pension_insurance: Mapped[bool | None]
    commercial_insurance: Mapped[bool | None]
    phone: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str | None] = mapped_column(Text)
    closed_on: Mapped[date | None]
    closed_reason: Mapped[str | None] = mapped_column(String(200))
    merged_into: Mapped[UUID | None] = mapped_column(Uuid)

    __table_args__ = (
        references("household_id", "household"),
        Index(None, "village", "household_id"),
        Index(None, "village", "id_number"),
        Index(None, "village", "name"),
        Index(None, "village", "phone"),
    )


class ExtraField(Record):
    """A column of an imported sheet that has no field of its own; id derived from owner and field."""

    __tablename__ = "extra_field"
    sync = SyncRule(Merge.EDIT)

    owner_kind: Mapped[str] = mapped_column(String(12))
    """household or person"""
    owner_id: Mapped[UUID] = mapped_column(Uuid)
    field: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "village", "owner_id"),)
