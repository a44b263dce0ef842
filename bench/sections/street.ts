/** Signed readings at 1 Hz from virtual meters, more and more of them, until the hub answers too late. */
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  builtVmeter,
  credentialLines,
  runVmeter,
  whyNoVmeter,
} from '../../gateway/simulators/vmeter/program.ts';
import { cpuSecondsOf, memoryMbOf, startNode } from '../children.ts';
import { firstUnixSeconds, meterName } from '../load.ts';
import { atLeast, type Section, type SectionResult } from '../results.ts';

const hubModule = new URL('../hub-target.ts', import.meta.url);
/** As long as the hub may take from when a reading is due to its PUBACK. */
const p99MaxMs = 250;
const heldMin = 1_000;
const commitMs = 50;
const steps = [500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000];
const quickSteps = [300, 1_000];
/** Meters that dial in one second. Who comes home all at once is held up longer, and is not measured here. */
const dialsPerSecond = 150;
const settleSeconds = 4;
/** Of Ed25519 keys in DER: PKCS #8 ends with the seed, SubjectPublicKeyInfo with the key (RFC 8410). */
const keyBytes = 32;

/** A machine that does something else for a moment must not end the climb. */
const attemptsMost = 3;

type Step = {
  readonly meters: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly isHeld: boolean;
  readonly hubCores: number;
  readonly hubMb: number;
  readonly vmeterCores: number;
  readonly vmeterMb: number;
};

export const street: Section = async ({ quick, folder, say, isLate }) => {
  const why = whyNoVmeter();
  if (why !== undefined) return { figures: {}, bars: [], absent: [why] };
  const program = await builtVmeter();
  const done: Step[] = [];
  for (const meters of quick ? quickSteps : steps) {
    if (isLate()) break;
    const step = await best(quick ? 1 : attemptsMost, () =>
      lived(program, folder, meters, quick ? 4 : 15),
    );
    done.push(step);
    say(
      `${meters} meters at 1 Hz: PUBACK p50 ${step.p50Ms.toFixed(0)} ms, p99 ${step.p99Ms.toFixed(0)} ms; ` +
        `hub ${step.hubCores.toFixed(2)} cores, ${step.hubMb.toFixed(0)} MB; ` +
        `meters ${step.vmeterCores.toFixed(2)} cores, ${step.vmeterMb.toFixed(0)} MB`,
    );
    if (!step.isHeld) break;
  }
  return resultOf(done);
};

/** The first attempt that holds, or the quickest. */
async function best(attempts: number, attempt: () => Promise<Step>): Promise<Step> {
  let found = await attempt();
  for (let n = 1; n < attempts && !found.isHeld; n++) {
    const next = await attempt();
    if (next.isHeld || next.p99Ms < found.p99Ms) found = next;
  }
  return found;
}

function resultOf(done: readonly Step[]): SectionResult {
  const held = done.filter(({ isHeld }) => isHeld);
  const [first, best] = [held[0], held.at(-1)];
  if (first === undefined || best === undefined)
    return { figures: {}, bars: [atLeast('signed meters at 1 Hz', 0, 'meters', heldMin)] };
  const perThousand = 1_000 / best.meters;
  const more = best.meters - first.meters;
  return {
    figures: {
      'signed meters at 1 Hz that one hub holds': best.meters,
      'PUBACK p50 ms': best.p50Ms,
      'PUBACK p99 ms': best.p99Ms,
      'hub: cores per 1,000 meters': best.hubCores * perThousand,
      'hub: MB with the fewest meters': first.hubMb,
      ...(more > 0
        ? { 'hub: MB per 1,000 more meters': ((best.hubMb - first.hubMb) / more) * 1_000 }
        : {}),
      'virtual meters: cores per 1,000': best.vmeterCores * perThousand,
      'virtual meters: MB per 1,000': best.vmeterMb * perThousand,
    },
    bars: [atLeast('signed meters at 1 Hz', best.meters, 'meters', heldMin)],
  };
}

/** A hub of its own for each step, so that none inherits another's tables. */
async function lived(
  program: string,
  folder: string,
  count: number,
  seconds: number,
): Promise<Step> {
  const [keysFile, metersFile, file] = ['keys.json', 'meters', 'readings.db'].map((name) =>
    join(folder, `${count}-${name}`),
  ) as [string, string, string];
  writeMeters(count, keysFile, metersFile);
  await using hub = await startNode(hubModule, { words: [file, String(commitMs), keysFile] });
  // How long it takes until all are in and quiet is not what is measured.
  const dialling = Math.ceil(count / dialsPerSecond);
  const warmUp = dialling + settleSeconds;
  await using vmeters = runVmeter(program, {
    ...{ port: Number(hub.ready['port']), meters: metersFile, mode: 'steady', 'every-ms': 1_000 },
    ...{ from: firstUnixSeconds, seconds: warmUp + seconds, 'warm-up': warmUp, patience: 20 },
    ...{ 'dial-over-ms': dialling * 1_000, 'back-off-max-ms': 2_000 },
  });
  await sleep(warmUp * 1_000);
  const pids = [[hub.pid], [vmeters.pid]] as const;
  const before = pids.map(cpuSecondsOf);
  const began = performance.now();
  await sleep((seconds - 0.5) * 1_000);
  const [hubCpu = 0, vmeterCpu = 0] = pids.map((pid, k) => cpuSecondsOf(pid) - (before[k] ?? 0));
  const tookS = (performance.now() - began) / 1_000;
  const [hubMb = 0, vmeterMb = 0] = pids.map((pid) => memoryMbOf(pid).now);
  const { p50Us, p99Us, clocked, waiting } = await vmeters.summary;
  await hub.ask('finish');
  for (const name of [file, keysFile, metersFile]) rmSync(name, { force: true });
  // Who is slow for everybody also measures less: all that were due must have been answered.
  const isWhole = waiting === 0 && clocked >= count * seconds * 0.97;
  return {
    ...{ meters: count, p50Ms: p50Us / 1_000, p99Ms: p99Us / 1_000 },
    isHeld: isWhole && p99Us < p99MaxMs * 1_000,
    ...{ hubCores: hubCpu / tookS, vmeterCores: vmeterCpu / tookS, hubMb, vmeterMb },
  };
}

function writeMeters(count: number, keysFile: string, metersFile: string): void {
  const keys: Record<string, string> = {};
  const meters = Array.from({ length: count }, (_, number) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const id = meterName(number);
    keys[id] = publicKey
      .export({ format: 'der', type: 'spki' })
      .subarray(-keyBytes)
      .toString('hex');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-keyBytes);
    return { id, secret: `secret of ${id}`, seed };
  });
  writeFileSync(keysFile, JSON.stringify(keys));
  writeFileSync(metersFile, credentialLines(meters), { mode: 0o600 });
}
