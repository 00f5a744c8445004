"""Which addresses may be connected to: the public ones, and those that the operator has listed."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

# IANA's registries of special-purpose addresses, as of RFC 6890 and its updates. Written down rather than asked of
# `ipaddress`, whose answers differ between the releases of Python.
_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "2001::/23",  # among them Teredo, which carries an IPv4 address
            "2001:db8::/32",
            "2002::/16",  # 6to4, which carries one too
            "3fff::/20",
        ),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")  # nothing else of IPv6 is public
_NAT64: Final = IPv6Network("64:ff9b::/96")  # but this, where it stands for a public IPv4 address


@dataclass(frozen=True, slots=True)
class Policy:
    """``private``: addresses that may be connected to although they are not public, and without TLS. ``ca_file``:
    authorities that are trusted beside the system's.
    """

    private: tuple[Network, ...] = ()
    ca_file: Path | None = None

    def permits(self, address: Address, scheme: str) -> bool:
        listed = any(address in network for network in self.private)
        return listed or (scheme == "https" and is_public(address))


def address_of(text: str) -> Address | None:
    """The address a text spells, IPv4 where IPv6 only wraps it; None for a name, or an address with a zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    return not any(address in network for network in _SPECIAL)
