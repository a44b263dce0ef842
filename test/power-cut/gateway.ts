/** The hub as it is, with a watched guard at its ports: at a chosen boundary its power goes. */
import { openIds } from '../../gateway/adapters/ids/ids.ts';
import { openLog } from '../../gateway/adapters/log/pino-log.ts';
import { sayReady, toldToEnd } from '../../gateway/commands/child.ts';
import { configFrom } from '../../gateway/commands/environment.ts';
import { type HubOptions, openHub } from '../../gateway/main.ts';
import type { Books } from '../../gateway/ports/books/books.ts';
import { reverseReceipt } from '../../gateway/steps/reverse-receipt.ts';
import { openBoundaries } from './boundaries.ts';
import { faulty } from './faults.ts';
import { kiosk, phoneOf } from './scenario.ts';
import {
  beginVariable,
  cutVariable,
  errandVariable,
  type FromGateway,
  faultVariable,
  heldClock,
  type Status,
  type ToGateway,
} from './told.ts';

const statusEveryMs = 20;
const underWay = [
  'matched',
  'awaiting-funds',
  'paid',
  'transferring',
  'settled',
  'review',
] as const;
const over = ['closed', 'expired', 'undone'] as const;

const { [cutVariable]: cutAt, [faultVariable]: fault = '', [beginVariable]: beganNs } = process.env;
const hasErrand = process.env[errandVariable] !== undefined;
const boundaries = openBoundaries(cutAt);
const clock = heldClock(beganNs === undefined ? undefined : BigInt(beganNs));
let books: Books | undefined;

const guard: HubOptions['guard'] = (name, port) => {
  if (name === 'books') books = port as unknown as Books;
  return boundaries.watch(name, faulty(fault, name, port));
};

function statusOf({ trades, deeds, topups, reversals }: Books): Status {
  return {
    passed: boundaries.takePassed(),
    callsUnderWay: boundaries.callsUnderWay(),
    spared: boundaries.isSpared(),
    topup: topups.openOn(phoneOf(kiosk))?.state,
    trades: trades.inStates([...underWay, ...over]).length,
    openTrades: trades.inStates(underWay).length,
    deeds: deeds.waiting(),
    isErrandOver: !hasErrand || reversals.inStates(['reversed']).length > 0,
  };
}

process.on('message', (told: ToGateway) => {
  if ('beganNs' in told) clock.begin(BigInt(told.beganNs));
  else boundaries.spare(told.spare);
});

// Before the hub opens, so that a test that is gone leaves no process behind.
const ended = toldToEnd();
const config = configFrom(process.env);
const log = openLog({ level: config.HUB_LOG_LEVEL });
await using hub = await openHub({
  config,
  log,
  clock: { ...clock, elapsedMs: () => performance.now() },
  guard,
  onFatal: (error) => {
    log.error('the hub must start again', { error: error.message });
    process.exit(70);
  },
});
const { httpPort, callbackPort, mqttPort } = hub;
sayReady({ ready: { httpPort, callbackPort, mqttPort } } satisfies FromGateway);
const ids = openIds({ hubKey: Buffer.alloc(32), now: () => clock.now() });

/** The keeper wants all money that nobody can place to go back; asking twice changes nothing. */
function goOnErrand(all: Books): void {
  for (const { receipt } of all.evidence.inSuspense(1))
    reverseReceipt({ books: all, clock, ids, tell: () => {} }, receipt);
}

const telling = setInterval(() => {
  if (books === undefined) return;
  if (hasErrand) goOnErrand(books);
  process.send?.({ status: statusOf(books) } satisfies FromGateway as never);
}, statusEveryMs);
await ended;
clearInterval(telling);
