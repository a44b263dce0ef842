/** Throws damaged sessions at the front, in memory, and looks whether anything wrong comes through. */
import { setImmediate as turn } from 'node:timers/promises';
import { Connection } from '../../../gateway/adapters/broker/connection.ts';
import type { Wire } from '../../../gateway/adapters/broker/wire.ts';
import type { ReadingSink } from '../../../gateway/ports/readings.ts';
import { aStream, type Dice, diceOf, readingsIn, type Stream } from './fuzz-streams.ts';
import { kept } from './given.ts';
import { aHouse } from './in-memory.ts';

type Wish = {
  readonly seed: number;
  readonly streams: number;
  /** Told from time to time how far it is. */
  readonly say: (line: string) => void;
};

const atOnce = 64;
/** Every so many streams meet the true aedes behind the front; the others one that only nods. */
const trueEvery = 50;
const problemsMax = 20;
/** After so many turns of the event loop nothing moves any more. */
const turnsMax = 400;

type Offer = { payload: string; ticket: number; settled: (ticket: number) => void };

/** Small, so that it is often full. */
const sinkRoom = 24;

function aSmallSink() {
  const waiting: Offer[] = [];
  const listeners: (() => void)[] = [];
  const offered = new Map<object, string[]>();
  let current: string[] = [];
  const sink: ReadingSink = {
    enter(_meter, settled) {
      const mine = current;
      return {
        offer(bytes, from, to, ticket) {
          if (waiting.length >= sinkRoom) return false;
          const payload = Buffer.from(bytes.subarray(from, to)).toString('latin1');
          mine.push(payload);
          waiting.push({ payload, ticket, settled: (id) => settled(id, kept) });
          return true;
        },
      };
    },
    onSettled: (listener) => listeners.push(listener),
  };
  return {
    sink,
    offered,
    waiting,
    /** Where the next connection's readings are written down. */
    writeTo(list: string[]) {
      current = list;
    },
    commit(count: number) {
      for (const { settled, ticket } of waiting.splice(0, count)) settled(ticket);
      for (const listener of listeners) listener();
    },
  };
}

async function aRoom(isTrue: boolean) {
  const small = aSmallSink();
  return { small, house: await aHouse(small.sink, isTrue, () => 0) };
}

/** One end of a socket pair. */
class MemoryWire implements Wire {
  readonly written: Buffer[] = [];
  readonly #chunks: Buffer[];
  #isPaused = false;
  isEnded = false;
  connection: Connection | undefined;

  constructor({ bytes, cuts }: Stream) {
    // A copy per chunk, as from a socket: what is kept of it too long would be overwritten below.
    const edges = [0, ...cuts, bytes.length];
    this.#chunks = cuts
      .concat(bytes.length)
      .map((edge, index) => Buffer.from(bytes.subarray(edges[index], edge)));
  }

  get isThrough(): boolean {
    return this.#chunks.length === 0 || this.isEnded;
  }

  /** Hands over what has arrived; the bytes are gone afterwards unless they were held back. */
  pump(count: number): void {
    for (let n = 0; n < count && !this.#isPaused && !this.isEnded; n++) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return;
      this.connection?.front.arrived(chunk);
    }
  }

  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes));
    return true;
  }
  end(): void {
    this.isEnded = true;
  }
  destroy(): void {
    this.isEnded = true;
  }
  pause(): void {
    this.#isPaused = true;
  }
  resume(): void {
    this.#isPaused = false;
  }
}

type Room = Awaited<ReturnType<typeof aRoom>>;
type Run = {
  readonly stream: Stream;
  readonly wire: MemoryWire;
  readonly connection: Connection;
  readonly offered: string[];
  /** Nobody ended the connection while something was still to come. */
  stayed: boolean;
};

/** Lets some streams arrive side by side, and answers what they did. */
async function runBatch({ house, small }: Room, dice: Dice, count: number): Promise<Run[]> {
  const runs: Run[] = Array.from({ length: count }, () => {
    const stream = aStream(dice);
    const wire = new MemoryWire(stream);
    const offered: string[] = [];
    const connection = new Connection(house, wire, undefined);
    wire.connection = connection;
    return { stream, wire, connection, offered, stayed: false };
  });
  for (let turns = 0; turns < turnsMax; turns++) {
    for (const { wire, offered } of runs) {
      small.writeTo(offered);
      wire.pump(8);
    }
    small.commit(dice.below(sinkRoom + 1));
    await turn();
    const isOver = runs.every(
      ({ wire, connection }) => wire.isThrough && !connection.front.isWaiting,
    );
    if (isOver && small.waiting.length === 0) break;
  }
  for (const run of runs) {
    run.stayed = run.connection.front.isOpen;
    run.connection.gone();
  }
  small.commit(sinkRoom);
  await turn();
  return runs;
}

/** `offered`: how many readings came through. */
export async function fuzzFront({ seed, streams, say }: Wish) {
  const dice = diceOf(seed);
  const problems: string[] = [];
  const complain = (what: string) => {
    if (problems.length < problemsMax) problems.push(`seed ${seed}, ${what}`);
  };
  const onError = (error: Error) => complain(`thrown: ${error.stack}`);
  process.on('uncaughtException', onError);
  const rooms = { nodding: await aRoom(false), true: await aRoom(true) };
  let offered = 0;
  let done = 0;
  for (let batch = 0; done < streams && problems.length < problemsMax; batch++) {
    const room = batch % trueEvery === trueEvery - 1 ? rooms.true : rooms.nodding;
    const count = Math.min(atOnce, streams - done);
    const runs = await runBatch(room, dice, count);
    for (const run of runs) offered += run.offered.length;
    for (const problem of [...runs.flatMap(problemsOf), ...leaksOf(room)]) {
      complain(`batch ${batch}: ${problem}`);
    }
    done += count;
    if (batch % 1000 === 999) say(`${done} streams, ${offered} readings`);
  }
  for (const { house } of Object.values(rooms)) {
    house.rounds.stop();
    await new Promise<void>((resolve) => house.aedes.close(() => resolve()));
  }
  process.off('uncaughtException', onError);
  return { streams: done, offered, problems };
}

function problemsOf({ stream, wire, offered, stayed }: Run): string[] {
  const problems: string[] = [];
  const allowed = readingsIn(stream.bytes);
  const foreign = offered.find((payload, index) => payload !== allowed[index]);
  if (foreign !== undefined) problems.push(`offered what nobody sent: ${foreign}`);
  if (stayed && offered.length !== allowed.length) problems.push('kept a reading back');
  const said = Buffer.concat(wire.written);
  let at = 0;
  while (at < said.length && (said[at + 1] ?? 0) < 128) at += 2 + (said[at + 1] ?? said.length);
  if (at !== said.length) problems.push(`spoke half a packet: ${said.toString('hex')}`);
  return problems.map((problem) => `${problem} of ${stream.bytes.toString('hex')}`);
}

function leaksOf({ house }: Room): string[] {
  const left = {
    'meters at the desk': house.desk.meters,
    'meters online': house.online().size,
    residents: house.residents,
    arriving: house.arriving.size,
    watched: house.rounds.watching,
  };
  return Object.entries(left)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what} left over`);
}
