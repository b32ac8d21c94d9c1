"""One broken server for each clause that is tried."""

from app.conformance import broken_answers, broken_visits

MUTANTS = {**broken_answers.mutants, **broken_visits.mutants}
"""By the clause that each breaks."""
