"""How fast the product is, beside something measured on the same machine in the same run. `make bench`."""
