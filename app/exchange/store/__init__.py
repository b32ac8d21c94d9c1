"""Every statement on the tables of exchange."""
