"""Yefang (夜访): field check-in and GPS supervision."""
