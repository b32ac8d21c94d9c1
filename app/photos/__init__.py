"""Photos as evidence: what was taken, when and where, kept in an object store."""
