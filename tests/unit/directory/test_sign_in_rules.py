"""Whose tries at passwords are counted together."""

import pytest

from app.access.tries import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("", ""),
    ],
)
def test_a_network_is_an_address_or_the_64_of_an_office(address: str, network: str):
    assert network_of(address) == network
