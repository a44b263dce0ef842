/** The clock of a hub in the field: it says how far it can be believed, and never lets a wall clock that jumps move time. */
import { statSync } from 'node:fs';
import {
  type ClockFacts,
  type ClockReason,
  type ClockVerdict,
  type HeldTime,
  judgeClock,
  jumpMs,
  type MeterWord,
  syncedAt,
  type Testimony,
  type Witness,
} from '../../core/clock-trust.ts';
import type { MeterId } from '../../core/ids.ts';
import { epochMs } from '../../core/units.ts';
import type { ClockTrust } from '../../ports/clock.ts';
import type { ClockTurn, ClockView, HubClock } from '../../ports/hub-clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Witnesses } from './ask-time.ts';
import { keepTime, readKeptTime, thisBoot } from './kept-time.ts';

export type HubClockOptions = {
  /** Where the time is kept over a power cut. */
  readonly file: string;
  readonly witnesses: Witnesses;
  readonly log: Log;
  /** systemd-timesyncd touches this file at each synchronisation (systemd-timesyncd.service(8)). */
  readonly syncFile?: string;
  readonly boot?: string;
  /** Wall ms since 1970, and monotonic ms since the machine's start that all its processes share. */
  readonly wallMs?: () => number;
  readonly machineMs?: () => number;
};

const timesyncFile = '/run/systemd/timesync/synchronized';
const lookEveryMs = 1_000;
/** How often witnesses are asked while the time is not trusted, and while it is. */
const [askSoonMs, askSeldomMs] = [60_000, 3_600_000];
/** A power cut costs at most so much knowledge of time; more often would wear the card. */
const keepEveryMs = 600_000;
/** Words of meters that are remembered, the newest of each. */
const metersMax = 1_000;

const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** Reads what is kept, looks once, and then every second until it is disposed. */
export function openHubClock(options: HubClockOptions): HubClock {
  const clock = new TrustClock(options);
  const timer = setInterval(() => clock.look(), lookEveryMs);
  timer.unref();
  return {
    now: () => epochMs(clock.now()),
    elapsedMs: () => performance.now(),
    speed: 1,
    isJudged: true,
    trust: () => clock.trust,
    view: () => clock.view(),
    confirm: (timeMs) => clock.confirm(timeMs),
    hearMeter: (meter, timeMs) => clock.hearMeter(meter, timeMs),
    onTurn: (listener) => clock.onTurn(listener),
    look: () => clock.look(),
    [Symbol.dispose]: () => {
      clearInterval(timer);
      clock.keep();
    },
  };
}

export class TrustClock {
  readonly #options: Required<HubClockOptions>;
  readonly #testimonies = new Map<Witness, Testimony>();
  readonly #meters = new Map<MeterId, MeterWord>();
  readonly #listeners: ((turn: ClockTurn) => void | Promise<void>)[] = [];
  #held: HeldTime | undefined;
  #ownOffsetMs: number;
  #verdict: ClockVerdict;
  /** Turns that listeners have not finished. */
  #settling = 0;
  #jumps = 0;
  #jumpedAtMs: number | undefined;
  #touchedMs: number | undefined;
  #syncedAtMs: number | undefined;
  #lastWallMs: number;
  #wallOffsetMs: number;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #keptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: HubClockOptions) {
    this.#options = {
      ...{ syncFile: timesyncFile, boot: options.boot ?? thisBoot() },
      ...{ wallMs: () => Date.now(), machineMs: monotonicMs },
      ...options,
    } as Required<HubClockOptions>;
    const [wallMs, machineMs] = [this.#options.wallMs(), this.#options.machineMs()];
    const kept = readKeptTime(options.file);
    this.#held = kept?.boot === this.#options.boot ? kept.held : undefined;
    this.#lastWallMs = wallMs;
    this.#wallOffsetMs = wallMs - machineMs;
    this.#ownOffsetMs = Math.max(wallMs, kept?.floorMs ?? 0) - machineMs;
    this.#touchedMs = touchOf(this.#options.syncFile);
    this.#syncedAtMs = syncedAt(this.#touchedMs, { wallMs, machineMs });
    // Another process of this start may have set the clock while no hub looked.
    if (this.#held !== undefined && Math.abs(this.#held.offsetMs - this.#wallOffsetMs) > jumpMs)
      this.#jumped(machineMs, this.#wallOffsetMs - this.#held.offsetMs);
    this.#verdict = judgeClock(this.#facts(wallMs, machineMs));
    this.#take(this.#verdict);
    this.look();
  }

  get trust(): ClockTrust {
    return this.#settling > 0 ? 'untrusted' : this.#verdict.trust;
  }

  /** On the way of every reading, so machine time is read only when the wall clock looks odd. */
  now(): number {
    const wallMs = this.#options.wallMs();
    if (Math.abs(wallMs - this.#lastWallMs) > jumpMs) this.look();
    this.#lastWallMs = wallMs;
    const { offsetMs } = this.#verdict;
    return Math.floor(offsetMs === undefined ? wallMs : this.#options.machineMs() + offsetMs);
  }

  /** Gathers what is new, and judges. */
  look(): void {
    const [wallMs, machineMs] = [this.#options.wallMs(), this.#options.machineMs()];
    const byMs = wallMs - machineMs - this.#wallOffsetMs;
    this.#lastWallMs = wallMs;
    this.#wallOffsetMs = wallMs - machineMs;
    if (Math.abs(byMs) > jumpMs) this.#jumped(machineMs, byMs);
    const touchedMs = touchOf(this.#options.syncFile);
    if (touchedMs !== undefined && touchedMs !== this.#touchedMs) this.#syncedAtMs = machineMs;
    this.#touchedMs = touchedMs;
    this.#turnTo(judgeClock(this.#facts(wallMs, machineMs)));
    if (machineMs - this.#keptAtMs >= keepEveryMs) this.keep();
    const pauseMs = this.#verdict.trust === 'trusted' ? askSeldomMs : askSoonMs;
    if (machineMs - this.#askedAtMs >= pauseMs) this.#ask(machineMs);
  }

  confirm(timeMs: number): void {
    const machineMs = this.#options.machineMs();
    this.#held = { offsetMs: timeMs - machineMs, by: 'keeper', sinceMs: machineMs };
    this.#options.log.warn('the keeper said what time it is', { time: iso(timeMs) });
    this.look();
    this.keep();
  }

  hearMeter(meter: MeterId, timeMs: number): void {
    if (this.#meters.size >= metersMax && !this.#meters.has(meter)) return;
    this.#meters.set(meter, { meter, timeMs, machineMs: this.#options.machineMs() });
  }

  onTurn(listener: (turn: ClockTurn) => void | Promise<void>): void {
    this.#listeners.push(listener);
    this.#tell(listener, true);
  }

  /** What is not believed is not kept either. */
  keep(): void {
    const { boot, file } = this.#options;
    this.#keptAtMs = this.#options.machineMs();
    if (this.#verdict.trust === 'untrusted') return;
    keepTime(file, { floorMs: this.now(), boot, held: this.#held });
  }

  view(): ClockView {
    const witnesses = [...this.#testimonies.values()].map(({ witness, timeMs, machineMs }) => [
      witness,
      Math.round(this.#wallOffsetMs - timeMs + machineMs),
    ]);
    return {
      trust: this.trust,
      because: sentences[this.#verdict.reason],
      jumps: this.#jumps,
      wallAheadMs: Math.round(this.#options.wallMs() - this.now()),
      witnesses: Object.fromEntries(witnesses),
    };
  }

  #facts(wallMs: number, machineMs: number): ClockFacts {
    return {
      ...{ wallMs, machineMs, jumpedAtMs: this.#jumpedAtMs, syncedAtMs: this.#syncedAtMs },
      ...{ held: this.#held, ownOffsetMs: this.#ownOffsetMs },
      testimonies: [...this.#testimonies.values()],
      meterWords: [...this.#meters.values()],
    };
  }

  #jumped(machineMs: number, byMs: number): void {
    this.#jumps += 1;
    this.#jumpedAtMs = machineMs;
    this.#options.log.warn('the wall clock jumped', { byMs: Math.round(byMs) });
  }

  #turnTo(verdict: ClockVerdict): void {
    const before = this.#verdict;
    this.#take(verdict);
    if (before.trust === verdict.trust && before.reason === verdict.reason) return;
    const { trust, reason } = verdict;
    this.#options.log.info('the hub’s time', { trust, because: sentences[reason] });
    const wasUntrusted = before.trust === 'untrusted';
    for (const listener of this.#listeners) this.#tell(listener, wasUntrusted);
    this.keep();
  }

  /** What is believed now is what the hub goes by when it is believed no longer. */
  #take(verdict: ClockVerdict): void {
    this.#verdict = verdict;
    if (verdict.trust === 'untrusted') return;
    this.#ownOffsetMs = verdict.offsetMs ?? this.#wallOffsetMs;
    if (verdict.provedAtMs === undefined) return;
    this.#held = { offsetMs: this.#wallOffsetMs, by: 'proof', sinceMs: verdict.provedAtMs };
  }

  /** Where time becomes believed, that waits for the listener. */
  #tell(listener: (turn: ClockTurn) => void | Promise<void>, isWaitedFor: boolean): void {
    const { trust, offsetMs = this.#wallOffsetMs } = this.#verdict;
    const told = listener({ trust, offsetMs, boot: this.#options.boot });
    if (!(told instanceof Promise)) return;
    if (isWaitedFor) this.#settling += 1;
    void told
      .catch((error: unknown) => this.#options.log.error('dating anew', { error: String(error) }))
      .finally(() => {
        if (isWaitedFor) this.#settling -= 1;
      });
  }

  #ask(machineMs: number): void {
    this.#askedAtMs = machineMs;
    for (const [name, ask] of Object.entries(this.#options.witnesses))
      void ask().then((timeMs) => {
        if (timeMs === undefined) return;
        const witness = name as Witness;
        this.#testimonies.set(witness, {
          ...{ witness, timeMs },
          machineMs: this.#options.machineMs(),
        });
      });
  }
}

const sentences: Readonly<Record<ClockReason, string>> = {
  synchronised: 'This machine has synchronised its time.',
  'witnesses-agree': 'Servers outside agree with the time of this machine.',
  held: 'The time was proved earlier and has been counted on since.',
  'witnesses-only': 'Servers outside agree on the time; the clock of this machine is wrong.',
  keeper: 'The keeper said what time it is.',
  meters: 'The clocks of the meters agree with the time of this machine.',
  denied: 'Servers outside contradict the time of this machine, or each other.',
  nobody: 'Nobody confirms the time of this machine yet.',
};

const iso = (ms: number): string => new Date(ms).toISOString();

function touchOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
