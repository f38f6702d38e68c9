"""Makes the fonts of `resources/fonts` again from their packages. Run by hand, seldom; the results are committed.

    python build_spec/cut_fonts.py --work DIR --unihan Unihan_OtherMappings.txt.bz2

Needs fonttools, brotli and npm; the Unihan file is in Debian's package unicode-data. The packages are fetched into
DIR unless they lie there already, and refused when their SHA-256 is not the one below.
"""

from __future__ import annotations

import argparse
import bz2
import hashlib
import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"

# Every block that a village's paper or window draws from, besides the characters of the national table.
SYMBOL_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),  # Latin with marks, pinyin tones among them
    (0x1CD, 0x1DC),
    (0x2B0, 0x2DD),
    (0x370, 0x3FF),
    (0x2000, 0x206F),
    (0x2070, 0x209C),
    (0x20A0, 0x20BF),
    (0x2100, 0x218F),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2300, 0x23FF),
    (0x2460, 0x24FF),
    (0x2500, 0x27BF),
    (0x3000, 0x303F),
    (0x3100, 0x312F),
    (0x3200, 0x33FF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),
)
IDEOGRAPH_RANGES = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xFA0E, 0xFA29), (0x20000, 0x3FFFF))


@dataclass(frozen=True)
class Package:
    """A package of the npm registry with the sum that its tarball must have."""

    name: str
    version: str
    sha256: str
    licence: str
    licence_as: str

    @property
    def tarball(self) -> str:
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


SANS = Package(
    name="@expo-google-fonts/noto-sans-sc",
    version="0.4.3",
    sha256="0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
    licence="package/LICENSE_FONT",
    licence_as="OFL-NotoSansSC.txt",
)
SERIF = Package(
    name="@expo-google-fonts/noto-serif-sc",
    version="0.4.3",
    sha256="ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
    licence="package/LICENSE_FONT",
    licence_as="OFL-NotoSerifSC.txt",
)
KAI = Package(
    name="@fontsource/lxgw-wenkai",
    version="5.3.0",
    sha256="e796ef6dd20f4eea37625222872095a7d049fa6bfdd6fe80a15dfa22fdf2c7ca",
    licence="package/LICENSE",
    licence_as="OFL-LXGWWenKai.txt",
)


def main() -> None:
    """Fetch, check, cut, write."""
    arguments = _arguments()
    common = common_characters(arguments.unihan)
    for package in (SANS, SERIF, KAI):
        fetch(package, arguments.work)
        (FONTS / package.licence_as).write_bytes(read_member(package, arguments.work, package.licence))
    sans_files = {"Regular": "400Regular/NotoSansSC_400Regular.ttf", "Bold": "700Bold/NotoSansSC_700Bold.ttf"}
    for style, member in sans_files.items():
        # Kerning stays in the two faces that the window uses, since Qt shapes its text.
        data = read_member(SANS, arguments.work, f"package/{member}")
        cut(data, FONTS / f"NotoSansSC-{style}.ttf", characters=common, features=["kern"])
    regular = read_member(SERIF, arguments.work, "package/400Regular/NotoSerifSC_400Regular.ttf")
    bold = read_member(SERIF, arguments.work, "package/700Bold/NotoSerifSC_700Bold.ttf")
    cut(regular, FONTS / "NotoSerifSC-Regular.ttf", characters=common)
    cut(bold, FONTS / "NotoSerifSC-Bold.ttf", characters=common)
    rare = {code for code in characters_of(regular) if in_ranges(code, IDEOGRAPH_RANGES)} - common
    cut(regular, FONTS / "NotoSerifSC-Rare.ttf", characters=rare, family="Noto Serif SC Rare")
    kai = read_member(KAI, arguments.work, "package/files/lxgw-wenkai-latin-500-normal.woff2")
    cut(kai, FONTS / "LXGWWenKai-Full.ttf", characters=set(characters_of(kai)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="folder for the packages")
    parser.add_argument("--unihan", type=Path, required=True, help="Unihan_OtherMappings.txt.bz2")
    return parser.parse_args()


def common_characters(unihan: Path) -> set[int]:
    """The 8,105 of 通用规范汉字表 (Unihan's kTGH), the 6,763 of GB 2312 and the symbols."""
    table = {
        int(line.split("\t")[0][2:], 16)
        for line in bz2.decompress(unihan.read_bytes()).decode("utf-8").splitlines()
        if "\tkTGH\t" in line
    }
    if len(table) != 8105:
        raise SystemExit(f"The national table has 8105 characters, this Unihan file names {len(table)}.")
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    older = {ord(text) for row in rows if (text := row.decode("gb2312", errors="ignore"))}
    symbols = {code for first, last in SYMBOL_RANGES for code in range(first, last + 1)}
    return table | older | symbols


def fetch(package: Package, work: Path) -> None:
    """Bring the package's tarball and check its sum."""
    tarball = work / package.tarball
    if not tarball.exists():
        command = ["npm", "pack", f"{package.name}@{package.version}", "--pack-destination", str(work)]
        subprocess.run(command, check=True)
    if hashlib.sha256(tarball.read_bytes()).hexdigest() != package.sha256:
        raise SystemExit(f"{tarball.name} is not the file that the fonts were made from.")


def read_member(package: Package, work: Path, member: str) -> bytes:
    """One file of a package's tarball."""
    with tarfile.open(work / package.tarball) as archive:
        content = archive.extractfile(member)
        if content is None:
            raise SystemExit(f"{package.tarball} has no {member}.")
        return content.read()


def characters_of(data: bytes) -> list[int]:
    """The code points that a font maps."""
    return sorted(TTFont(io.BytesIO(data), lazy=True).getBestCmap())


def in_ranges(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether a code point lies in one of the ranges."""
    return any(first <= code <= last for first, last in ranges)


def cut(
    data: bytes, target: Path, *, characters: set[int], features: list[str] | None = None, family: str = ""
) -> None:
    """Write the font with these characters only, without hints, layout tables and glyph names."""
    options = subset.Options()
    options.layout_features = features or []
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables = [*options.drop_tables, "FFTM", "bsln", "feat", "morx", "prop", "vhea", "vmtx", "BASE", "STAT"]
    font = TTFont(io.BytesIO(data), recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    if family:
        rename(font, family)
    font.flavor = None
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size / 1e6:.1f} MB")


def rename(font: TTFont, family: str) -> None:
    """Give the font a family name of its own, so that a system never takes it for the one it was cut from."""
    compact = family.replace(" ", "")
    names = {1: family, 3: f"{family};{compact}-Regular", 4: f"{family} Regular", 6: f"{compact}-Regular"}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]


if __name__ == "__main__":
    main()
