/** Counts the boundaries of every step: before and after each write to the books and each call outside. */
import type { ReadingSink } from '../../gateway/ports/readings.ts';

export type Boundaries = {
  /** Names that were passed since the last call, such as `after books.trades.pay#1`. */
  takePassed(): string[];
  callsUnderWay(): number;
  spare(spared: boolean): void;
  isSpared(): boolean;
  /** The same port, watched. */
  watch<Port extends object>(name: string, port: Port): Port;
};

/** Calls of the books that write nothing; every other one is a boundary, also one that is added tomorrow. */
const reads: ReadonlySet<string> = new Set([
  ...['find', 'all', 'byPhone', 'ruleOf', 'registrations', 'passwordHashOf', 'at', 'due', 'open'],
  ...['nextSlot', 'firstSlot', 'balanceOf', 'history', 'keepingOf', 'onChainWh', 'sellersOf'],
  ...[
    'adviceOf',
    'advice',
    'proposalsOf',
    'lotsBetween',
    'byIdempotencyKey',
    'ofTopup',
    'inStates',
  ],
  ...['ofBuyer', 'soldSince', 'boughtSince', 'walletOf', 'earningsOf', 'earnedBy', 'openOn'],
  ...['useOfPath'],
  ...['byReference', 'byReceipt', 'byCode', 'ofHousehold', 'ofPhone', 'ofReceipt', 'inSuspense'],
  ...['hint', 'openHints', 'acts', 'alarms', 'promise', 'neededCents', 'thereIn', 'begunSince'],
  ...['sentSince', 'othersUnderWay', 'isProvedSince', 'credentialFault', 'holding', 'mintedSince'],
  ...['lastComparison', 'lastComplete', 'missingInList', 'lastLook', 'look', 'lastAnswered'],
  ...['ours', 'float', 'moment', 'undecidedSince', 'equalPromptAt'],
  ...[
    'byCheckoutRequest',
    'historyOf',
    'attemptsOf',
    'openOf',
    'lastAt',
    'lastDone',
    'refusedAt',
    'waiting',
  ],
  ...['nextSequence', 'paidOutTo', 'earners', 'feeFor', 'ofTrade', 'openAttempt', 'attempts'],
  ...['trialBalance', 'imbalances', 'standing', 'publicKeyOf', 'mosquittoHashes'],
  'wasRegistered',
  ...[
    'between',
    'pastOf',
    'givenBetween',
    'firstGiven',
    'lastScoredDay',
    'sumsSince',
    'pairedDays',
  ],
]);
/** Calls of the outside ports that leave no trace outside. */
const harmless: ReadonlySet<string> = new Set([
  ...['readCallback', 'getReady', 'health', 'prepare', 'supply'],
]);

type Call = (...args: unknown[]) => unknown;

/**
 * `cutAt` is a boundary's name with its number, such as `before money.ring#1`, or `#n` for the n-th of all.
 * There the process is killed as a power cut would end it: at once, with nothing flushed or closed.
 */
export function openBoundaries(cutAt: string | undefined): Boundaries {
  const times = new Map<string, number>();
  const passed: string[] = [];
  let [inAll, underWay, spared] = [0, 0, false];

  const pass = (name: string): void => {
    if (spared) return;
    inAll += 1;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    const numbered = `${name}#${time}`;
    passed.push(numbered);
    if (cutAt === numbered || cutAt === `#${inAll}`) process.kill(process.pid, 'SIGKILL');
  };
  const writing =
    (name: string, write: Call): Call =>
    (...args) => {
      const full = `${name}${qualifier(name, args)}`;
      pass(`before ${full}`);
      const answer = write(...args);
      pass(`after ${full}`);
      return answer;
    };
  const calling =
    (name: string, call: Call): Call =>
    async (...args) => {
      pass(`before ${name}`);
      underWay += 1;
      const answer = await Promise.resolve(call(...args)).finally(() => {
        underWay -= 1;
      });
      pass(`after ${name}`);
      return answer;
    };
  const watchers: Record<string, (port: object) => object> = {
    books: (books) =>
      wrapped(books, (topic, commands) =>
        typeof commands === 'object' && commands !== null
          ? wrapped(commands, writes(topic))
          : commands,
      ),
    readings: (readings) => watchReadings(readings as ReadingSink, pass),
    money: (money) => wrapped(money, outside('money')),
    chain: (chain) => wrapped(chain, outside('chain')),
  };
  const writes = (topic: string) => (name: string, command: unknown) =>
    typeof command === 'function' && !reads.has(name)
      ? writing(`books.${topic}.${name}`, command as Call)
      : command;
  const outside = (port: string) => (name: string, call: unknown) =>
    typeof call === 'function' && !harmless.has(name)
      ? calling(`${port}.${name}`, call as Call)
      : call;

  return {
    takePassed: () => passed.splice(0),
    callsUnderWay: () => underWay,
    spare: (wish) => {
      spared = wish;
    },
    isSpared: () => spared,
    watch: <Port extends object>(name: string, port: Port) =>
      (watchers[name]?.(port) ?? port) as Port,
  };
}

/** The same object with every property that has a name passed through `change`. */
function wrapped(object: object, change: (name: string, value: unknown) => unknown): object {
  const changed = Object.entries(object).map(([name, value]) => [name, change(name, value)]);
  return { ...object, ...Object.fromEntries(changed) };
}

/** A payload that arrives, and the moment when its commit is known and its PUBACK may go. */
const watchReadings = (readings: ReadingSink, pass: (name: string) => void): ReadingSink => ({
  ...readings,
  enter: (meter, settled) => {
    const entry = readings.enter(meter, (ticket, verdict) => {
      pass('before readings.settled');
      settled(ticket, verdict);
      pass('after readings.settled');
    });
    return {
      offer: (...payload) => {
        pass('before readings.offer');
        const taken = entry.offer(...payload);
        pass('after readings.offer');
        return taken;
      },
    };
  },
});

/** Deeds and messages are told apart by their kind, so that each kind has a boundary of its own. */
function qualifier(name: string, args: readonly unknown[]): string {
  switch (name) {
    case 'books.deeds.later':
    case 'books.deeds.done':
      return ` ${String(args[0]).split(':')[0]}`;
    case 'books.deeds.hasten':
      return ` ${String(args[0])}`;
    case 'books.inbox.keep':
      return ` ${aboutWhat(Buffer.from(args[1] as Uint8Array))}`;
    case 'books.inbox.markRead':
      return ` ${String(args[1]).split(':')[0]}`;
    default:
      return '';
  }
}

function aboutWhat(body: Buffer): string {
  if (body.includes('stkCallback')) return 'push';
  return body.includes('AccountBalance') ? 'balance' : 'payout';
}
