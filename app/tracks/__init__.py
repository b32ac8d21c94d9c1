"""Optional GPS tracks of whole visits, and the stays in villages that they show."""
