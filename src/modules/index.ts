import type { AnyAction, AnyModule } from './module.ts'
import { service } from './service.ts'
import { systemd } from './systemd.ts'

/** Every module that a task can name. To add one: its file and its line here. */
const registered: readonly (AnyModule | AnyAction)[] = [service, systemd]

export const modules: ReadonlyMap<string, AnyModule | AnyAction> = new Map(
  registered.map((module) => [module.name, module]),
)
