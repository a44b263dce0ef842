/**
 * The hub's way of a payment, and nothing else of the hub: client, callback listener, outbox, steps, books.
 * usage: settlement-hub.ts WISH, a line of JSON
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { scaledClock } from '../gateway/adapters/clock/scaled-clock.ts';
import { openDaraja } from '../gateway/adapters/daraja/open-daraja.ts';
import { openIds } from '../gateway/adapters/ids/ids.ts';
import { openBooks } from '../gateway/adapters/sqlite/open.ts';
import { openCallbackListener } from '../gateway/adapters/web/callback-listener.ts';
import { simulatedMpesa } from '../gateway/commands/simulated-mpesa.ts';
import { openCallbackDesk } from '../gateway/open-desk.ts';
import { openOutbox } from '../gateway/outbox.ts';
import { serveBench } from './peers/peer-process.ts';
import { originMs, speed } from './settlement-plan.ts';
import { standIns, watchPayments } from './settlement-watch.ts';

export type Wish = {
  readonly folder: string;
  readonly baseUrl: string;
  readonly publicKeyFile: string;
  readonly originNs: string;
  /** Most of all rounds, and of one. */
  readonly payments: number;
  readonly perRound: number;
  /** A round that takes longer begins no more payments. */
  readonly secondsMost: number;
  /** Whether a commit waits for the disk. */
  readonly isDurable: boolean;
};

const { folder, baseUrl, publicKeyFile, originNs, isDurable, ...size } = JSON.parse(
  process.argv[2] ?? '{}',
) as Wish;
/** Payments under way at once: enough to keep the hub busy, not so many that they queue up for each other. */
const underWayMost = 16;

let raw: Database.Database | undefined;
const { pragma } = Database.prototype;
/** Keeps hold of the books' database, and without durability never waits for the disk, which no hub agrees to. */
Database.prototype.pragma = function watched(this: Database.Database, text, options) {
  raw = this;
  if (isDurable) return pragma.call(this, text, options);
  if (text === 'synchronous') return 2;
  return pragma.call(this, text === 'synchronous = FULL' ? 'synchronous = OFF' : text, options);
};

const clock = scaledClock({
  ...{ originMachineNs: BigInt(originNs), originNeighbourhoodMs: originMs, speed },
});
const books = openBooks(join(folder, 'books.db'));
const log = {
  info: () => {},
  warn: () => {},
  error: (message: string, facts?: object) => console.error(message, JSON.stringify(facts ?? {})),
};
const ids = openIds({ hubKey: Buffer.alloc(32, 7), now: () => clock.now() });
let callbackPort = 0;
const money = openDaraja({
  ...{ environment: 'simulator', baseUrl, shortcode: simulatedMpesa.shortcode },
  consumerKey: simulatedMpesa.consumerKey,
  consumerSecret: simulatedMpesa.consumerSecret,
  passkey: simulatedMpesa.passkey,
  initiatorName: simulatedMpesa.initiatorName,
  initiatorPassword: simulatedMpesa.initiatorPassword,
  publicKeyPem: readFileSync(publicKeyFile, 'utf8'),
  callbackUrl: () => `http://127.0.0.1:${callbackPort}`,
  now: () => clock.now(),
  elapsedMs: () => clock.elapsedMs(),
  // The pace is M-Pesa's wish, not the hub's limit.
  requestsPerSecond: Number.POSITIVE_INFINITY,
});

const changes = raw?.prepare<[], number>('SELECT total_changes()').pluck();

const watch = watchPayments({
  changes: () => changes?.get() ?? 0,
  ...{ books, money, clock, ids, underWayMost, ...size },
  callbackUrl: (token) => `http://127.0.0.1:${callbackPort}/api/payment/callback/${token}`,
});
const hub = {
  ...{ ...standIns, books: watch.books, money: watch.money, clock, ids, log },
  ...{ tell: () => {}, resultsTrusted: false },
} as unknown as Parameters<typeof openOutbox>[0];
const outbox = openOutbox(hub, (what, error) => log.error(what, { error: String(error) }));
const listener = await openCallbackListener({
  ...{ port: 0, log, desk: openCallbackDesk({ hub }, () => void setImmediate(outbox.work)) },
});
callbackPort = listener.port;
// As main.ts does, for what only time makes due; more often, because time runs faster here.
const ticking = setInterval(outbox.work, 50);

serveBench(
  { port: callbackPort },
  {
    play: async () => ({ ...(await watch.play(outbox.work)), counts: listener.counts() }),
    finish: async () => {
      clearInterval(ticking);
      await outbox.stop();
      const { trialBalance, imbalances } = books.audit;
      const wallets = watch.wallets();
      await listener[Symbol.asyncDispose]();
      return { wallets, trialBalanceCents: trialBalance('cents'), imbalances: imbalances().length };
    },
  },
);
