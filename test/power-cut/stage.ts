/** The world around one gateway, which outlives its power cuts: M-Pesa, the ledger, the meters and a person. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerServer } from '../../gateway/adapters/solana/embedded/server.ts';
import {
  simulatedMpesa,
  simulatedMpesaEnvironment,
} from '../../gateway/commands/simulated-mpesa.ts';
import { hourMs } from '../../gateway/core/slot.ts';
import type { Faults } from '../../gateway/simulators/daraja/faults.ts';
import {
  type MpesaSimulator,
  startMpesaSimulator,
} from '../../gateway/simulators/daraja/simulator.ts';
import {
  type MeterLink,
  openMeterLink,
} from '../../gateway/simulators/neighbourhood/meter-link.ts';
import { cast, readingsOfSlot, speed, strayed } from './scenario.ts';
import { serveHurriedLedger, type Template } from './template.ts';
import {
  beginVariable,
  type Errand,
  errandVariable,
  heldClock,
  type Ports,
  type Status,
  type ToGateway,
} from './told.ts';

export type Stage = AsyncDisposable & {
  readonly dataDir: string;
  readonly mpesa: MpesaSimulator;
  readonly ledger: LedgerServer;
  /** How the next life of the gateway is to be started. */
  environment(): Record<string, string>;
  /** The gateway listens: from the first time on the meters dial, always at the same port. */
  opened(ports: Ports): void;
  /** Moves the story on: begins time when all readings are in, and types the PIN. */
  follow(status: Status, say: (told: ToGateway) => void): void;
  /** The power is gone: what the gateway last said counts no more. */
  darkened(): void;
  /** True while a power cut would take from the hub what it cannot learn again. */
  isFragile(): boolean;
  /** How many readings of each meter, from its first, were answered with a PUBACK. */
  acknowledged(): ReadonlyMap<string, number>;
};

const linkBacklog = 10;
const acknowledgeMs = 3_000;
/** Longer than a trade waits for its funds and a push for its callback; no slot closes in it. */
const waitedOutMs = 3 * hourMs;
/** M-Pesa's result of a payout, in neighbourhood ms. */
const resultDelay = { leastMs: 1_500, mostMs: 3_000 };

export type Weather = {
  /** What goes wrong at M-Pesa and on the way to it. */
  readonly badDays?: readonly Faults[];
  readonly errand?: Errand | undefined;
};

/** Opens everything but the gateway. Every stage throws the same dice. */
export async function setStage(
  template: Template,
  { badDays = [], errand }: Weather = {},
): Promise<Stage> {
  await using opening = new AsyncDisposableStack();
  const dataDir = opening.adopt(template.copy(), (folder) =>
    rmSync(folder, { recursive: true, force: true }),
  );
  const publicKeyFile = join(dataDir, 'mpesa-simulator.pem');
  const clock = heldClock(undefined);
  const mpesa = opening.use(
    await startMpesaSimulator({
      ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile, clock, resultDelay },
      ...{ manual: true, emptyQueryShare: 0 },
    }),
  );
  for (const day of badDays) mpesa.arm(day);
  if (errand !== undefined) await mpesa.sendByHand(strayed);
  const ledger = opening.use(await serveHurriedLedger(dataDir));
  const links = new Map<string, MeterLink>();
  opening.defer(async () => {
    await Promise.all([...links.values()].map((link) => link.stop()));
  });
  let ports: Ports = { httpPort: 0, callbackPort: 0, mqttPort: 0 };
  let began: bigint | undefined;
  let [fragile, waitedOut] = [false, false];

  const beginAt = (beganNs: bigint, say: (told: ToGateway) => void): void => {
    began = beganNs;
    clock.begin(beganNs);
    say({ beganNs: String(beganNs) });
  };
  const beginWhenMetered = (say: (told: ToGateway) => void): void => {
    if (began !== undefined || links.size === 0) return;
    if ([...links.values()].some((link) => link.pending() > 0)) return;
    beginAt(process.hrtime.bigint(), say);
  };
  const waitInVain = (status: Status, say: (told: ToGateway) => void): void => {
    if (waitedOut || began === undefined || !isNeverToRing(mpesa, status)) return;
    waitedOut = true;
    beginAt(began - BigInt(Math.ceil((waitedOutMs * 1e6) / speed)), say);
  };
  const open = opening.move();
  return {
    ...{ dataDir, mpesa, ledger },
    environment: () => ({
      ...simulatedMpesaEnvironment(mpesa.url, publicKeyFile),
      ...{ HUB_DATA_DIR: dataDir, HUB_LOG_LEVEL: 'warn', SCHEME: 'mini-grid' },
      ...{ SOLANA_CLUSTER: 'embedded', SOLANA_RPC_URLS: ledger.url, READINGS_COMMIT_MS: '10' },
      ...{ HTTP_PORT: String(ports.httpPort), CALLBACK_PORT: String(ports.callbackPort) },
      ...{ MQTT_PORT: String(ports.mqttPort), MQTTS_PORT: '0' },
      ...(began === undefined ? {} : { [beginVariable]: String(began) }),
      ...(errand === undefined ? {} : { [errandVariable]: errand }),
    }),
    opened: (opened) => {
      ports = opened;
      if (links.size === 0) for (const one of cast) links.set(one.meter, dial(one, opened));
    },
    follow: (status, say) => {
      beginWhenMetered(say);
      waitInVain(status, say);
      fragile = typePin(mpesa, status, say) || (fragile && status.topup === 'unknown');
      if (!fragile && status.spared) say({ spare: false });
    },
    darkened: () => {
      fragile = false;
    },
    isFragile: () => fragile,
    acknowledged: () => new Map([...links].map(([meter, link]) => [meter, link.acknowledged()])),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** The power went between the note that the phone may be ringing and the push itself. */
const isNeverToRing = (mpesa: MpesaSimulator, { topup, callsUnderWay }: Status): boolean =>
  topup === 'unknown' && callsUnderWay === 0 && mpesa.prompts().length === 0;

function dial(one: (typeof cast)[number], { mqttPort }: Ports): MeterLink {
  const { meter, password } = one;
  const link = openMeterLink({
    ...{ url: `mqtt://127.0.0.1:${mqttPort}`, meter, password },
    ...{ backlogMax: linkBacklog, acknowledgeMs },
  });
  for (const payload of readingsOfSlot(one)) link.tell(payload);
  return link;
}

/**
 * The person at the kiosk answers once the hub has heard of its push, or never can. M-Pesa's callback goes
 * out once only: where the power took the answer to the push, nothing but a person could tell the hub of the
 * payment if it took the callback too, so that this one is let through. True until it has arrived.
 */
function typePin(mpesa: MpesaSimulator, status: Status, say: (told: ToGateway) => void): boolean {
  const prompt = mpesa.prompts().find(({ state }) => state === 'open');
  const isHeard = status.topup === 'pending';
  const answerIsLost = status.topup === 'unknown' && status.callsUnderWay === 0;
  if (prompt === undefined || !(isHeard || answerIsLost)) return false;
  if (answerIsLost && !status.spared) {
    say({ spare: true });
    return true;
  }
  mpesa.answer(prompt.checkoutRequestId, 'pay');
  return answerIsLost;
}
