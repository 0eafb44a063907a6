"""What is not an account ID finds nothing, and nothing must not pass for an answer: it is refused, whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.errors import QueryError

if TYPE_CHECKING:
    import rootforensics as rf

#: Everything of a case that takes an account.
ASKED = (
    "analysis", "blast_radius", "brief", "containment", "findings", "hypotheses", "incident_timeline", "indicators", "sign_ins", "story",
    "timeline", "verdict",
)  # fmt: skip


@pytest.mark.quick(1)
@pytest.mark.parametrize("given", ["123", "unknown", "11112222333 "])
def test_what_is_no_account_is_refused(given: str, sample_case: rf.Case) -> None:
    for name in ASKED:
        with pytest.raises(QueryError, match="is not an account ID"):
            getattr(sample_case, name)(account_id=given)
    with pytest.raises(QueryError, match="is not an account ID"):
        sample_case.chart("incident", account_id=given)
    with pytest.raises(QueryError, match="is not an account ID"):
        sample_case.reconcile([], account_id=given)


def test_a_number_that_lost_its_noughts_is_refused(sample_case: rf.Case) -> None:
    with pytest.raises(QueryError, match="'12345678901' is not an account ID"):
        sample_case.query("root_signins", account_id=12345678901)
    assert len(sample_case.query("root_signins", account_id=444455556666)) == 1  # docs/sample-incident.md
