// The responsibility tree as far as the caller may see it.
import type { Unit, Village } from '../../shared/api/types'

export class UnitTree {
  private readonly byId: Map<string, Unit>

  constructor(units: Unit[]) {
    this.byId = new Map(units.map((unit) => [unit.id, unit]))
  }

  /** The one unit that holds all the others in scope; undefined when there are several. */
  get root(): Unit | undefined {
    const tops = [...this.byId.values()].filter(({ parent_id: parent }) => !this.byId.has(parent ?? ''))
    return tops.length === 1 ? tops[0] : undefined
  }

  get all(): Unit[] {
    return [...this.byId.values()]
  }

  get(id: string): Unit | undefined {
    return this.byId.get(id)
  }

  /** From the topmost unit in scope down to this one; the last is the unit itself. */
  trail(id: string): Unit[] {
    const up: Unit[] = []
    for (let unit = this.byId.get(id); unit; unit = this.byId.get(unit.parent_id ?? '')) up.unshift(unit)
    return up
  }

  villagesUnder(id: string, villages: Village[]): Village[] {
    return villages.filter((village) => this.trail(village.unit_id).some((unit) => unit.id === id))
  }
}
