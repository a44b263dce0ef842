/** The operator's counter for meters: what they are told to do, and what they answered. */
import type { MeterId } from './core/ids.ts';
import { type MeterCommand, openCommandsMax, stateOf } from './core/meter-command.ts';
import { fail, ok } from './core/result.ts';
import type { EpochMs } from './core/units.ts';
import type { Problem } from './ports/desk.ts';
import type { CommandView, MeterDesk } from './ports/meter-desk.ts';
import type { Needs } from './ports/needs.ts';
import { type CommandProblem, orderCommand } from './steps/order-command.ts';

const commandsShown = 50;

/** `due` is called after a command was kept. */
export function openMeterDesk(hub: Needs, due: () => void): MeterDesk {
  const { books, clock } = hub;
  const isKnown = (meter: string): boolean => books.households.wasRegistered(meter as MeterId);
  return {
    command: (meter, order, lifeSeconds) => {
      const ordered = orderCommand(hub, meter as MeterId, order, lifeSeconds);
      if (!ordered.ok) return fail(words[ordered.error]);
      due();
      return ok(viewOf(ordered.value, clock.now()));
    },
    commands: (meter) =>
      isKnown(meter)
        ? ok(
            books.meters
              .commandsOf(meter as MeterId, commandsShown)
              .map((command) => viewOf(command, clock.now())),
          )
        : fail(words['unknown-meter']),
    commandOf: (meter, id) => {
      const command = books.meters.command(id);
      if (command === undefined || command.meter !== meter) return fail(noCommand);
      return ok(viewOf(command, clock.now()));
    },
  };
}

function viewOf(command: MeterCommand, now: EpochMs): CommandView {
  const { id, meter, name, args, outcome, madeAt, expiresAt, tellings } = command;
  return {
    ...{ id, meter, name, args, tellings },
    ...{ state: stateOf(command, now), outcome: outcome ?? null },
    madeAt: new Date(madeAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

const noCommand: Problem = {
  status: 404,
  title: 'No such command',
  detail: 'This meter was never told a command with that id.',
};
const words: Record<CommandProblem, Problem> = {
  'unknown-meter': {
    status: 404,
    title: 'No such meter',
    detail: 'No meter with that id is registered here.',
  },
  'too-many': {
    status: 409,
    title: 'Too many commands',
    detail: `A meter remembers ${openCommandsMax} commands that have not expired: wait for some to end.`,
  },
};
