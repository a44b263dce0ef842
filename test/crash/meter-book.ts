/** What one meter knows by itself: everything it measured, and which of it the hub has acknowledged. */
import type { MeterId } from '../../gateway/core/ids.ts';
import type { EpochMs } from '../../gateway/core/units.ts';

/** How a meter sends: in order, a few readings mixed up, or what it missed behind what it measures now. */
export type Habit = 'orderly' | 'shuffling' | 'backlog-behind-live';

const sentMark = 1;
const acknowledgedMark = 2;
/** Measured while the link was down: bit of `fl` in a reading. */
const whileDown = 8;

/** Readings that a shuffling meter has to choose from. */
const shuffledMax = 6;
/** What a meter of that habit measures before it comes back, unless it has so much left already. */
const backlogReadings = 30;
const backlogMax = 60;
/** Acknowledged readings that a meter sends again after a restart, as if their PUBACKs had been lost. */
const repeatedMax = 5;
const roomAtFirst = 256;
const bootFirst = 1_000_003;

const mWhEach = { import: 100, export: 3, generation: 50 };

export class MeterBook {
  readonly name: MeterId;
  readonly habit: Habit;
  /** A meter whose clock was never set: the hub dates its readings. */
  readonly isClockless: boolean;
  readonly #random: () => number;
  #marks = new Uint8Array(roomAtFirst);
  #times = new Uint32Array(roomAtFirst);
  #lives = new Uint16Array(roomAtFirst);
  #flags = new Uint8Array(roomAtFirst);
  readonly #lifeStarts: number[] = [];
  #next = 1;
  #unacknowledgedFrom = 1;
  #waiting: number[] = [];
  #backlog: number[] = [];
  #isLiveTurn = true;

  constructor(name: string, habit: Habit, isClockless: boolean, random: () => number) {
    this.name = name as MeterId;
    this.habit = habit;
    this.isClockless = isClockless;
    this.#random = random;
  }

  /** One beyond the highest sequence number that was measured. */
  get end(): number {
    return this.#next;
  }

  wasSent = (s: number): boolean => ((this.#marks[s] ?? 0) & sentMark) !== 0;
  isAcknowledged = (s: number): boolean => ((this.#marks[s] ?? 0) & acknowledgedMark) !== 0;

  acknowledge(s: number): void {
    this.#marks[s] = (this.#marks[s] ?? 0) | acknowledgedMark;
  }

  /** What the hub should have stored; `at` is undefined where the hub dates the reading. */
  content(s: number) {
    const life = this.#lives[s] ?? 0;
    return {
      boot: bootFirst + life * 977,
      at: this.isClockless ? undefined : (this.#times[s] ?? 0) * 1000,
      importMwh: s * mWhEach.import,
      exportMwh: s * mWhEach.export,
      generationMwh: s * mWhEach.generation,
      powerMw: ((s * 7_919) % 5_000_000) - 2_500_000,
      voltageMv: 228_000 + (s % 4_000),
      flags: this.#flags[s] ?? 0,
    };
  }

  /** The same bytes whenever the reading is sent. */
  payload(s: number): string {
    this.#marks[s] = (this.#marks[s] ?? 0) | sentMark;
    const told = this.content(s);
    const time = this.#times[s] ?? 0;
    const uptime = time - (this.#lifeStarts[this.#lives[s] ?? 0] ?? 0);
    const [t, quality] = this.isClockless ? [0, 0] : [time, 2];
    return `{"v":1,"s":${s},"b":${told.boot},"t":${t},"tq":${quality},"up":${uptime},"p":${told.powerMw},"u":${told.voltageMv},"i":157,"f":50012,"ei":${told.importMwh},"ee":${told.exportMwh},"eg":${told.generationMwh},"fl":${told.flags}}`;
  }

  /** The meter comes back: what is not acknowledged waits again, and some of the rest is repeated. */
  comeBack(now: EpochMs): void {
    if (this.#lifeStarts.length === 0 || this.#random() < 0.1) {
      this.#lifeStarts.push(Math.floor(now / 1000) - 1);
    }
    while (this.#unacknowledgedFrom < this.#next && this.isAcknowledged(this.#unacknowledgedFrom))
      this.#unacknowledgedFrom += 1;
    this.#waiting = [];
    this.#backlog = [];
    for (let s = this.#unacknowledgedFrom; s < this.#next; s++)
      if (!this.isAcknowledged(s)) this.#waiting.push(s);
    for (let n = 0; n < repeatedMax && this.#next > 1; n++)
      this.#waiting.push(1 + Math.floor(this.#random() * (this.#next - 1)));
    if (this.habit === 'backlog-behind-live') this.#missSome(now);
  }

  #missSome(now: EpochMs): void {
    this.#backlog = this.#waiting;
    this.#waiting = [];
    const missed = this.#backlog.length < backlogMax ? backlogReadings : 0;
    for (let n = 0; n < missed; n++) this.#backlog.push(this.#measure(now, whileDown));
  }

  /** The sequence number to be sent now. */
  next(now: EpochMs): number {
    if (this.habit === 'backlog-behind-live' && this.#backlog.length > 0) {
      this.#isLiveTurn = !this.#isLiveTurn;
      // Too many pieces are more than the hub remembers of a meter.
      if (this.#isLiveTurn || this.#backlog.length >= backlogMax)
        return this.#backlog.shift() ?? this.#measure(now, 0);
    }
    if (this.habit !== 'shuffling') return this.#waiting.shift() ?? this.#measure(now, 0);
    while (this.#waiting.length < shuffledMax) this.#waiting.push(this.#measure(now, 0));
    const choice = Math.floor(this.#random() * Math.min(shuffledMax, this.#waiting.length));
    return this.#waiting.splice(choice, 1)[0] ?? this.#measure(now, 0);
  }

  #measure(now: EpochMs, flags: number): number {
    const s = this.#next++;
    if (s >= this.#marks.length) this.#makeRoom();
    this.#times[s] = Math.floor(now / 1000);
    this.#lives[s] = this.#lifeStarts.length - 1;
    this.#flags[s] = flags;
    return s;
  }

  #makeRoom(): void {
    const room = 2 * this.#marks.length;
    this.#marks = grown(this.#marks, new Uint8Array(room));
    this.#times = grown(this.#times, new Uint32Array(room));
    this.#lives = grown(this.#lives, new Uint16Array(room));
    this.#flags = grown(this.#flags, new Uint8Array(room));
  }
}

function grown<Numbers extends Uint8Array | Uint16Array | Uint32Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
