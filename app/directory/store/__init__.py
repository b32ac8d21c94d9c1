"""Every statement on the tables of the directory."""
