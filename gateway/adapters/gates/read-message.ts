/** What flows say about gates, read once at the door: contract.md, section MQTT. */
import { z } from 'zod';
import type { Gate } from '../../core/gate.ts';
import type { HouseholdId } from '../../core/ids.ts';
import type { GateDecision } from '../../core/proposal.ts';

/** A decision is one short object; whatever is longer is none. */
const decisionBytesMax = 1_024;
const registrationBytesMax = 16_384;
const gatesMax = 16;
const scopeMax = 500;

const version = z.literal(1).optional();
const gateName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);
const household = z.string().regex(/^[\w.:-]{1,64}$/);
const wattHours = z.int().nonnegative();

const registration = z.strictObject({
  v: version,
  gates: z
    .array(
      z.strictObject({
        name: gateName,
        scope: z.union([z.literal('all'), z.array(household).min(1).max(scopeMax)]),
        onSilence: z.enum(['hold', 'proceed']).default('hold'),
      }),
    )
    .max(gatesMax)
    .refine((gates) => new Set(gates.map(({ name }) => name)).size === gates.length),
});

const shared = { v: version, gate: gateName, reason: z.string().max(200).optional() };
const decision = z.discriminatedUnion('decision', [
  z.strictObject({ decision: z.literal('approve'), energyWh: wattHours.optional(), ...shared }),
  z.strictObject({ decision: z.literal('veto'), energyWh: wattHours.optional(), ...shared }),
  z.strictObject({ decision: z.literal('shrink'), energyWh: wattHours, ...shared }),
]);

export type SaidDecision = { readonly gate: string; readonly decision: GateDecision };

/** Undefined for everything that is no list of gates. */
export function readGates(payload: Uint8Array): Gate[] | undefined {
  if (payload.length > registrationBytesMax) return undefined;
  const read = registration.safeParse(readJson(payload));
  return read.data?.gates.map(({ name, scope, onSilence }) => ({
    name,
    scope: scope === 'all' ? undefined : (scope as HouseholdId[]),
    onSilence,
  }));
}

/** Undefined for everything that is no decision. An approval that names an amount asks for exactly that much. */
export function readDecision(payload: Uint8Array): SaidDecision | undefined {
  if (payload.length > decisionBytesMax) return undefined;
  const { data } = decision.safeParse(readJson(payload));
  if (data === undefined) return undefined;
  const { gate, energyWh } = data;
  if (data.decision === 'veto') return { gate, decision: { decision: 'veto' } };
  if (energyWh === undefined) return { gate, decision: { decision: 'approve' } };
  return { gate, decision: { decision: 'shrink', energyWh } };
}

function readJson(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
