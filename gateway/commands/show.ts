/** Commands that look at a running hub through its API. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { HouseholdView, HubStatus, TradeView } from '../ports/desk.ts';
import { configFrom, hubEnvironment } from './environment.ts';
import { table } from './table.ts';

type Json = { readonly json?: boolean };

/** Asks the hub of this configuration, usually as its operator; throws a sentence when it does not run. */
async function ask<T>(path: string, isPublic = false): Promise<T> {
  const config = configFrom(hubEnvironment());
  const url = `http://127.0.0.1:${config.HTTP_PORT}`;
  const response = await fetch(`${url}${path}`, {
    headers: isPublic ? {} : operator(config),
    signal: AbortSignal.timeout(5_000),
  }).catch(() => {
    throw new Error(`No hub answers at ${url}. Is it running? scripts/hub start`);
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json()) as { title: string; detail?: string };
  throw new Error(`${problem.title}. ${problem.detail ?? ''}`.trim());
}

const operator = ({ HUB_DATA_DIR, HUB_OPERATOR_TOKEN }: Config) => ({
  authorization: `Bearer ${tokenOf(HUB_DATA_DIR, HUB_OPERATOR_TOKEN)}`,
});

function tokenOf(dataDir: string, token: string | undefined): string {
  if (token !== undefined) return token;
  try {
    return readFileSync(join(dataDir, 'operator-token'), 'utf8').trim();
  } catch {
    throw new Error(`No operator token in ${dataDir}. Set HUB_DATA_DIR to the hub's data folder.`);
  }
}

/** `--json` prints the API's own words, else one line per thing. */
function print<T>(value: T, json: boolean | undefined, lines: (value: T) => string[]): void {
  const text = json ? JSON.stringify(value, null, 2) : lines(value).join('\n');
  process.stdout.write(`${text}\n`);
}

/** Adds `status [--json]`. */
export function statusCommand(program: Command): void {
  program
    .command('status')
    .description('what runs, and how it is')
    .option('--json')
    .action(async ({ json }: Json) => {
      const status = await ask<HubStatus>('/api/status', true);
      print(status, json, ({ hub, version, time, integrations }) => [
        `${hub}, version ${version}, ${time.neighbourhood} (${time.trust})`,
        ...table(
          Object.entries(integrations).map(([name, { mode, state, detail }]) => [
            ...[`  ${name}`, mode, state, detail],
          ]),
        ),
      ]);
    });
}

const tradeCells = ({ id, sellerId, buyerId, energyWh, amountCents, state }: TradeView) => [
  ...[id, `${sellerId} → ${buyerId}`, `${energyWh} Wh`],
  ...[`KES ${(amountCents / 100).toFixed(2)}`, state],
];

/** Adds `trades list [--json]` and `trades show ID [--json]`. */
export function tradesCommand(program: Command): void {
  const trades = program.command('trades').description('trades and their journeys');
  trades
    .command('list')
    .description('the last trades, newest first')
    .option('--json')
    .action(async ({ json }: Json) => {
      const { trades: list } = await ask<{ trades: TradeView[] }>('/api/trades');
      print(list, json, (rows) =>
        rows.length === 0 ? ['No trades yet.'] : table(rows.map(tradeCells)),
      );
    });
  trades
    .command('show <id>')
    .description('one trade and its whole journey')
    .option('--json')
    .action(async (id: string, { json }: Json) => {
      type Journey = TradeView & { journey: { at: string; event: string; detail: string }[] };
      print(await ask<Journey>(`/api/trades/${encodeURIComponent(id)}`), json, (trade) => [
        ...table([tradeCells(trade)]),
        ...table(trade.journey.map(({ at, event, detail }) => [`  ${at}`, event, detail])),
      ]);
    });
}

/** Adds `wallets show HOUSEHOLD [--json]`. */
export function walletsCommand(program: Command): void {
  program
    .command('wallets')
    .description('what households own')
    .command('show <household>')
    .description('wallet, earnings and energy of one household')
    .option('--json')
    .action(async (household: string, { json }: Json) => {
      print(
        await ask<HouseholdView>(`/api/households/${encodeURIComponent(household)}`),
        json,
        (one) => [
          `${one.name} (${one.id}, ${one.phone})`,
          `  wallet   KES ${(one.walletCents / 100).toFixed(2)}`,
          `  earnings KES ${(one.earningsCents / 100).toFixed(2)}`,
          `  energy   ${one.energyWh} Wh to sell, ${one.boughtWh} Wh bought, ${one.needWh} Wh needed`,
        ],
      );
    });
}
