/** What the operator may tell meters, and see of it. */
import type { CommandOrder, CommandState } from '../core/meter-command.ts';
import type { Result } from '../core/result.ts';
import type { Problem } from './desk.ts';

export type CommandView = {
  readonly id: string;
  readonly meter: string;
  readonly name: CommandOrder['name'];
  readonly args: Readonly<Record<string, number | boolean>>;
  readonly state: CommandState;
  /** The meter's word (`done`, `failed`, `expired`, `repeated` …); null while it has not answered. */
  readonly outcome: string | null;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly expiresAt: string;
  /** How often it was said. */
  readonly tellings: number;
};

export interface MeterDesk {
  /** Kept at once, said as soon as the meter is there; `lifeSeconds` until it may no longer be obeyed. */
  command(meter: string, order: CommandOrder, lifeSeconds: number): Result<CommandView, Problem>;
  /** The newest first. */
  commands(meter: string): Result<readonly CommandView[], Problem>;
  commandOf(meter: string, id: string): Result<CommandView, Problem>;
}
