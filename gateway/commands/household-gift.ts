/** `households gift`: energy for another household, or for the community's school, for nothing. */
import type { Command } from 'commander';
import type { GiftView } from '../ports/gift-desk.ts';
import { type Json, order, print } from './hub-api.ts';
import { wholeWithin } from './number-option.ts';

const energyMostWh = 1_000_000;

/** Adds `households gift ID WH [--to ID] [--json]`. */
export function householdGiftCommand(households: Command): void {
  households
    .command('gift <id>')
    .description('give energy of a household away')
    .requiredOption('--wh <wh>', 'how much, Wh', wholeWithin(1, energyMostWh))
    .option('--to <household>', 'to whom; without it to the community’s school or clinic')
    .option('--json')
    .action(async (id: string, { wh, to, json }: Json & { wh: number; to?: string }) => {
      const path = `/api/households/${encodeURIComponent(id)}/gift`;
      const body = { energyWh: wh, ...(to === undefined ? {} : { to }) };
      const gift = await order<GiftView>(path, body);
      print(gift, json, ({ from, energyWh, to: whom }) => [
        `${from} gave ${energyWh} Wh to ${whom}.`,
      ]);
    });
}
