"""One JSON object a line on stderr, for a collector. Nothing personal: village codes, device numbers, sizes, times."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from village_core.domain.clock import stamp_of

LOG = "tiangeng.county"
FIELDS = "fields"


class JsonLines(logging.Formatter):
    """`extra={"fields": {...}}` of a record becomes keys; a defect brings its trace, never the values in it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": stamp_of(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= getattr(record, FIELDS, {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["trace"] = _places(record)
        return json.dumps(line, ensure_ascii=False)


def write_json_lines() -> None:
    """Everything from information on goes to stderr as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(LOG).setLevel(logging.INFO)


def _places(record: logging.LogRecord) -> list[str]:
    """File, line and function of each frame: the text of an error may quote what a village wrote."""
    places: list[str] = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places
