/** The door for every byte from a meter: contract.md, topic meters/<id>/reading, version 1. */
import { z } from 'zod';
import type { ReadingLine } from '../../core/admit-reading.ts';
import type { MeterId } from '../../core/ids.ts';
import { milliWattHours } from '../../core/units.ts';

const u32Max = 0xffffffff;
const u32 = z.int().min(0).max(u32Max);
const register = z.int().min(0);
const powerMaxMw = 1_000_000_000;

const schema = z.object({
  v: z.literal(1),
  s: z.int().min(0),
  b: u32,
  t: u32,
  /** A meter that sends a time and no quality believes in it. */
  tq: z.literal([0, 1, 2]).default(1),
  up: u32.optional(),
  p: z.int().min(-powerMaxMw).max(powerMaxMw).default(0),
  u: z.int().min(0).max(10_000_000).default(0),
  i: z.int().min(0).max(100_000_000).optional(),
  f: z.int().min(0).max(1_000_000).optional(),
  ei: register,
  ee: register,
  eg: register.optional(),
  fl: u32.default(0),
});

/** A line, and what is stored beside it without being judged. */
export type ParsedPayload = {
  readonly line: ReadingLine;
  readonly currentMa: number | null;
  readonly frequencyMhz: number | null;
};

/** Undefined when the payload is not a reading of version 1. Never throws. */
export function readPayload(meter: MeterId, payload: Buffer): ParsedPayload | undefined {
  const parsed = schema.safeParse(jsonOf(payload));
  if (!parsed.success) return undefined;
  const said = parsed.data;
  const line: ReadingLine = {
    meter,
    sequence: said.s,
    boot: said.b,
    unixSeconds: said.t,
    timeQuality: said.tq,
    uptimeSeconds: said.up,
    importMwh: milliWattHours(said.ei),
    exportMwh: milliWattHours(said.ee),
    generationMwh: said.eg === undefined ? undefined : milliWattHours(said.eg),
    powerMw: said.p,
    voltageMv: said.u,
    flags: said.fl,
  };
  return { line, currentMa: said.i ?? null, frequencyMhz: said.f ?? null };
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
