/** The door for every byte from a meter: contract.md, topic meters/<id>/reading, version 1. */
import { z } from 'zod';
import { limits, type ReadingFields, untold } from './reading-fields.ts';

const u32 = z.int().min(0).max(limits.u32Max);
const whole = z.int().min(0).max(limits.wholeMax);

const schema = z.object({
  v: z.literal(1),
  s: whole,
  b: u32,
  t: u32,
  /** A meter that sends a time and no quality believes in it. */
  tq: z.literal([0, 1, 2]).default(1),
  up: u32.optional(),
  p: z.int().min(-limits.powerMaxMw).max(limits.powerMaxMw).default(0),
  u: z.int().min(0).max(limits.voltageMaxMv).default(0),
  i: z.int().min(0).max(limits.currentMaxMa).optional(),
  f: z.int().min(0).max(limits.frequencyMaxMhz).optional(),
  ei: whole,
  ee: whole,
  eg: whole.optional(),
  fl: u32.default(0),
  sig: z.string().optional(),
});

/** Fills `fields`; false when the payload is not a reading of version 1. Never throws. */
export function readPayload(payload: Buffer, fields: ReadingFields): boolean {
  const parsed = schema.safeParse(jsonOf(payload));
  if (!parsed.success) return false;
  const said = parsed.data;
  fields.version = said.v;
  fields.sequence = said.s;
  fields.boot = said.b;
  fields.unixSeconds = said.t;
  fields.timeQuality = said.tq;
  fields.uptimeSeconds = said.up ?? untold;
  // Adding 0 makes a plain 0 of the -0 that JSON knows.
  fields.powerMw = said.p + 0;
  fields.voltageMv = said.u + 0;
  fields.currentMa = said.i ?? untold;
  fields.frequencyMhz = said.f ?? untold;
  fields.importMwh = said.ei + 0;
  fields.exportMwh = said.ee + 0;
  fields.generationMwh = said.eg ?? untold;
  fields.flags = said.fl + 0;
  return true;
}

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
