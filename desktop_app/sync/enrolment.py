"""A workspace becomes a device of its village at the county; its people and rows go up under the ids they have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import func, select

from desktop_app.storage.entry import (
    OtherCountyError,
    confirm_person,
    note_admitted_again,
    require_though_stopped,
)
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.county_restored import start_over
from desktop_app.sync.seats import rights_at_enrolment
from desktop_app.sync.transport import Line
from village_core.domain.errors import RefusedError
from village_core.domain.staff.rights import Right
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.change_log import change_log
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import (
    ENROL_PATH,
    PROTOCOL,
    SIGNATURE_BYTES,
    EnrolAnswer,
    EnrolRequest,
    decode,
    is_proof_of,
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
    other_county: bool = False,
) -> Joined:
    """Enrol with a one-time code. A cut line leaves everything as it was; the same code can then be used again.

    `again`: the county does not know this laptop any more, or had stopped it; without another certificate the one
    that served for that address is kept. Who answers must prove to hold the key of the county that this laptop knows
    before anything is told; `other_county`: it may be another one, set up anew. An address or certificate that is not
    the known one, and another county, are for who manages the settings; so is the first enrolment.

    Raises `RefusedError` for a wrong, used or expired code, or one of another village; `OtherCountyError`.
    """
    link, url = state.find_link(workspace), url.strip()
    if link is not None and not again:
        raise RefusedError(
            "这份资料早已登记到县里。",
            safe=words.SAFE,
            next_step="直接同步就行。县里让重新登记的，在“同步”最下面点“县里让重新登记”（join --again）。",
        )
    if not code.strip():
        raise RefusedError("还缺县里发的登记码。", safe=words.SAFE, next_step="请向县里要一个登记码。")
    ca = _read_ca(ca_file)
    if not ca and link is not None and link.url == url:
        ca = link.ca
    known = link.county_key if link is not None else None
    if link is None or known is None or (url, ca) != (link.url, link.ca):
        require_though_stopped(workspace, Right.MANAGE_SETTINGS)
    line = line or Line(url, ca)
    try:
        if known is not None and not _holds_key(line, known):
            _refuse_other_county(workspace, url, confirmed=other_county)
            known = None
        request = _request(workspace, code=code, again=link is not None)
        answer = _ask(line, _device_key(workspace), request, known=known)
    finally:
        line.close()
    if answer.village != workspace.village:
        raise words.garbled()
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        if link is not None:
            start_over(connection, workspace.village)
        state.write_state(
            connection,
            {
                state.DEVICE: str(answer.device),
                state.DEVICE_ROLE: answer.role,
                state.INCARNATION: "1",
                state.COUNTY_URL: url,
                state.COUNTY_CA: ca,
                state.COUNTY_VILLAGE: answer.village_name,
                state.ALONE_UNTIL: str(request.last_seq),
                state.ACKED_SEQ: "0",
                state.HEAD: FIRST_LINK.hex(),
                state.CURSOR: "0",
                state.MILESTONES: "",
                state.EPOCH: str(answer.epoch),
            }
            | rights_at_enrolment(answer, holder=workspace.actor.name, clock=workspace.clock)
            | state.identity_state(answer.identity),
        )
    detail = f"{answer.device} 号，重新登记" if link is not None else f"{answer.device} 号"
    changed = link is not None and link.county_key is not None and known is None
    workspace.log_access("enrolled", url, f"{detail}，县里换了服务器" if changed else detail)
    note_admitted_again(workspace)
    workspace.actor = replace(workspace.actor, device=answer.device)
    return Joined(answer.device, answer.role, answer.village_name, person_of(answer), answer.may_post)


def enrol_anew(
    workspace: Workspace,
    passphrase: str,
    *,
    url: str,
    code: str,
    ca_file: Path | str | None = None,
    other_county: bool = False,
) -> Joined:
    """`join_county(again=True)` from an open window, perhaps a covered one: by whoever's passphrase it is.

    A wrong one counts like at the door; a right one alone does not lift the county's stop.
    """
    person = confirm_person(workspace, passphrase)
    joined = join_county(person, url=url, code=code, ca_file=ca_file, again=True, other_county=other_county)
    workspace.actor = replace(workspace.actor, device=joined.device)
    return joined


def _holds_key(line: Line, county_key: VerifyKey) -> bool:
    """Whether who answers proves to be the county. The question tells nothing of us: a key made for it, no code."""
    key = SigningKey.generate()
    question = EnrolRequest(
        protocol=PROTOCOL,
        code="",
        public_key=bytes(key.verify_key),
        village="",
        person=b"",
        person_name="",
        last_seq=0,
    )
    try:
        answer, content = _call(line, key, question)
    except RefusedError:  # an older county takes the question for a wrong code
        return False
    return is_proof_of(county_key, content, answer.proof)


def _refuse_other_county(workspace: Workspace, url: str, *, confirmed: bool) -> None:
    """Nothing was told yet. Only who manages the settings may go on, having confirmed it."""
    if confirmed:
        require_though_stopped(workspace, Right.MANAGE_SETTINGS)
        return
    error = OtherCountyError(
        "这台服务器拿不出原来那个县里的钥匙，可能不是县里的。",
        safe="什么也没有送出去。",
        next_step="请核对网址，打电话问县里。真换了服务器的，由能改设置的人勾上“县里换了新的服务器”（--new-county）再登记。",
    )
    workspace.log_access("refusal", f"登记到 {url}", error.what)
    raise error


def _request(workspace: Workspace, *, code: str, again: bool) -> EnrolRequest:
    """`last_seq` is of the first enrolment: what was done since was done under the county."""
    if again:
        alone_until = int(workspace.state(state.ALONE_UNTIL) or "0")
    else:
        with explained(), workspace.engine.connect() as connection:
            alone_until = connection.scalar(select(func.max(change_log.c.device_seq))) or 0
    return EnrolRequest(
        protocol=PROTOCOL,
        code=code,
        public_key=bytes(_device_key(workspace).verify_key),
        village=workspace.village,
        person=workspace.actor.person_id.bytes,
        person_name=workspace.actor.name,
        last_seq=alone_until,
    )


def _ask(line: Line, key: SigningKey, request: EnrolRequest, *, known: VerifyKey | None) -> EnrolAnswer:
    """The answer, which is of the county whose key is `known`."""
    answer, content = _call(line, key, request)
    if answer.device < 1 or len(answer.person) != 16:
        raise words.garbled()
    if known is not None:
        told = state.identity_state(answer.identity).get(state.COUNTY_KEY)
        if told != bytes(known).hex() or not is_proof_of(known, content, answer.proof):
            raise words.garbled()
    return answer


def _call(line: Line, key: SigningKey, request: EnrolRequest) -> tuple[EnrolAnswer, bytes]:
    """The answer and the bytes that were asked."""
    body = sign_request(key, request)
    try:
        answer = decode(line.call("POST", ENROL_PATH, body), EnrolAnswer)
        state.identity_state(answer.identity)
    except DamagedMessageError as error:
        raise words.garbled() from error
    return answer, body[:-SIGNATURE_BYTES]


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
