"""Finding people among very many, as they are typed into the search box."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.measures import Measure, Size, best_of
from bench.villages import VILLAGE, empty_village, rows_of_persons, write_persons
from desktop_app.households.search import search_persons

_SCAN = "SELECT count(*) FROM person WHERE village = ? AND name LIKE '%查无此人%'"


def measure(size: Size, work: Path) -> list[Measure]:
    """Each kind of question; the floor is a scan of the index of names, the least a search may do."""
    rows = rows_of_persons(size.search_persons)
    workspace = empty_village(work / "village")
    write_persons(workspace, rows)
    somebody = rows[len(rows) // 2]
    questions = {
        "a whole name": somebody["姓名"],
        "two characters": somebody["姓名"][-2:],
        "the last four of an ID number": somebody["证件号码"][-4:],
        "a phone number": somebody["联系电话"] or "13800",
        "nobody": "查无此人",
    }
    measures = []
    with workspace.reader() as reader:
        connection = reader.session.connection()

        def scan() -> object:
            return connection.exec_driver_sql(_SCAN, (VILLAGE,)).scalar()

        scan()
        floor = best_of(size.rounds, scan)
        for name, text in questions.items():
            taken = best_of(size.rounds, partial(search_persons, reader, text))
            measures.append(
                Measure(
                    f"search of {size.search_persons:,} persons: {name}",
                    taken,
                    "s",
                    floor=floor,
                    floor_name="one scan of the names",
                )
            )
    workspace.close()
    return measures
