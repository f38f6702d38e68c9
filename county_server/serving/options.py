"""How much room photos may take: options of `tiangeng-county serve`, and the words of `status` about it."""

from __future__ import annotations

import argparse
import os

from county_server.sync.content_room import (
    DISK,
    DISK_RESERVE,
    PHOTOS,
    VILLAGE_PHOTOS,
    ContentRoom,
    configured_limits,
)
from village_core.exchange.messages import MAX_BLOB

_OPTIONS = (
    (VILLAGE_PHOTOS, "--village-photos", "GB", "一个村的照片最多占多少，默认 20"),
    (PHOTOS, "--photos", "GB", "各村的照片一共最多占多少，默认 50"),
    (DISK, "--disk", "文件夹", "数据库在本机时，它所在的盘：快满了先不收照片"),
    (DISK_RESERVE, "--disk-reserve", "GB", "这个盘给记录留多少，默认 10，盘小时是一成"),
)


def add_room_options(serve: argparse.ArgumentParser) -> None:
    """Each stands in for a variable of the environment, which the other commands go by."""
    for variable, option, unit, words in _OPTIONS:
        serve.add_argument(option, dest=variable, metavar=unit, help=f"{words}（或环境变量 {variable}）")


def set_room(options: argparse.Namespace) -> None:
    """What was given goes into the environment, where the workers find it; refuses what makes no sense."""
    given = {variable: getattr(options, variable) for variable, *_ in _OPTIONS}
    os.environ.update({variable: value for variable, value in given.items() if value is not None})
    configured_limits()


def room_words(room: ContentRoom) -> str:
    """A line for operators."""
    told = f"照片占 {_gb(room.kept)}，最多 {_gb(room.most)}"
    told += "" if room.free is None else f"；盘上还空 {_gb(room.free)}，给记录留 {_gb(room.reserve)}"
    if room.left_for(0) <= 0:
        return told + "。照片暂时不收了，记录照收：请给照片加地方。"
    if room.left_for(MAX_BLOB) <= 0:
        return told + "。原图暂时不收了，小图和记录照收：请给照片加地方。"
    return told + "。"


def _gb(count: int) -> str:
    return f"{count / (1 << 30):,.1f} GB"
