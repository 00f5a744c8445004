from ipaddress import ip_address, ip_network

import pytest

from cds.outbound.policy import Policy, address_of, is_public

SPECIAL = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.255 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
2001:2::1 2001:10::1 2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 4000::1 5f00::1 fc00::1
fd00:ec2::254 fe80::1 fec0::1 ff02::1
"""
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 169.255.0.0
172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0
223.255.255.255 2000::1 2001:200::1 2001:4860:4860::8888 2606:4700:4700::1111 2a00:1450:4001::1 64:ff9b::808:808
"""


@pytest.mark.parametrize("address", SPECIAL.split())
def test_an_address_with_a_special_purpose_is_not_public(address):
    """S4"""
    assert is_public(ip_address(address)) is False


@pytest.mark.parametrize("address", PUBLIC.split())
def test_the_addresses_beside_them_are_public(address):
    assert is_public(ip_address(address)) is True


@pytest.mark.parametrize("wrapped", ["::ffff:127.0.0.1", "::ffff:7f00:1"])
def test_an_ipv4_address_wrapped_in_ipv6_is_taken_for_what_it_is(wrapped):
    assert address_of(wrapped) == ip_address("127.0.0.1")


@pytest.mark.parametrize("text", ["ehr.test", "fe80::1%eth0", "127.1", "0177.0.0.1", "2130706433", "127.0.0.1.", ""])
def test_what_is_no_plain_address_is_none(text):
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("address", "scheme", "permitted"),
    [
        ("10.1.2.3", "https", True),
        ("10.1.2.3", "http", True),  # listed: the operator's own network
        ("10.2.0.0", "https", False),
        ("10.0.255.255", "https", False),
        ("8.8.8.8", "https", True),
        ("8.8.8.8", "http", False),  # without TLS nothing but what is listed
        ("::1", "https", False),
    ],
)
def test_without_tls_only_listed_addresses_are_permitted_and_with_it_public_ones_too(address, scheme, permitted):
    """S4"""
    assert Policy((ip_network("10.1.0.0/16"),)).permits(ip_address(address), scheme) is permitted
