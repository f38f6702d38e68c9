"""`tiangeng demo`: the whole main job on a made-up village, with two laptops and a county as real processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop_app.demo.people import make_village, write_sheet
from desktop_app.demo.village import NAME, PASSPHRASE, VILLAGE
from village_core.domain.errors import ProblemOutsideError, UserError

Tell = Callable[[str], None]
_START_SECONDS = 20.0
_PEOPLE_SEED = 31
"""A village in which even ten households have three that are monitored."""


@dataclass
class Demo:
    """What the demo has done so far, and where."""

    out: Path
    tell: Tell
    steps: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; the first one that fails ends the demo."""
        start = time.perf_counter()
        ok = False
        try:
            yield
            ok = True
        finally:
            seconds = round(time.perf_counter() - start, 2)
            self.steps.append({"name": name, "ok": ok, "seconds": seconds})
            self.tell(f"{'✓' if ok else '✗'} {name}　{seconds} 秒")

    def laptop(self, name: str, *arguments: str) -> dict[str, Any]:
        """One command on one laptop, in a process of its own."""
        return _run_json([*_program(), "--json", "--data", str(self.out / name), *arguments])

    def county(self, *arguments: str) -> dict[str, Any]:
        return _run_json([*_county_program(), *arguments])


def run_demo(out: Path, *, households: int, tell: Tell) -> dict[str, Any]:
    """Play the story into `out`. Returns the steps with their seconds, and all papers and pictures."""
    if households < 10:
        raise UserError("演示至少要 10 户。", next_step="请把 --households 写大一些。")
    out = out.resolve()
    _prepare(out)
    demo = Demo(out, tell)
    failed = False
    try:
        with _county_running(demo) as url:
            _play(demo, url, households)
    except UserError as error:
        failed = True
        print(error, file=sys.stderr)
    files = sorted(str(path) for pattern in ("*.pdf", "*.png", "*/*.png") for path in out.glob(pattern))
    return {"steps": demo.steps, "files": files, "exit_status": 1 if failed else 0}


def _play(demo: Demo, url: str, households: int) -> None:
    sheet = demo.out / "监测对象信息_演示.xlsx"
    with demo.step("县里登记这个村，发两个登记码"):
        codes = [_code(demo, role) for role in ("报账员", "文书")]
    with demo.step("第一台电脑：新建资料并登记到县里"):
        _init(demo, "laptop-1", "李琼仙", url, codes[0])
    with demo.step("导入农户"):
        write_sheet(sheet, make_village(_PEOPLE_SEED, households))
        preview = demo.laptop("laptop-1", "import", "households", str(sheet), "--dry-run")
        done = demo.laptop("laptop-1", "import", "households", str(sheet))
        _expect(preview == done and not done["rejected"], "预览和导入的结果不一样，或有没收下的行。")
    with demo.step("一件救助从申请到归档，发放记成凭证"):
        case = demo.laptop("laptop-1", "demo", "--out", str(demo.out), "--part", "case")["case"]
    with demo.step("打印公示和一户一档"):
        demo.laptop("laptop-1", "notice", "relief", "--case", case, "--pdf", str(demo.out / "公示_救助.pdf"))
        demo.laptop("laptop-1", "archive", "--case", case, "--pdf", str(demo.out / "一户一档.pdf"))
    with demo.step("第一台电脑与县里同步"):
        _sync(demo, "laptop-1")
    with demo.step("第二台电脑：登记、取回全村资料"):
        _init(demo, "laptop-2", "起学英", url, codes[1])
        _sync(demo, "laptop-2")
    with demo.step("第二台电脑改一户，第一台取回"):
        demo.laptop("laptop-2", "demo", "--out", str(demo.out), "--part", "edit")
        _sync(demo, "laptop-2")
        _sync(demo, "laptop-1")
    with demo.step("两台电脑都检查完好，并且一致"):
        reports = [demo.laptop(name, "verify") for name in ("laptop-1", "laptop-2")]
        _expect(all(report["ok"] for report in reports), "检查没有通过。")
        _expect(reports[0]["digests"] == reports[1]["digests"], "两台电脑的核对码不一样。")
    with demo.step("给每一页拍照"):
        demo.laptop("laptop-1", "demo", "--out", str(demo.out), "--part", "screens")


def _code(demo: Demo, role: str) -> str:
    return str(demo.county("enrol", VILLAGE, "--role", role, "--json")["code"])


def _init(demo: Demo, name: str, person: str, url: str, code: str) -> None:
    demo.laptop(name, "init", "--village", VILLAGE, "--name", NAME, "--person", person, "--county", url, "--code", code)


def _sync(demo: Demo, name: str) -> None:
    """Exchange until nothing is left; then both sides must have shown that they are equal."""
    report = demo.laptop(name, "sync")
    _expect(bool(report["equal"]), f"{name} 与县里还没有核对一致。")


@contextmanager
def _county_running(demo: Demo) -> Iterator[str]:
    """A county server on a free port of this machine, with its database in the demo's folder."""
    port = _free_port()
    environment = _environment(demo.out)
    with (demo.out / "county.log").open("w") as log:
        _run([*_county_program(), "village", "add", VILLAGE, NAME], environment)
        server = subprocess.Popen(
            [*_county_program(), "serve", "--listen", f"127.0.0.1:{port}"], env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for_port(port, server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _prepare(out: Path) -> None:
    """An empty folder; an earlier demo there is taken away, anything else is left alone and refused."""
    marker = out / ".tiangeng-demo"
    if out.exists() and any(out.iterdir()) and not marker.exists():
        raise ProblemOutsideError(
            "这个文件夹里已经有别的东西。", safe="里面的东西没有动。", next_step="请换一个空的文件夹。"
        )
    if marker.exists():
        import shutil

        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    marker.touch()
    os.environ |= _environment(out)


def _environment(out: Path) -> dict[str, str]:
    return {
        **os.environ,
        "TIANGENG_PASSPHRASE": PASSPHRASE,
        "TIANGENG_COUNTY_DB": f"sqlite:///{out / 'county.db'}",
    }


def _program() -> list[str]:
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "desktop_app"]


def _county_program() -> list[str]:
    if getattr(sys, "frozen", False):
        return [str(Path(sys.executable).with_name("tiangeng-county"))]
    return [sys.executable, "-m", "county_server"]


def _run_json(command: list[str]) -> dict[str, Any]:
    return dict(json.loads(_run(command, dict(os.environ))))


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UserError(f"这一步没有做成：{done.stderr.strip()[-800:]}")
    return done.stdout


def _expect(condition: bool, what: str) -> None:
    if not condition:
        raise UserError(what)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_port(port: int, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise ProblemOutsideError("县服务器没有起来。", next_step="请看 county.log。")
