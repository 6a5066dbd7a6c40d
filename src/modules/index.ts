import type { AnyAction, AnyModule } from './module.ts'

/** Every module that a task can name. To add one: its file and its line here. */
const registered: readonly (AnyModule | AnyAction)[] = []

export const modules: ReadonlyMap<string, AnyModule | AnyAction> = new Map(
  registered.map((module) => [module.name, module]),
)
