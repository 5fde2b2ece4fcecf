"""The application keeps to its own OpenAPI description, whatever is sent."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from crmetl.service import make_app
from tests.service.fake import FakeChecks

schema = schemathesis.openapi.from_asgi("/openapi.json", make_app(FakeChecks("江南精密机械")))


@schema.parametrize()
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case[Any]) -> None:
    """
    Statuses, shapes and content types of all answers are those of /openapi.json; none is a 500.

    Which entities and fields there are is the project's matter and stands in no schema, so a body of the right shape may
    still be refused.
    """
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
