"""Entries of both logs as sentences. Numbers are masked here, so that no page, print or sheet can forget it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from desktop_app.journal.subjects import Subjects
from desktop_app.storage.change_log import ChangeEntry
from village_core.domain.households.fields import HOUSEHOLD_FIELD, PERSON_FIELD
from village_core.domain.households.history import shown_value
from village_core.domain.ledger.voucher import spoken_number
from village_core.domain.masking import MASKS, mask_text
from village_core.domain.relief.steps import STEP_TITLES
from village_core.exchange.words import field_word, table_word, value_word

_STEPS = {kind.value: title for kind, title in STEP_TITLES.items()}
_LABELLED: Mapping[str, Mapping[str, Any]] = {"household": HOUSEHOLD_FIELD, "person": PERSON_FIELD}
_NO_WORD = field_word("", "")
_TOLD_APART = 4
_MANY = 12
_COUNTED = {"I": "新增", "U": "改动", "D": "删去"}
_UNITS = {"household": "户", "person": "人"}
_QUIET_WITH = {"posting": "voucher"}
"""What is told by the row that it belongs to."""
_RULE_CODE = re.compile(r"^[A-Z]+(?:-\d+)?(?: |$)", re.MULTILINE)
"""How each line of a refusal begins in the record; nobody at the keyboard knows them."""

ACCESS_WORDS: Mapping[str, str] = {
    "reveal": "看了完整号码",
    "view": "看了照片",
    "export": "导出",
    "print": "打印",
    "login": "登录",
    "logout": "退出",
    "lock": "锁屏",
    "unlock": "解锁",
    "refusal": "没有准许",
    "backup": "备份",
    "restore": "从备份恢复",
    "preview": "看了备份里有什么",
    "sync": "和县里同步",
    "repair": "按县里的补齐",
    "passphrase": "换了口令",
    "pin": "改了数字密码",
    "wrong_try": "有人试错了口令",
    "key_added": "给他开了口令",
    "key_reset": "给他重设了口令",
    "key_removed": "收回了他的口令",
    "key_mended": "补好了钥匙文件",
    "recovery_made": "做了恢复钥匙",
    "recovery_used": "用恢复钥匙打开了资料",
    "enrolled": "登记到县里",
    "revoked": "县里停用了这台电脑",
    "admitted": "县里又准这台电脑用了",
    "drill": "试着恢复备份",
}


def access_sentence(kind: str, subject: str, detail: str) -> str:
    """One entry of the access log."""
    subject, detail = mask_text(subject), mask_text(detail)
    if kind == "refusal":
        return _refused(subject, detail)
    detail = detail.replace("\n", "；")
    behind = f"（{detail}）" if detail else ""
    if kind == "view":
        return f"看了 {subject} 的照片{behind}"
    if kind == "reveal":
        return f"看了 {subject} 的完整号码{behind}"
    words = ACCESS_WORDS.get(kind, "做了")
    if subject in ("workspace", ""):
        return f"{words}{behind}"
    return f"{words}{'：' if kind not in ('export', 'print') else ''}{subject}{behind}"


def _refused(subject: str, detail: str) -> str:
    """What was asked for, where anybody said it, and every reason why not."""
    asked = _RULE_CODE.sub("", subject)
    why = _RULE_CODE.sub("", detail).replace("。\n", "；").replace("\n", "；")
    words = f"程序没有准许{'：' + why if why else ''}"
    return f"想做“{asked}”，{words}" if asked else words


def deed_sentence(entries: Sequence[ChangeEntry], subjects: Subjects) -> str:
    """What one deed did, in the order in which it did it."""
    tables = {entry.table for entry in entries}
    told = [entry for entry in entries if _QUIET_WITH.get(entry.table) not in tables]
    sentences = list(dict.fromkeys(words for entry in told if (words := entry_sentence(entry, subjects))))
    if len(sentences) > _MANY:
        return counted_sentence(Counter((entry.table, entry.op) for entry in told))
    if len(sentences) > _TOLD_APART:
        return "；".join(sentences[:_TOLD_APART]) + f"；等 {len(sentences)} 项"
    return "；".join(sentences)


def counted_sentence(counts: Mapping[tuple[str, str], int]) -> str:
    """A deed over very many rows: how many of what."""
    parts = [
        f"{_COUNTED.get(op, '改动')} {count:,} {_unit(table)}"
        for (table, op), count in sorted(counts.items(), key=lambda one: -one[1])
        if _QUIET_WITH.get(table) not in {other for other, _ in counts}
    ]
    return "，".join(parts)


def entry_sentence(entry: ChangeEntry, subjects: Subjects) -> str:
    """One change of one row."""
    whose = subjects.words(entry.table, entry.row_id, entry.new or entry.old)
    if entry.op == "I":
        return _inserted(entry, whose)
    if entry.op == "D":
        return f"删去了{_named(entry.table, whose)}"
    return _updated(entry, whose)


def _inserted(entry: ChangeEntry, whose: str) -> str:
    new = entry.new
    match entry.table:
        case "household" | "person":
            return f"登记了 {whose}"
        case "relief_case":
            return f"受理了 {whose} 的救助申请"
        case "relief_step":
            step = _STEPS.get(str(new.get("kind", "")), "一步")
            fen = new.get("amount_fen")
            return f"{whose} 的救助：办了“{step}”" + (f"，金额 {value_word('amount_fen', fen)}" if fen else "")
        case "voucher":
            return f"记了凭证 {spoken_number(whose)}" if whose else "记了一张凭证"
        case "month_lock":
            return f"锁了 {whose} 的账" if whose else "锁了一个月的账"
        case "printed_document":
            return f"打印了“{mask_text(whose)}”"
        case "attachment":
            return f"放了照片“{mask_text(whose)}”"
        case "extra_field":
            return f"给 {whose} 补上“{new.get('field', '一栏')}”：{mask_text(str(new.get('value') or ''))}"
        case "held_change":
            return "两台电脑写的对不上，放着等人拿主意"
        case "held_decision":
            return "拿定了一个主意" + (f"：{mask_text(str(new['reason']))}" if new.get("reason") else "")
        case _:
            return f"新增了{_named(entry.table, whose)}"


def _updated(entry: ChangeEntry, whose: str) -> str:
    new, old, named = entry.new, entry.old, _named(entry.table, whose)
    if new.get("merged_into"):
        return f"{named} 登记重了，两份并成了一份"
    parts = []
    if "closed_on" in new and entry.table in _LABELLED:
        gone = "销户" if entry.table == "household" else "不在户里了"
        why = mask_text(str(new.get("closed_reason") or old.get("closed_reason") or ""))
        parts.append(
            f"把 {named} 记成{gone}" + (f"（{why}）" if why else "") if new["closed_on"] else f"恢复了 {named}"
        )
        new = {name: value for name, value in new.items() if not name.startswith("closed_")}
    for name, value in new.items():
        label = _label(entry.table, name)
        if not label:
            continue
        before, after = _shown(entry.table, name, old.get(name)), _shown(entry.table, name, value)
        if not before:
            parts.append(f"给 {named} 填上{label}：{after}")
        elif not after:
            parts.append(f"去掉了 {named} 的{label}（原来是 {before}）")
        elif before == after:
            parts.append(f"改了 {named} 的{label}（{after}）")
        else:
            parts.append(f"把 {named} 的{label} 由 {before} 改为 {after}")
    return "；".join(parts) or f"改了{named}"


def _label(table: str, name: str) -> str:
    field = _LABELLED.get(table, {}).get(name)
    word = field.label if field is not None else field_word(table, name)
    word = word.removeprefix("户") if name == "phone" else word
    return "" if word == _NO_WORD else word


def _shown(table: str, name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name in MASKS:
        return MASKS[name](str(value))
    field = _LABELLED.get(table, {}).get(name)
    if field is not None:
        return shown_value(field, value).strip("“”")
    if name.endswith("_id") or name == "merged_into":
        return "另一条"
    return mask_text(value_word(name, value))


def _named(table: str, whose: str) -> str:
    if table in ("household", "person") and whose:
        return whose
    return f"{table_word(table)}“{mask_text(whose)}”" if whose else table_word(table)


def _unit(table: str) -> str:
    return _UNITS.get(table) or f"条{table_word(table)}"
