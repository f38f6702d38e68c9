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
from village_core.resources import read_resource


@cache
def load_vocabulary() -> Vocabulary:
    """Header synonyms, code lists and relations."""
    lists = load_code_lists()
    relations = read_resource(_read_words, "households", "relations.json")
    heads = next(words for label, words in relations if label == HEAD)
    lists["person.relation"] = CodeList(
        tuple(load_relations()), dict.fromkeys(heads, HEAD), keeps_words=False, warns=False
    )
    known = load_relations()
    by_word = {word: known[label] for label, words in relations for word in (label, *words)}
    return Vocabulary(read_resource(_read_columns, "households", "columns.json"), lists, by_word)


@cache
def load_relations() -> dict[str, Relation]:
    """与户主关系 by label, in the order of a form's list."""
    return read_resource(_read_relations, "households", "relations.json")


def load_code_lists() -> dict[str, CodeList]:
    """The words that fields know, by `household.kind`, `person.education` …"""
    return read_resource(_read_code_lists, "households", "code_lists.json")


@cache
def wanted_headers() -> tuple[str, ...]:
    """The headers by which the header row is found, the most telling first."""
    return read_resource(_read_headers, "households", "columns.json")


def _read_code_lists(data: Any) -> dict[str, CodeList]:
    return {
        name: CodeList(
            tuple(each["values"]),
            each.get("synonyms", {}),
            closed=each["closed"],
            warns=each.get("warns", True),
            keeps_words=each.get("keeps_words", False),
        )
        for name, each in data.items()
        if name != "source"
    }


def _read_headers(data: Any) -> tuple[str, ...]:
    person, household = data[PERSON], data[HOUSEHOLD]
    telling = [person["name"][0], person["id_number"][0], household["number"][0], person["relation"][0]]
    rest = [word for words in (*person.values(), *household.values()) for word in words]
    return tuple(dict.fromkeys([*telling, *rest]))


def _read_columns(data: Any) -> dict[str, ColumnMeaning]:
    columns = {header_key(word): ColumnMeaning(IGNORED) for word in data["ignored"]}
    for scope in (HOUSEHOLD, PERSON):
        columns |= {header_key(word): ColumnMeaning(scope) for word in data["kept"][scope]}
    for scope, fields in ((HOUSEHOLD, HOUSEHOLD_FIELDS), (PERSON, PERSON_FIELDS)):
        for field in fields:
            for word in data[scope][field.name]:
                columns[header_key(word)] = ColumnMeaning(scope, field.name)
    return columns


def _read_relations(data: Any) -> dict[str, Relation]:
    found = {
        each["label"]: Relation(each["label"], each["code"], each["generation"], each["sex"], each["by_blood"])
        for each in data["relations"]
    }
    if HEAD not in found or len(found) != len(data["relations"]):
        raise ValueError("户主 is missing, or a relation stands twice")
    return found


def _read_words(data: Any) -> list[tuple[str, list[str]]]:
    return [(each["label"], each["synonyms"]) for each in data["relations"]]
