/** `simulate`: what a neighbourhood would have of a hub, by the same steps as live, faster than real time. */
import { writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type RoundRule, roundRules } from '../core/market/round-rule.ts';
import {
  bandHead,
  bandLines,
  checkLines,
  holds,
  kpiLines,
  type Line,
  moneyLines,
  pageOf,
  type Report,
  sideBySide,
} from '../simulation/report.ts';
import { simulate } from '../simulation/simulate.ts';
import { wholeWithin, within } from './number-option.ts';
import { table } from './table.ts';

type Options = {
  readonly households: number;
  readonly days: number;
  readonly seed: number;
  readonly rule: string;
  readonly lot: number;
  readonly window: number;
  readonly panels: boolean;
  readonly batteries: boolean;
  readonly outageHours: number;
} & Told;

type Told = { readonly json: boolean; readonly html: string | undefined };

const householdsMost = 5_000;
const daysMost = 400;

/** Adds `simulate`. Exit 1 when a sum does not hold. */
export function simulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('what a neighbourhood would have of a hub: bills, savings, trades, prompts')
    .option('--households <n>', 'how many live there', wholeWithin(2, householdsMost), 100)
    .option('--days <n>', 'how long', wholeWithin(1, daysMost), 7)
    .option('--seed <n>', 'seed of the neighbourhood', wholeWithin(0, 2 ** 31), 1)
    .addOption(ruleOption())
    .option('--lot <wh>', 'size of a lot, Wh', wholeWithin(1, 10_000), 1000)
    .option('--window <days>', 'days of an accounting window', wholeWithin(1, daysMost), 30)
    .option('--no-panels', 'nobody has panels')
    .option('--batteries', 'who has panels has a battery of 2.5 kWh', false)
    .option('--outage-hours <h>', 'mean length of a power cut', within(0, 100), 2.6)
    .option('--json', 'one JSON document, and nothing else, on standard output', false)
    .option('--html <file>', 'write a page with plots')
    .action(async ({ json, html, ...asked }: Options) => {
      const rule = roundRules[asked.rule];
      if (rule === undefined) throw new Error(`there is no rule ${asked.rule}`);
      const measured = await simulate(optionsOf(asked, rule), (day) => {
        if (process.stderr.isTTY) process.stderr.write(`\rday ${day} of ${asked.days} `);
      });
      tellReport({ name: 'simulate', options: asked, ...measured }, { json, html });
    });
}

const optionsOf = (
  { lot: lotWh, window: windowDays, ...rest }: Omit<Options, keyof Told>,
  rule: RoundRule,
) => ({
  ...rest,
  ...{ rule, lotWh, windowDays },
});

export const ruleOption = (): Option =>
  new Option('--rule <name>', 'how rounds are cleared')
    .choices(Object.keys(roundRules))
    .default('posted');

/** As text or as JSON, and as a page where one is wanted. */
export function tellReport(report: Report, { json, html }: Told): void {
  if (html !== undefined) writeFileSync(html, pageOf(report));
  console.log(json ? JSON.stringify(report, null, 2) : textOf(report));
  if (!holds(report)) process.exitCode = 1;
}

function textOf(report: Report): string {
  const { kpis, recorded } = report;
  const parts: readonly (readonly Line[])[] = [
    recorded === undefined ? kpiLines(kpis) : sideBySide(kpis, recorded),
    [bandHead, ...bandLines(kpis)],
    moneyLines(report),
    [['sums that must be 0', ''], ...checkLines(report)],
  ];
  return parts.map((lines) => table(lines.map((line) => [...line])).join('\n')).join('\n\n');
}
