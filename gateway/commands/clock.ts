/** `clock show`, `clock confirm TIME`: what time the hub goes by, and the keeper's word for it. */
import type { Command } from 'commander';
import type { ClockDesk } from '../ports/hub-clock.ts';
import { ask, type Json, order, print } from './hub-api.ts';
import { table } from './table.ts';

type Shown = ReturnType<ClockDesk['show']>;

/** Adds `clock show [--json]` and `clock confirm TIME [--json]`. */
export function clockCommand(program: Command): void {
  const clock = program.command('clock').description('the time that the hub goes by');
  clock
    .command('show')
    .description('what it shows, and why it is believed or not')
    .option('--json')
    .action(async ({ json }: Json) => print(await ask<Shown>('/api/clock'), json, inWords));
  clock
    .command('confirm <time>')
    .description('say what time it is, as 2026-03-12T09:00:00+03:00, where nobody else can')
    .option('--json')
    .action(async (time: string, { json }: Json) =>
      print(await order<Shown>('/api/clock', { time }), json, inWords),
    );
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const inWords = ({ time, trust, because, jumps, wallAheadMs, witnesses }: Shown): string[] => [
  `${time} (${trust}). ${because}`,
  ...table([
    ['  machine’s clock ahead of it by', seconds(wallAheadMs)],
    ['  times that it was set since the start', String(jumps)],
    ...Object.entries(witnesses).map(([name, aheadMs]) => [
      ...[`  machine’s clock ahead of ${name} by`, seconds(aheadMs)],
    ]),
  ]),
];
