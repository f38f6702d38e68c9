"""Which form records which step, and under which page key."""

from __future__ import annotations

from collections.abc import Callable

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from village_core.domain.relief.steps import StepKind


def page_key(kind: StepKind) -> str:
    """The key of the form of a step, e.g. `case_payment`."""
    return f"case_{kind.value}"


def step_pages() -> dict[str, Callable[[PageContext], Page]]:
    """Page key → maker; each form is imported when it is first opened."""
    return {page_key(kind): _maker(kind) for kind in StepKind}


def _maker(kind: StepKind) -> Callable[[PageContext], Page]:
    def make(context: PageContext) -> Page:
        from desktop_app.relief.screens import (
            closing_forms,
            intake_forms,
            meeting_form,
            notice_forms,
            payment_form,
        )

        forms: dict[StepKind, Callable[[PageContext], Page]] = {
            StepKind.APPLICATION: intake_forms.ApplicationForm,
            StepKind.FIRST_REVIEW: intake_forms.FirstReviewForm,
            StepKind.PARTY_PROPOSAL: meeting_form.ProposalForm,
            StepKind.COMMITTEES_CONSULTATION: meeting_form.ConsultationForm,
            StepKind.PARTY_MEMBERS_REVIEW: meeting_form.PartyReviewForm,
            StepKind.VILLAGERS_RESOLUTION: meeting_form.ResolutionForm,
            StepKind.RESOLUTION_PUBLISHED: notice_forms.ResolutionPublishedForm,
            StepKind.TOWNSHIP_REVIEW: notice_forms.TownshipForm,
            StepKind.NOTICE_POSTED: notice_forms.NoticePostedForm,
            StepKind.OBJECTION_RECEIVED: notice_forms.ObjectionForm,
            StepKind.OBJECTION_CONCLUDED: notice_forms.ConclusionForm,
            StepKind.NOTICE_TAKEN_DOWN: notice_forms.NoticeTakenDownForm,
            StepKind.PAYMENT: payment_form.PaymentForm,
            StepKind.RESULT_PUBLISHED: notice_forms.ResultPublishedForm,
            StepKind.FOLLOW_UP: closing_forms.FollowUpForm,
            StepKind.ARCHIVE: closing_forms.ArchiveForm,
            StepKind.WITHDRAWAL: closing_forms.WithdrawalForm,
            StepKind.INSPECTION: closing_forms.InspectionForm,
            StepKind.OTHER_HELP: closing_forms.OtherHelpForm,
        }
        return forms[kind](context)

    return make
