"""Exchange (导入导出): sheets and boundary files read and written, imports as jobs. It knows no subject."""

READS: frozenset[str] = frozenset()
"""Tables of other rooms that statements here read."""
