/** Everybody brings what they have, and every promise is counted. */
import { join } from 'node:path';
import { type Auditor, verifyChain } from './auditor.ts';
import { type Count, lookIntoBooks, type Witness } from './evidence.ts';
import { judgeMoney } from './promises-money.ts';
import { judgePhones } from './promises-phones.ts';
import { judgeReadings } from './promises-readings.ts';
import { judgeTrades } from './promises-trades.ts';
import type { Stage } from './stage.ts';

export type Judgement = {
  readonly counts: readonly Count[];
  readonly witness: Witness;
  /** How many trades ended in each state. */
  readonly states: Readonly<Record<string, number>>;
  readonly trades: number;
  readonly daysScored: number;
};

/** Ends the hub and its meters; the world and the ledger stay. */
export async function judge(
  stage: Stage,
  auditor: Auditor,
  promised: ReadonlySet<string>,
): Promise<Judgement> {
  const balances = await auditor.close();
  await stage.finishMeters();
  await stage.gateway.end();
  const chain = await verifyChain(stage);
  const witness = await stage.world.ask<Witness>('witness');
  using books = lookIntoBooks(stage.card.folder);
  const readingsFile = join(stage.card.folder, 'readings.db');
  const evidence = { witness, lives: stage.lives, readingsFile, books, stage };
  const counts = [
    ...judgeReadings(evidence),
    ...judgeMoney(evidence),
    ...chain,
    balances,
    ...judgeTrades(evidence, promised),
    ...judgePhones(evidence),
  ].sort((a, b) => a.promise - b.promise);
  const rows = books.rows<{ state: string; many: number }>(
    'SELECT state, count(*) AS many FROM trade GROUP BY state',
  );
  return {
    ...{ counts, witness },
    states: Object.fromEntries(rows.map(({ state, many }) => [state, many])),
    trades: rows.reduce((sum, { many }) => sum + many, 0),
    daysScored: books.rows('SELECT day FROM advice_score GROUP BY day').length,
  };
}
