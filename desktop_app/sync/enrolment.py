"""A workspace becomes a device of its village at the county; its people and rows go up under the ids they have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from nacl.signing import SigningKey
from sqlalchemy import func, select

from desktop_app.storage.entry import note_admitted_again
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.county_restored import start_over
from desktop_app.sync.seats import rights_at_enrolment
from desktop_app.sync.transport import Line
from village_core.domain.errors import RefusedError
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.change_log import change_log
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import (
    ENROL_PATH,
    PROTOCOL,
    EnrolAnswer,
    EnrolRequest,
    decode,
    person_of,
    sign_request,
)

_MAX_CA = 256 << 10


@dataclass(frozen=True)
class Joined:
    """What the county answered. `person` is the id under which the county knows who works here."""

    device: int
    role: str
    village_name: str
    person: UUID
    may_post: bool


def join_county(
    workspace: Workspace,
    *,
    url: str,
    code: str,
    ca_file: Path | str | None = None,
    line: Line | None = None,
    again: bool = False,
) -> Joined:
    """Enrol with a one-time code. A cut line leaves everything as it was; the same code can then be used again.
    `again`: the county does not know this laptop any more, or had stopped it; without another certificate the one
    that served for that address is kept.

    Raises `RefusedError` for a wrong, used or expired code, or one of another village.
    """
    link = state.find_link(workspace)
    if link is not None and not again:
        raise RefusedError(
            "这份资料早已登记到县里。",
            safe=words.SAFE,
            next_step="直接同步就行。县里让重新登记的，在“同步”最下面点“县里让重新登记”（join --again）。",
        )
    if not code.strip():
        raise RefusedError("还缺县里发的登记码。", safe=words.SAFE, next_step="请向县里要一个登记码。")
    ca = _read_ca(ca_file)
    if not ca and link is not None and link.url == url.strip():
        ca = link.ca
    line = line or Line(url.strip(), ca)
    try:
        answer = _ask(workspace, _device_key(workspace), line, code=code)
    finally:
        line.close()
    if answer.village != workspace.village:
        raise words.garbled()
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        if again:
            start_over(connection, workspace.village)
        state.write_state(
            connection,
            {
                state.DEVICE: str(answer.device),
                state.DEVICE_ROLE: answer.role,
                state.INCARNATION: "1",
                state.COUNTY_URL: url.strip(),
                state.COUNTY_CA: ca,
                state.COUNTY_VILLAGE: answer.village_name,
                state.ACKED_SEQ: "0",
                state.HEAD: FIRST_LINK.hex(),
                state.CURSOR: "0",
                state.MILESTONES: "",
                state.EPOCH: str(answer.epoch),
            }
            | rights_at_enrolment(answer, holder=workspace.actor.name, clock=workspace.clock)
            | state.identity_state(answer.identity),
        )
    note_admitted_again(workspace)
    workspace.actor = replace(workspace.actor, device=answer.device)
    return Joined(answer.device, answer.role, answer.village_name, person_of(answer), answer.may_post)


def _ask(workspace: Workspace, key: SigningKey, line: Line, *, code: str) -> EnrolAnswer:
    with explained(), workspace.engine.connect() as connection:
        last_seq = connection.scalar(select(func.max(change_log.c.device_seq))) or 0
    request = EnrolRequest(
        protocol=PROTOCOL,
        code=code,
        public_key=bytes(key.verify_key),
        village=workspace.village,
        person=workspace.actor.person_id.bytes,
        person_name=workspace.actor.name,
        last_seq=last_seq,
    )
    try:
        answer = decode(line.call("POST", ENROL_PATH, sign_request(key, request)), EnrolAnswer)
        state.identity_state(answer.identity)
    except DamagedMessageError as error:
        raise words.garbled() from error
    if answer.device < 1 or len(answer.person) != 16:
        raise words.garbled()
    return answer


def _device_key(workspace: Workspace) -> SigningKey:
    """The device's key, made before the first try, so that a second try after a lost answer is the same device."""
    kept = workspace.state(state.DEVICE_KEY)
    if kept is not None:
        return SigningKey(bytes.fromhex(kept))
    key = SigningKey.generate()
    workspace.set_state(state.DEVICE_KEY, bytes(key).hex())
    return key


def _read_ca(ca_file: Path | str | None) -> str:
    if not ca_file:
        return ""
    path = Path(ca_file)
    try:
        if path.stat().st_size > _MAX_CA:
            raise _no_certificate()
        text = path.read_text(encoding="ascii")
    except UnicodeDecodeError as error:
        raise _no_certificate() from error
    except OSError as error:
        raise explain_system(error) from error
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise _no_certificate()
    return text


def _no_certificate() -> RefusedError:
    return RefusedError("这个文件不是县里的证书。", safe=words.SAFE, next_step="请向县里要 PEM 格式的证书文件。")
