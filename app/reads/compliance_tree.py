"""The responsibility tree in sight: of each unit, how many people of its subtree stand where in one period."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.directory.words import UnitLevel
from app.kernel.language import Language
from app.kernel.statements import Statement
from app.reads import rule_period
from app.reads.answers.board import ComplianceTree, ComplianceTreeItem
from app.reads.answers.named import Rule, UnitRef
from app.reads.board import FIGURES, OF_PERIOD, TALLY
from app.reads.rule_period import RuleInPeriod
from app.reads.visibility import VisibleScope


@dataclass(frozen=True, slots=True)
class UnitTallyRow:
    """A unit with the tally of its subtree; `depth` is 0 for the topmost in sight."""

    id: UUID
    code: str
    name: str
    level: UnitLevel
    depth: int
    people: int
    met: int
    met_late: int
    open: int
    missed: int
    excused: int
    awaiting_review: int
    at_risk: int
    pending_review: int
    rate: float | None


# Someone counts in every unit above them on either line (the unit that answers for them, the department that sent
# them), in each once: as they do when the board looks at that unit.
_TREE = Statement(
    UnitTallyRow,
    f"""
WITH {OF_PERIOD}, line AS (
  SELECT id AS duty_id, unit_id FROM standing
  UNION ALL SELECT id, department_id FROM standing WHERE department_id IS NOT NULL
), stands AS (
  SELECT DISTINCT line.duty_id, CAST(subpath(unit.path, 0, depth) AS text) AS path
  FROM line JOIN visible_unit AS unit ON unit.id = line.unit_id
  CROSS JOIN LATERAL generate_series(1, nlevel(unit.path)) AS depth
), tally AS (
  SELECT stands.path, {TALLY} FROM stands JOIN standing ON standing.id = stands.duty_id GROUP BY stands.path
)
SELECT unit.id, unit.code, unit.name, unit.level, nlevel(unit.path) - nlevel(top.path) AS depth,
  {", ".join(f"coalesce(tally.{name}, 0) AS {name}" for name in FIGURES if name != "rate")}, tally.rate
FROM unnest(CAST(:paths AS ltree[])) AS top (path)
JOIN visible_unit AS unit ON unit.path <@ top.path
LEFT JOIN tally ON tally.path = CAST(unit.path AS text)
ORDER BY unit.path
""",
)


async def compliance_tree(
    session: AsyncSession, visible: VisibleScope, asked: RuleInPeriod, *, language: Language
) -> ComplianceTree:
    """Every unit in sight, parents before children; each equals the board's total of that unit."""
    found = await _TREE.all(session, **visible.parameters(), **asked.parameters())
    return ComplianceTree(
        period=asked.said(),
        rule=Rule(**rule_period.said(asked.rule, language)),
        items=[
            ComplianceTreeItem(
                unit=UnitRef(id=row.id, name=row.name, level=row.level),
                code=row.code,
                depth=row.depth,
                **{name: getattr(row, name) for name in FIGURES},
            )
            for row in found
        ],
    )
