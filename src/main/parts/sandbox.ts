/** Whether agents and check commands are isolated: as the settings want it, and as the machine can. */
import { UserError } from '#core/errors.ts'

export interface Isolation {
  readonly sandbox: 'on' | 'off'
  /** What must be seen on every page. */
  readonly warnings: readonly string[]
}

/** @throws {UserError} where it is wanted, not possible, and `otherwise` is `refuse`. */
export async function chooseSandbox(
  wanted: 'on' | 'off',
  otherwise: 'refuse' | 'say',
  canSandbox: () => Promise<{ can: true } | { can: false; why: string }>,
): Promise<Isolation> {
  if (wanted === 'off')
    return {
      sandbox: 'off',
      warnings: ['The sandbox is off: agents and check commands run with all rights of Orch’s own user.'],
    }
  const answer = await canSandbox()
  if (answer.can) return { sandbox: 'on', warnings: [] }
  if (otherwise === 'refuse') throw new UserError(answer.why)
  return { sandbox: 'off', warnings: [`The sandbox is off, because this machine cannot isolate: ${answer.why}`] }
}
