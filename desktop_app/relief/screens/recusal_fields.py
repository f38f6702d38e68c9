"""The question who has to stand aside (回避), as two fields that reviews and meetings share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.editor import LongTextEdit
from desktop_app.widgets.form import FormSheet
from village_core.domain.relief.payloads import Recusal

NOBODY = "nobody"
SOMEBODY = "somebody"


def add_recusal_fields(sheet: FormSheet) -> None:
    """`recusal` asks, `recused` names."""
    choices = [(NOBODY, "没有人要回避"), (SOMEBODY, "有，写在右边")]
    sheet.add("recusal", ChoiceEdit(choices), label="有人要回避吗", hint="申请户本人和近亲属要回避", required=True)
    hint = "一行一个人：姓名、关系，例如 罗明 户主的弟弟"
    sheet.add("recused", LongTextEdit(lines=2), label="回避的人", hint=hint)


def follow_recusal(sheet: FormSheet) -> None:
    """Names are asked for only when there is somebody."""
    sheet.fields["recused"].setVisible(sheet.editor("recusal").value() == SOMEBODY)


def recusal_values(asked: bool, recused: tuple[Recusal, ...]) -> dict[str, Any]:
    """Values of the two fields."""
    answer = SOMEBODY if recused else NOBODY if asked else None
    return {"recusal": answer, "recused": "\n".join(f"{one.name} {one.relation}" for one in recused)}


def read_recusal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords of a payload from the two fields."""
    asked = values["recusal"] is not None
    recused: tuple[Recusal, ...] = ()
    if values["recusal"] == SOMEBODY:
        lines = [line.split(maxsplit=1) for line in (values["recused"] or "").replace("，", " ").splitlines()]
        recused = tuple(Recusal(parts[0], parts[1] if len(parts) > 1 else "") for parts in lines if parts)
        recused = recused or (Recusal("", ""),)
    return {"recusal_asked": asked, "recused": recused}
