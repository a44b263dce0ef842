/** What the hub knew of time, on disk: a floor for the next start of the machine, and all of it within this one. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { HeldTime } from '../../core/clock-trust.ts';

export type KeptTime = {
  /** No later start may show an earlier time, unless somebody knows better. */
  readonly floorMs: number;
  /** The start of the machine in which `held` counts. */
  readonly boot: string;
  readonly held: HeldTime | undefined;
};

const shape = z.object({
  floorMs: z.int().positive(),
  boot: z.string().max(64),
  held: z
    .object({ offsetMs: z.number(), by: z.enum(['proof', 'keeper']), sinceMs: z.number() })
    .optional(),
});

/** Undefined when there is none, or when the power was cut in the middle of the very first. */
export function readKeptTime(file: string): KeptTime | undefined {
  try {
    const { held, ...kept } = shape.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { ...kept, held };
  } catch {
    return undefined;
  }
}

/** Whole or not at all. A disk that refuses costs only how well the next start knows the time. */
export function keepTime(file: string, kept: KeptTime): boolean {
  try {
    writeFileSync(`${file}.next`, JSON.stringify(kept), { mode: 0o600, flush: true });
    renameSync(`${file}.next`, file);
    return true;
  } catch {
    return false;
  }
}

/** The present start of this machine (proc(5), random/boot_id); a name of our own where there is none. */
export function thisBoot(file = '/proc/sys/kernel/random/boot_id'): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return `process-${process.pid}-${Math.floor(performance.timeOrigin)}`;
  }
}
