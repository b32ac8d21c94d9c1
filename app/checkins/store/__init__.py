"""Every statement on the tables of check-ins."""
