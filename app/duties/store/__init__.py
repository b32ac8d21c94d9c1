"""Every statement on the tables of duties."""
