/** How soon the ledger is ready with a long journal: from the start of its process to its first answer. */
import { join } from 'node:path';
import { openJournal } from '../../gateway/adapters/solana/embedded/journal.ts';
import { readTransaction } from '../../gateway/adapters/solana/embedded/signed-transaction.ts';
import { atMost, type Section } from '../results.ts';
import { median } from '../spread.ts';
import { connectTo, move, settle, startLedger } from '../tokens-clients.ts';
import { neighbourhoodOf } from '../tokens-trade.ts';

export const readyBarMs = 2_000;
const households = 1_000;
const transactions = 100_000;
/** Real ones; the others are copies of them under other signatures. */
const realMoves = 200;
const starts = 3;

/** The median of several starts, each of a process of its own. */
export async function readyAfterMs(dataDir: string): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < starts; n++) {
    const began = performance.now();
    await using ledger = await startLedger(dataDir);
    await connectTo(Number(ledger.ready['port'])).getSlot();
    took.push(performance.now() - began);
  }
  return median(took);
}

export const restart: Section = async ({ folder, say }) => {
  const dataDir = join(folder, 'ledger');
  {
    await using ledger = await startLedger(dataDir);
    const connection = connectTo(Number(ledger.ready['port']));
    const where = neighbourhoodOf(households);
    const rent = await settle(connection, where);
    await move(connection, where, rent, { first: 0, count: realMoves });
  }
  const kept = fillUp(join(dataDir, 'ledger.db'));
  const readyMs = await readyAfterMs(dataDir);
  const name = `ready with ${kept} transactions and ${households} token accounts`;
  say(`${name}: ${readyMs.toFixed(0)} ms`);
  return {
    figures: { [`${name} ms`]: readyMs },
    bars: [atMost(name, readyMs, 'ms', readyBarMs)],
  };
};

/** Writes copies of the newest transaction, as the ledger would, until there are enough. */
function fillUp(file: string): number {
  const journal = openJournal(file);
  const [model] = [...journal.newest()];
  const read = readTransaction(model?.raw ?? new Uint8Array());
  if (!read.ok) throw new Error('the journal has no transaction to copy');
  const landed = journal.find(read.value.signature);
  if (landed === undefined) throw new Error('the newest transaction is not found');
  let kept = [...journal.newest()].length;
  journal.begin();
  for (; kept < transactions; kept++) {
    const raw = Buffer.from(landed.raw);
    raw.writeUInt32LE(kept, 1);
    const signature = raw.subarray(1, 65);
    const addresses = read.value.message.keys;
    journal.keep({
      landed: { ...landed, raw, slot: landed.slot - Math.floor((transactions - kept) / 10) },
      ...{ signature, addresses, changed: [], closed: [] },
    });
  }
  journal.commit();
  journal.close();
  return kept;
}
