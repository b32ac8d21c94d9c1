"""Every statement on the tables of notices."""
