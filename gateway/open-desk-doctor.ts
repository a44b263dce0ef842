/** The counter at which the doctor asks: each integration is called, now, as the hub itself calls it. */
import { readFileSync } from 'node:fs';
import { hourMs } from './core/slot.ts';
import { epochMs } from './core/units.ts';
import type { DoctorDesk, OutsideCall } from './ports/doctor-desk.ts';
import type { Needs } from './ports/needs.ts';
import { version } from './version.ts';

type Answer = Omit<OutsideCall, 'name' | 'tookMs'>;

/** Asks and reads; nothing is written and no money moves. */
export const openDoctorDesk = (
  hub: Pick<Needs, 'money' | 'chain' | 'clock'>,
  mqttPort: number | undefined,
): DoctorDesk => ({
  checkup: async () => ({
    version,
    pid: process.pid,
    mqttPort: mqttPort ?? null,
    upMs: Math.round(process.uptime() * 1_000),
    memoryBytes: process.memoryUsage.rss(),
    writtenBytes: writtenBy('self'),
    calls: await Promise.all([
      timed('M-Pesa', () => askMpesa(hub)),
      timed('chain', () => askChain(hub)),
    ]),
  }),
});

/** Null where the system does not tell, as it does not of another user's process. */
export function writtenBy(process: number | 'self'): number | null {
  try {
    const text = readFileSync(`/proc/${process}/io`, 'utf8');
    return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? Number.NaN) || 0;
  } catch {
    return null;
  }
}

async function timed(name: string, call: () => Promise<Answer>): Promise<OutsideCall> {
  const began = performance.now();
  const answer = await call().catch(
    (error: unknown): Answer => ({ state: 'failed', detail: String(error) }),
  );
  return { name, ...answer, tookMs: Math.round(performance.now() - began) };
}

/** Its list of the last hour: that needs the keys, a network and the shortcode's right to lists. */
async function askMpesa({ money, clock }: Pick<Needs, 'money' | 'clock'>): Promise<Answer> {
  const to = clock.now();
  await money.getReady();
  const list = await money.listPayments({ from: epochMs(to - hourMs), to, offset: 0 });
  const { environment, state, detail } = money.health();
  if (state === 'misconfigured' || state === 'unreachable')
    return { state: 'failed', detail: `${environment}: ${detail === '' ? state : detail}` };
  if (list.kind === 'listed')
    return {
      state: 'ok',
      detail: `${environment}: signed in, ${list.payments.length} payments in the last hour`,
    };
  return { state: 'doubtful', detail: `${environment}: signed in, but no list: ${list.why}` };
}

async function askChain({ chain }: Pick<Needs, 'chain'>): Promise<Answer> {
  const height = await chain.finalizedHeight();
  const { cluster, state, detail } = chain.health();
  if (!height.ok) return { state: 'failed', detail: `${cluster}: no node answers` };
  const said = `${cluster}: finalized height ${height.value}`;
  return state === 'ok'
    ? { state: 'ok', detail: said }
    : { state: 'doubtful', detail: `${said}; ${detail === '' ? state : detail}` };
}
