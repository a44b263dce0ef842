/** `meters command ID …`: tells a meter to do something, through the running hub, and waits for its answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type CommandOrder,
  commandLifeSecondsMax,
  commandLifeSecondsUsual,
} from '../core/meter-command.ts';
import type { CommandView } from '../ports/meter-desk.ts';
import { ask, type Json, order, print } from './hub-api.ts';

type Options = Json & {
  readonly for?: number;
  readonly within: number;
  readonly voltagePpm: number;
  readonly currentPpm: number;
  readonly lagNs: number;
};

const leaseSecondsMax = 86_400;
/** How long it lasts when nobody says so. */
const usualSeconds = { limit: 3_600, relay: 600, identify: 30 } as const;
const lookEveryMs = 200;
/** The hub counts by its own clock, which may run faster than ours but not slower. */
const graceMs = 2_000;

const whole = (least: number, most: number) => (text: string) => {
  const number = Number(text);
  if (/^-?\d+$/.test(text) && number >= least && number <= most) return number;
  throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
};
const correction = (flag: string, words: string) =>
  new Option(flag, words).argParser(whole(-5_000_000, 5_000_000)).default(0);

/** Adds `meters command`. */
export function meterOrdersCommand(meters: Command): void {
  meters
    .command('command <id> <name> [value]')
    .description('tell a meter: identify, relay on, relay off, limit WATTS, or calibrate')
    .option('--for <seconds>', 'how long it lasts; it ends by itself', whole(1, leaseSecondsMax))
    .addOption(
      new Option('--within <seconds>', 'after that the meter refuses it')
        .argParser(whole(1, commandLifeSecondsMax))
        .default(commandLifeSecondsUsual),
    )
    .addOption(correction('--voltage-ppm <n>', 'calibrate: gain of the voltage'))
    .addOption(correction('--current-ppm <n>', 'calibrate: gain of the current'))
    .addOption(correction('--lag-ns <n>', 'calibrate: lag of the current'))
    .option('--json')
    .action(async (id: string, name: string, value: string | undefined, options: Options) => {
      const command = orderOf(name, value, options);
      const path = `/api/meters/${encodeURIComponent(id)}/commands`;
      const kept = await order<CommandView>(path, { command, expires_s: options.within });
      const ended = await endOf(`${path}/${kept.id}`, kept, options.within * 1_000 + graceMs);
      print(ended, options.json, (shown) => [sentence(shown)]);
      if (ended.outcome !== 'done') process.exitCode = 1;
    });
}

function orderOf(name: string, value: string | undefined, options: Options): CommandOrder {
  const lasting = (usual: number) => ({ for_s: options.for ?? usual });
  if (name === 'identify' && value === undefined)
    return { name, args: lasting(usualSeconds.identify) };
  if (name === 'relay' && value === 'on') return { name, args: { on: true } };
  if (name === 'relay' && value === 'off')
    return { name, args: { on: false, ...lasting(usualSeconds.relay) } };
  if (name === 'limit' && value !== undefined)
    return { name, args: { watts: wattsOf(value), ...lasting(usualSeconds.limit) } };
  if (name === 'calibrate' && value === undefined) {
    const { voltagePpm, currentPpm, lagNs } = options;
    return { name, args: { u_ppm: voltagePpm, i_ppm: currentPpm, lag_ns: lagNs } };
  }
  throw new Error('A meter knows: identify, relay on, relay off, limit WATTS, calibrate.');
}

function wattsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Error('A limit is a whole number of watts.');
}

async function endOf(path: string, kept: CommandView, mostMs: number): Promise<CommandView> {
  const deadline = performance.now() + mostMs;
  for (let seen = kept; ; seen = await ask<CommandView>(path)) {
    const isOver = seen.state === 'answered' || seen.state === 'expired';
    if (isOver || performance.now() > deadline) return seen;
    await sleep(lookEveryMs);
  }
}

const outcomes: Readonly<Record<string, string>> = {
  done: 'done',
  failed: 'the house could not do it',
  expired: 'it came too late, by the meter’s clock',
  'too-long': 'it lives too long, by the meter’s clock: is one of the clocks wrong?',
  repeated: 'it was taken before; whether it was obeyed is not known, look at the meter',
  'too-many': 'the meter remembers too many commands: wait some minutes',
  'no-clock': 'the meter does not know the time',
  malformed: 'the meter does not understand it',
  unknown: 'the meter cannot do that',
};

function sentence({ meter, name, state, outcome, tellings }: CommandView): string {
  if (outcome !== null) return `Meter ${meter}, ${name}: ${outcomes[outcome] ?? outcome}.`;
  if (tellings === 0) return `Meter ${meter} was not there: ${name} was never said.`;
  return state === 'expired'
    ? `Meter ${meter} did not answer: whether it obeyed ${name} is not known.`
    : `Meter ${meter} has not answered yet.`;
}
