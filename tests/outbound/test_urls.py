import pytest

from cds.outbound.urls import Url, parsed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://ehr.example.org", Url("https", "ehr.example.org", 443, "", None)),
        ("HTTPS://EHR.Example.org:443/FHIR", Url("https", "ehr.example.org", 443, "/FHIR", None)),
        ("http://10.0.0.1:8080/a/b?c=d|e", Url("http", "10.0.0.1", 8080, "/a/b", "c=d|e")),
        ("http://[0:0:0:0:0:0:0:1]:1/?", Url("http", "::1", 1, "/", "")),
        ("https://fhir_server-1:65535/$x", Url("https", "fhir_server-1", 65_535, "/$x", None)),
    ],
)
def test_a_url_falls_into_its_parts(text, expected):
    assert parsed(text) == expected


def test_a_query_goes_over_the_wire_without_the_characters_that_servers_refuse():
    url = parsed('https://ehr.test/Condition?code=http://loinc.org|4548-4,x%7Cy&t="<\\{`')

    assert url is not None
    assert url.target == "/Condition?code=http://loinc.org%7C4548-4,x%7Cy&t=%22%3C%5C%7B%60"


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("https://ehr.test:443/", "ehr.test"),
        ("https://ehr.test:80/", "ehr.test:80"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_the_usual_port_is_not_spelled_out(text, authority):
    url = parsed(text)

    assert url is not None
    assert (url.authority, url.origin) == (authority, f"{url.scheme}://{authority}")
