/** What all processes of one demo must agree on. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type DemoPlan = {
  readonly seed: number;
  readonly households: number;
  /** When all registers were 0: 00:00 East Africa Time, two days before the demo's first day. */
  readonly originMs: number;
  /** Passwords of the meters, by meter id. */
  readonly passwords: Readonly<Record<string, string>>;
};

const fileOf = (dataDir: string): string => join(dataDir, 'demo.json');

/** The plan of an earlier demo in this folder, if there was one. */
export function readPlan(dataDir: string): DemoPlan | undefined {
  const file = fileOf(dataDir);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoPlan) : undefined;
}

export const writePlan = (dataDir: string, plan: DemoPlan): void =>
  writeFileSync(fileOf(dataDir), JSON.stringify(plan), { mode: 0o600 });

const eastAfricaMs = 3 * 3_600_000;
const dayMs = 86_400_000;

/** The demo's first day is today's date in Nairobi; its registers begin two days before. */
export const originFor = (wallMs: number): number =>
  Math.floor((wallMs + eastAfricaMs) / dayMs) * dayMs - eastAfricaMs - 2 * dayMs;

/**
 * A sequence number that no meter of this demo has used before this moment: meters count at most once in
 * ten seconds of the neighbourhood.
 */
export const sequenceAt = (plan: Pick<DemoPlan, 'originMs'>, nowMs: number): number =>
  1 + Math.floor((nowMs - plan.originMs) / 1000);

/** The meters' restart number of a demo that begins at this moment; differs from every earlier one. */
export const bootAt = sequenceAt;
