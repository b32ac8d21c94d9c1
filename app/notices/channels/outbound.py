"""Where notices may be sent: the public network, and what the installation names beside it.

A county chooses the address of its gateway, and a browser that of its push service. Neither may have this server
call its own machine or the network behind it. Every name is looked up through here, whatever its spelling and
wherever an answer redirects to; what is looked up is what is called.
"""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


@dataclass(frozen=True, slots=True)
class Outbound:
    """`allowed`: networks that are none of the public ones, such as a government's own with its SMS gateway."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, networks: str) -> "Outbound":
        """Networks such as `10.20.0.0/16`, between commas. Raises ValueError."""
        return cls(tuple(ipaddress.ip_network(each.strip()) for each in networks.split(",") if each.strip()))

    def admits(self, address: str) -> bool:
        """Whether a numeric address may be called."""
        found = _inner(ipaddress.ip_address(address.partition("%")[0]))
        if any(found in network for network in self.allowed if network.version == found.version):
            return True
        return found.is_global and not found.is_multicast

    def admits_host(self, host: str) -> bool:
        """The same of a host as it is written; a name is admitted here, and looked at when it is looked up."""
        try:
            found = _look_up(host.strip("[]"), None, flags=socket.AI_NUMERICHOST)
        except OSError:
            return True
        return all(self.admits(str(each[4][0])) for each in found)

    @contextmanager
    def only(self) -> Iterator["Refused"]:
        """While it lasts, and in threads that take this context along, nothing else is reached."""
        refused = Refused()
        before = _HERE.set((self, refused))
        try:
            yield refused
        finally:
            _HERE.reset(before)


@dataclass(slots=True)
class Refused:
    """Hosts that were looked up and are not admitted."""

    hosts: list[str] = field(default_factory=list)


_HERE: ContextVar[tuple[Outbound, Refused] | None] = ContextVar("outbound", default=None)
_look_up = socket.getaddrinfo


def _guarded(host: Any, *args: Any, **kwargs: Any) -> list[Any]:
    found = _look_up(host, *args, **kwargs)
    here = _HERE.get()
    if here is None:
        return found
    rule, refused = here
    admitted = [each for each in found if rule.admits(str(each[4][0]))]
    if not admitted:
        refused.hosts.append(str(host))
        raise socket.gaierror(socket.EAI_NONAME, "not on the public network")
    return admitted


# The one door that requests, urllib3 and smtplib all go through. It changes nothing outside `only`.
socket.getaddrinfo = _guarded


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
