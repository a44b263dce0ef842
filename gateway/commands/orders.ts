/** `orders`: what a household is willing to buy, for keepers; a household does it on its page. */
import { type Command, InvalidArgumentError } from 'commander';
import type { MeOrder } from '../ports/me-desk.ts';
import { ask, type Json, kes, print, replace } from './hub-api.ts';
import { wholeWithin } from './number-option.ts';

const priceMostCents = 10_000;
const dayMostShillings = 50_000;
const blockMostShillings = 5_000;

type Changes = Json & {
  readonly buy?: boolean;
  readonly ceiling?: number;
  readonly dayMost?: number;
  readonly block?: number;
};

/** Adds `orders show ID` and `orders set ID`. */
export function ordersCommand(program: Command): void {
  const orders = program.command('orders').description('what households are willing to buy');
  orders
    .command('show <household>')
    .option('--json')
    .action(async (id: string, { json }: Json) => print(await orderOf(id), json, lines(id)));
  orders
    .command('set <household>')
    .description('from the next slot on; what is not named stays as it is')
    .option('--buy <on|off>', 'whether it buys at all', onOrOff)
    .option(
      '--ceiling <cents>',
      'the most it pays for a kWh, cents',
      wholeWithin(0, priceMostCents),
    )
    .option('--day-most <kes>', 'the most it spends a day, KES', wholeWithin(0, dayMostShillings))
    .option(
      '--block <kes>',
      'the least its phone is asked for, KES',
      wholeWithin(0, blockMostShillings),
    )
    .option('--json')
    .action(async (id: string, { json, ...changes }: Changes) =>
      print(
        await replace<MeOrder>(pathOf(id), changed(await orderOf(id), changes)),
        json,
        lines(id),
      ),
    );
}

const pathOf = (id: string): string => `/api/households/${encodeURIComponent(id)}/order`;
const orderOf = (id: string): Promise<MeOrder> => ask<MeOrder>(pathOf(id));
const inCents = (shillings: number | undefined): number | undefined =>
  shillings === undefined ? undefined : shillings * 100;

const changed = (was: MeOrder, { buy, ceiling, dayMost, block }: Changes): MeOrder => ({
  buy: buy ?? was.buy,
  ceilingCents: ceiling ?? was.ceilingCents,
  dayMostCents: inCents(dayMost) ?? was.dayMostCents,
  blockCents: inCents(block) ?? was.blockCents,
});

function onOrOff(word: string): boolean {
  if (word === 'on' || word === 'off') return word === 'on';
  throw new InvalidArgumentError('on or off is needed');
}

const lines =
  (id: string) =>
  ({ buy, ceilingCents, dayMostCents, blockCents }: MeOrder): string[] => [
    buy
      ? `${id} buys at up to ${kes(ceilingCents)} a kWh and for at most ${kes(dayMostCents)} a day.`
      : `${id} buys nothing.`,
    ...(buy && blockCents > 0 ? [`Its phone is asked for ${kes(blockCents)} at least.`] : []),
  ];
