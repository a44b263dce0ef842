/** Commands that look at a running hub through its API. */
import type { Command } from 'commander';
import type { HouseholdView, HubStatus, TradeView } from '../ports/desk.ts';
import type { Done, StatementView } from '../ports/money-desk.ts';
import { ask, type Json, kes, order, print } from './hub-api.ts';
import { wholeWithin } from './number-option.ts';
import { table } from './table.ts';

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
  ...[kes(amountCents), state],
];

type Stop = { readonly at: string; readonly event: string; readonly detail: string };

/** Each with the time since the one before, so that it is seen where a trade waited. */
const journeyCells = (journey: readonly Stop[]): string[][] =>
  journey.map(({ at, event, detail }, n) => {
    const waitedMs = Date.parse(at) - Date.parse(journey[n - 1]?.at ?? at);
    return [`  ${at}`, event, n === 0 ? '' : `+${(waitedMs / 1_000).toFixed(1)} s`, detail];
  });

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
      type Journey = TradeView & { journey: Stop[] };
      print(await ask<Journey>(`/api/trades/${encodeURIComponent(id)}`), json, (trade) => [
        ...table([tradeCells(trade)]),
        ...table(journeyCells(trade.journey)),
      ]);
    });
}

const amountCells = (cents: number): string => `${cents < 0 ? '-' : '+'}${kes(Math.abs(cents))}`;

const statementLines = ({ lines }: StatementView): string[] =>
  lines.length === 0
    ? []
    : [
        'Statement (amount, then what the account held)',
        ...table(
          lines.map(({ at, account, what, amountCents, balanceCents }) => [
            ...[`  ${at}`, account, amountCells(amountCents), kes(balanceCents), what],
          ]),
        ),
      ];

const shillingsMost = 250_000;
const shillings = wholeWithin(1, shillingsMost);

/** Adds `wallets show HOUSEHOLD [--json]`, `wallets topup HOUSEHOLD KES`, `wallets withdraw HOUSEHOLD KES`. */
export function walletsCommand(program: Command): void {
  const wallets = program.command('wallets').description('what households own');
  wallets
    .command('show <household>')
    .description('wallet, earnings and energy of one household, and its statement')
    .option('--json')
    .action(async (household: string, { json }: Json) => {
      const path = `/api/households/${encodeURIComponent(household)}`;
      const one = await ask<HouseholdView>(path);
      const statement = await ask<StatementView>(`${path}/statement`);
      print({ ...one, statement: statement.lines }, json, () => [
        `${one.name} (${one.id}, ${one.phone})`,
        `  wallet   ${kes(one.walletCents)}`,
        `  earnings ${kes(one.earningsCents)}`,
        `  energy   ${one.energyWh} Wh to sell, ${one.boughtWh} Wh bought, ${one.needWh} Wh needed`,
        ...statementLines(statement),
      ]);
    });
  for (const [word, description] of [
    ['topup', 'ask the phone of a household for money, now'],
    ['withdraw', 'send money from a wallet to the phone of its household'],
  ] as const)
    wallets
      .command(`${word} <household> <KES>`)
      .description(description)
      .option('--json')
      .action(async (household: string, amount: string, { json }: Json) => {
        const path = `/api/households/${encodeURIComponent(household)}/${word}`;
        const done = await order<Done>(path, { amount: shillings(amount) });
        print(done, json, ({ did }) => [did]);
      });
}
