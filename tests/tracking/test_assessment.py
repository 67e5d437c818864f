"""Alerts are judgements on top of the stage."""

import pytest

from custom_components.waybill.tracking.assessment import Alert, AlertKind, assess
from custom_components.waybill.tracking.model import Stage

from .journeys import START

ALERTS = {
    Stage.CUSTOMS_ACTION_REQUIRED: AlertKind.CUSTOMS_ACTION,
    Stage.RETURNING: AlertKind.RETURNING,
    Stage.EXCEPTION: AlertKind.EXCEPTION,
}


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_that_needs_the_person_is_an_alert(stage: Stage) -> None:
    kind = ALERTS.get(stage)
    expected = () if kind is None else (Alert(kind=kind, since=START, detail="Why"),)
    assert assess(stage, START, "Why") == expected
