import pytest

from cds.fhir.remote.scopes import coverage

SEARCH, READ = "Observation?patient=1&code=x|1", "Observation/1"


@pytest.mark.requirement("CH-076")
@pytest.mark.parametrize(
    ("scope", "search", "read"),
    [
        # version 1
        ("patient/Observation.read", "whole", "whole"),
        ("patient/*.read", "whole", "whole"),
        ("user/Observation.*", "whole", "whole"),
        ("system/*.*", "whole", "whole"),
        ("user/Observation.write", "none", "none"),
        ("patient/Patient.read user/Condition.read", "none", "none"),
        # version 2
        ("patient/Observation.rs", "whole", "whole"),
        ("system/*.rs", "whole", "whole"),
        ("user/Observation.cruds", "whole", "whole"),
        ("user/Observation.s", "whole", "none"),
        ("user/Observation.r", "none", "whole"),
        ("user/Observation.cud", "none", "none"),
        ("user/Observation.", "none", "none"),
        ("user/Observation.sr", "none", "none"),  # the letters have an order
        ("patient/Observation.rs?category=laboratory", "part", "part"),
        ("patient/Observation.s?category=a patient/Observation.s?category=b", "part", "none"),
        ("patient/Observation.rs?category=a patient/Observation.rs", "whole", "whole"),
        ("patient/*.rs?category=a", "part", "part"),
        ("patient/Condition.rs?category=a", "none", "none"),
        # neither
        ("openid fhirUser launch launch/patient offline_access", "none", "none"),
        ("", "none", "none"),
        ("observation.read", "none", "none"),
        ("patient/observation.read", "none", "none"),
        ("patient/Observation.READ", "none", "none"),
        ("Patient/Observation.read", "none", "none"),
        ("xpatient/Observation.readx", "none", "none"),
        ("patient/Observation.read?category=a", "none", "none"),
        ("openid  user/Observation.rs\tprofile", "whole", "whole"),
    ],
)
def test_a_scope_lets_through_all_or_part_or_nothing(scope, search, read):
    """CH-076, CH-077"""
    assert (coverage(scope, SEARCH), coverage(scope, READ)) == (search, read)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Observation?patient=1&category=laboratory", "whole"),
        ("Observation?category=laboratory&patient=1&code=x", "whole"),
        ("Observation?patient=1&category=laboratory,vital-signs", "part"),
        ("Observation?patient=1", "part"),
    ],
)
def test_a_query_for_no_more_than_the_part_is_covered_whole(query, expected):
    assert coverage("patient/Observation.rs?category=laboratory", query) == expected
