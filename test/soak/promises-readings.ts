/** Promise 1, and the Wh half of promise 4: no reading and no energy is lost. */
import { storedReadings } from '../../gateway/adapters/readings/stored-readings.ts';
import { slotMs } from '../../gateway/core/slot.ts';
import { makeNeighbourhood } from '../../gateway/simulators/neighbourhood/model.ts';
import { type BookRows, type Count, countOf, type Evidence } from './evidence.ts';

export function judgeReadings({ lives, readingsFile, stage, books }: Evidence): Count[] {
  const stored = new Map<string, number>();
  for (const { meter, sequence } of storedReadings(readingsFile)) {
    const key = `${meter} ${sequence}`;
    stored.set(key, (stored.get(key) ?? 0) + 1);
  }
  const promised = lives.flatMap(({ counts }) =>
    counts.flatMap(({ meter, first, acknowledged }) =>
      Array.from({ length: acknowledged }, (_, index) => `${meter} ${first + index}`),
    ),
  );
  const promise = 1;
  return [
    countOf(
      { promise, name: 'readings acknowledged and lost', unit: 'readings' },
      promised,
      (key) => !stored.has(key),
      String,
    ),
    countOf(
      { promise, name: 'readings stored twice', unit: 'readings' },
      [...stored],
      ([, times]) => times > 1,
    ),
    {
      ...{ promise, name: 'readings that the hub never took', unit: 'readings' },
      ...{ broken: lives.at(-1)?.pending ?? 0, of: promised.length, examples: [] },
    },
    judgeEnergy({ stage, books }),
    judgeSlots(books),
  ];
}

/** Where the hub's line between two readings may differ from how the registers really rose; a lost hour is far more. */
const lineOffMostWh = 100;
/** Each meter's Wh are rounded at both ends. */
const roundingMostWh = 2;

export type Counted = {
  readonly household: string;
  /** Up to the beginning of this slot. */
  readonly slot: number;
  readonly netMwh: number;
  readonly postedWh: number;
};

/** What each household's grid meter has counted, exports less imports, and what of it stands in the books. */
export const countedEnergy = (books: BookRows): Counted[] =>
  books.rows<Counted>(
    `SELECT r.household, r.counted_slot AS slot,
       r.counted_export_mwh - r.counted_import_mwh AS netMwh,
       (SELECT coalesce(sum(CASE WHEN p.from_account = 'exported' THEN p.amount ELSE -p.amount END), 0) FROM posting p
        WHERE (p.from_account = 'exported' AND p.to_account = 'energy:' || r.household)
           OR (p.from_account = 'imported' AND p.to_account = 'need:' || r.household)) AS postedWh
     FROM registration r WHERE r.place = 'grid' AND r.counted_slot IS NOT NULL`,
  );

/** What the registers rose by is what was posted, however long it was dark; the model knows the registers. */
function judgeEnergy({ stage, books }: Pick<Evidence, 'stage' | 'books'>): Count {
  const model = makeNeighbourhood(stage.plan);
  const truthMwh = ({ household, slot }: Counted): number => {
    const { importMwh, exportMwh } = model.registersAt(household, slot * slotMs);
    return exportMwh - importMwh;
  };
  const before = new Map(stage.energyBefore.map((one) => [one.household, one]));
  return countOf(
    { promise: 4, name: 'households whose energy is not all there', unit: 'households' },
    countedEnergy(books),
    (now) => {
      const { netMwh = 0, postedWh = 0 } = before.get(now.household) ?? {};
      const roseMwh = now.netMwh - netMwh;
      return (
        Math.abs(truthMwh(now) - now.netMwh) > lineOffMostWh * 1000 ||
        Math.abs(roseMwh - (now.postedWh - postedWh) * 1000) > roundingMostWh * 1000
      );
    },
    (now) => `${JSON.stringify(now)}, in truth ${truthMwh(now)} mWh`,
  );
}

/** Metering and market go on without the internet: no quarter of an hour is left out. */
function judgeSlots(books: Evidence['books']): Count {
  const closed = books.rows<{ number: number }>('SELECT number FROM slot ORDER BY number');
  const [first, last] = [closed[0]?.number ?? 0, closed.at(-1)?.number ?? 0];
  const seen = new Set(closed.map(({ number }) => number));
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const about = {
    promise: 5,
    name: 'quarters of an hour that were never closed',
    unit: 'slots',
  } as const;
  return countOf(about, all, (slot) => !seen.has(slot));
}
