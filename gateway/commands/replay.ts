/** `replay`: a hub's own recorded days again, with another way to clear rounds. */
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { openRecorded } from '../adapters/sqlite/recorded.ts';
import { roundRules } from '../core/market/round-rule.ts';
import { dayMs, slotAt } from '../core/slot.ts';
import { epochMs, type SlotNumber } from '../core/units.ts';
import { replay } from '../simulation/replay.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { ruleOption, tellReport } from './simulate.ts';

type Options = {
  readonly from: number;
  readonly to: number;
  readonly rule: string;
  readonly json: boolean;
  readonly html: string | undefined;
};

const eastAfrica = '+03:00';

/** Adds `replay`. `--from` is the first day, `--to` the last; the running hub is only read. */
export function replayCommand(program: Command): void {
  program
    .command('replay')
    .description('what if: this hub’s recorded days with another way to clear rounds')
    .requiredOption('--from <date>', 'first day, as 2026-06-15', midnight)
    .requiredOption('--to <date>', 'last day', midnight)
    .addOption(ruleOption())
    .option('--json', 'one JSON document, and nothing else, on standard output', false)
    .option('--html <file>', 'write a page with plots')
    .action(async ({ from, to, rule: name, json, html }: Options) => {
      const rule = roundRules[name];
      if (rule === undefined) throw new Error(`there is no rule ${name}`);
      if (to < from) throw new Error('the last day lies before the first');
      using recorded = openRecorded(join(configFrom(hubEnvironment()).HUB_DATA_DIR, 'books.db'));
      const span = { from: slotAt(epochMs(from)), to: slotAt(epochMs(to + dayMs)) };
      checkSpan(span, recorded.span());
      const measured = await replay({ recorded, ...span, rule });
      const days = { from: dateOf(from), to: dateOf(to), rule: name };
      tellReport({ name: 'replay', options: days, ...measured }, { json, html });
    });
}

type Span = { readonly from: SlotNumber; readonly to: SlotNumber };

function checkSpan(asked: Span, known: Span | undefined): void {
  if (known === undefined) throw new Error('this hub has recorded nothing yet');
  if (asked.from < known.from || asked.to > known.to)
    throw new Error(
      `this hub has recorded from ${timeOf(known.from)} to ${timeOf(known.to)}: ask for whole days of that`,
    );
}

const timeOf = (slot: SlotNumber): string =>
  new Date(slot * 900_000 + 3 * 3_600_000).toISOString().slice(0, 16);

function midnight(text: string): number {
  const at = /^\d{4}-\d\d-\d\d$/.test(text)
    ? Date.parse(`${text}T00:00:00${eastAfrica}`)
    : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError('a date such as 2026-06-15 is needed');
  return at;
}

/** Noon of East Africa Time is the same date in UTC. */
const dateOf = (midnightMs: number): string =>
  new Date(midnightMs + dayMs / 2).toISOString().slice(0, 10);
