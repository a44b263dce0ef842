/** Compares what was acknowledged with what is on the disk, reading by reading. */
export type Audit = {
  readonly acked: number;
  /** Rows on the disk. */
  readonly stored: number;
  /** Acknowledged, and not on the disk. */
  readonly missing: number;
  /** On the disk more than once, or never acknowledged. */
  readonly surplus: number;
};

/** `acks` are pairs of meter number and sequence, and so are the rows of `stored`. */
export function compare(
  acks: Uint32Array,
  stored: Iterable<readonly [meter: number, sequence: number]>,
): Audit {
  const open = new Map<number, Set<number>>();
  const acked = acks.length / 2;
  for (let k = 0; k < acks.length; k += 2) {
    const meter = acks[k] as number;
    let sequences = open.get(meter);
    if (sequences === undefined) {
      sequences = new Set();
      open.set(meter, sequences);
    }
    sequences.add(acks[k + 1] as number);
  }
  let [rows, surplus] = [0, 0];
  for (const [meter, sequence] of stored) {
    rows += 1;
    if (open.get(meter)?.delete(sequence) !== true) surplus += 1;
  }
  const missing = [...open.values()].reduce((sum, sequences) => sum + sequences.size, 0);
  return { acked, stored: rows, missing, surplus };
}

export type Rate = { readonly perSecond: number } | { readonly refused: string };

/** A rate counts only when exactly what was acknowledged is stored. */
export function rateOf(
  { acked, stored, missing, surplus }: Audit,
  perSecond: number | undefined,
): Rate {
  if (acked === 0 || perSecond === undefined) return { refused: 'nothing was acknowledged' };
  if (missing > 0)
    return { refused: `${missing} of ${acked} acknowledged readings are not on the disk` };
  if (surplus > 0 || stored !== acked)
    return { refused: `${stored} rows are on the disk for ${acked} acknowledged readings` };
  return { perSecond };
}
