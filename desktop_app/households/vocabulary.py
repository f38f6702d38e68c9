"""The words of sheets and forms, read once from `resources/households/`."""

from __future__ import annotations

from functools import cache
from typing import Any

from desktop_app.sheets.text import header_key
from village_core.domain.households.cells import CodeList
from village_core.domain.households.fields import HEAD, HOUSEHOLD_FIELDS, PERSON_FIELDS
from village_core.domain.households.vocabulary import (
    HOUSEHOLD,
    IGNORED,
    PERSON,
    ColumnMeaning,
    Relation,
    Vocabulary,
)
from village_core.resources import read_json


@cache
def load_vocabulary() -> Vocabulary:
    """Header synonyms, code lists and relations."""
    relations = load_relations()
    lists = load_code_lists()
    lists["person.relation"] = CodeList(
        tuple(relations), dict.fromkeys(_head_words(), HEAD), keeps_words=False, warns=False
    )
    return Vocabulary(_columns(), lists, _relations_by_word())


@cache
def load_relations() -> dict[str, Relation]:
    """与户主关系 by label, in the order of a form's list."""
    return {each["label"]: _relation(each) for each in read_json("households", "relations.json")["relations"]}


def load_code_lists() -> dict[str, CodeList]:
    """The words that fields know, by `household.kind`, `person.education` …"""
    return {
        name: CodeList(
            tuple(each["values"]),
            each.get("synonyms", {}),
            closed=each["closed"],
            warns=each.get("warns", True),
            keeps_words=each.get("keeps_words", False),
        )
        for name, each in read_json("households", "code_lists.json").items()
        if name != "source"
    }


@cache
def wanted_headers() -> tuple[str, ...]:
    """The headers by which the header row is found, the most telling first."""
    data = read_json("households", "columns.json")
    person, household = data[PERSON], data[HOUSEHOLD]
    telling = [person["name"][0], person["id_number"][0], household["number"][0], person["relation"][0]]
    rest = [word for words in (*person.values(), *household.values()) for word in words]
    return tuple(dict.fromkeys([*telling, *rest]))


def _columns() -> dict[str, ColumnMeaning]:
    data = read_json("households", "columns.json")
    columns = {header_key(word): ColumnMeaning(IGNORED) for word in data["ignored"]}
    for scope in (HOUSEHOLD, PERSON):
        columns |= {header_key(word): ColumnMeaning(scope) for word in data["kept"][scope]}
    for scope, fields in ((HOUSEHOLD, HOUSEHOLD_FIELDS), (PERSON, PERSON_FIELDS)):
        for field in fields:
            for word in data[scope][field.name]:
                columns[header_key(word)] = ColumnMeaning(scope, field.name)
    return columns


def _relations_by_word() -> dict[str, Relation]:
    words: dict[str, Relation] = {}
    for each in read_json("households", "relations.json")["relations"]:
        relation = _relation(each)
        words |= dict.fromkeys((each["label"], *each["synonyms"]), relation)
    return words


def _head_words() -> list[str]:
    entries = read_json("households", "relations.json")["relations"]
    return next(list(each["synonyms"]) for each in entries if each["label"] == HEAD)


def _relation(entry: dict[str, Any]) -> Relation:
    return Relation(entry["label"], entry["code"], entry["generation"], entry["sex"], entry["by_blood"])
