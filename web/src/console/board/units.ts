// The responsibility tree as far as the caller may see it.
import type { Unit, Village } from '../../shared/api/types'

export class UnitTree {
  private byId = new Map<string, Unit>()

  constructor(units: Unit[]) {
    this.renew(units)
  }

  renew(units: Unit[]): void {
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

  /** Every unit that is not closed, in the order of the tree, with the names from the top down to it; and the one named,
   *  closed or not. */
  choices(today: string, also = ''): { id: string; name: string }[] {
    return this.all
      .filter(({ id, until_date: until }) => id === also || !until || until > today)
      .map(({ id }) => ({
        id,
        name: this.trail(id)
          .map(({ name }) => name)
          .join(' › '),
      }))
      .sort((a, b) => a.name.localeCompare(b.name, 'zh-CN'))
  }

  villagesUnder(id: string, villages: Village[]): Village[] {
    return villages.filter((village) => this.trail(village.unit_id).some((unit) => unit.id === id))
  }
}
