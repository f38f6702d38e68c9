"""A finished paper on its way to the preview, the printer or a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from desktop_app.pdf_kit.document import RenderedPdf


@dataclass(frozen=True)
class NumbersOnPaper:
    """Whose identity and account numbers are on a paper, for the journal, and whether they are covered on it."""

    about: UUID
    whose: str
    what: str
    covered: bool


@dataclass(frozen=True)
class Paper:
    """A PDF with what is told about it. `kind` is that of `PrintedDocument`; `file_name` has no folder.

    The queue of a printer and the folders of other programs show `file_name` to everybody: kind and number, no name
    of anybody. `title` and `subject` stay in the program; `subject` is short: what it is about, as a subtitle on the
    screen. What is no paper of the village's business (`on_record` is false) leaves a line in the access log only.
    `on_kept` is called when it was printed or saved. `about`: the household or person concerned where there is no
    case.
    """

    kind: str
    title: str
    subject: str
    file_name: str
    rendered: RenderedPdf
    case_id: UUID | None = None
    on_record: bool = True
    on_kept: Callable[[], None] | None = None
    numbers: NumbersOnPaper | None = None
    about: UUID | None = None

    @property
    def queue_name(self) -> str:
        """What the printer's queue calls it."""
        return self.file_name.removesuffix(".pdf")


def safe_file_name(text: str) -> str:
    """The text without what Windows or Linux forbid in a file's name."""
    return "".join(c for c in text if c not in '\\/:*?"<>|' and c.isprintable()).strip(" .")


PaperMaker = Callable[..., Callable[[], Paper]]
"""`maker(workspace, **arguments)` gathers what the paper of a kind needs; calling the answer draws it.

Two steps, because the first reads the database and the second takes longer and needs it no more. The arguments are
those with which the preview was opened, besides its kind. Whoever makes a paper with `numbers` covers them unless
it is called with `covered=False`, which it refuses to whoever may not see them.
"""
