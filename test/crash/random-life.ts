/** How the hub lives between two cuts: by dice, so that cuts fall anywhere. */
export type RandomLife = {
  readonly commitMs: number;
  /** Readings that each meter has in flight. */
  readonly window: number;
  /** From the moment at which the hub listens. */
  readonly lifeMs: number;
};

const lifeMs = { least: 50, most: 600 };
const commitIntervalsMs = [1, 5, 20, 50];
const windows = [1, 4, 12];

export function aRandomLife(random: () => number): RandomLife {
  const oneOf = (list: readonly number[]): number => list[Math.floor(random() * list.length)] ?? 1;
  return {
    commitMs: oneOf(commitIntervalsMs),
    window: oneOf(windows),
    lifeMs: lifeMs.least + random() * (lifeMs.most - lifeMs.least),
  };
}
