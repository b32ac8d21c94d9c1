"""Every statement on the tables of access."""
