/** Where all meters' readings pass: who must wait for the disk, and who gets PUBACKs after a commit. */
import type { MeterId } from '../../core/ids.ts';
import type { ReadingSink } from '../../ports/readings.ts';
import { type MeterPending, ReadingGate } from './reading-gate.ts';

/** A connection as the desk sees it. */
export interface Caller {
  /** Writes the PUBACKs of the last commit. */
  sendAcks(): void;
  /** The meter's readings may come again. */
  comeAgain(): void;
}

export class ReadingDesk {
  readonly #sink: ReadingSink;
  readonly #pendingPerMeterMax: number;
  readonly #meters = new Map<MeterId, MeterPending>();
  #acknowledged: Caller[] = [];
  /** Turned away by a full sink, longest first. */
  #waiting: Caller[] = [];
  readonly #overdrawn = new Map<Caller, MeterPending>();
  #isFull = false;
  /** Meters that left while their last readings were under way. */
  readonly #leavers = new Set<MeterPending>();

  constructor(sink: ReadingSink, pendingPerMeterMax: number) {
    this.#sink = sink;
    this.#pendingPerMeterMax = pendingPerMeterMax;
    sink.onSettled(() => this.#settled());
  }

  /** How many meters have readings under way or a connection. */
  get meters(): number {
    return this.#meters.size;
  }

  gateFor(meter: MeterId, caller: Caller): ReadingGate {
    let pending = this.#meters.get(meter);
    if (pending === undefined) {
      pending = { meter, unsettled: 0, gates: 0 };
      this.#meters.set(meter, pending);
    }
    pending.gates += 1;
    const hasAcks = () => this.#acknowledged.push(caller);
    return new ReadingGate(this.#sink, pending, hasAcks);
  }

  leave(gate: ReadingGate, caller: Caller): void {
    gate.pending.gates -= 1;
    this.#overdrawn.delete(caller);
    const at = this.#waiting.indexOf(caller);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#strikeOut(gate.pending);
  }

  /** Whether this meter has so many readings under way that it must wait for half of them. */
  isOverdrawn({ unsettled }: MeterPending): boolean {
    return unsettled >= this.#pendingPerMeterMax;
  }

  waitForHalf(caller: Caller, pending: MeterPending): void {
    this.#overdrawn.set(caller, pending);
  }

  waitForDisk(caller: Caller): void {
    this.#isFull = true;
    this.#waiting.push(caller);
  }

  #settled(): void {
    const acknowledged = this.#acknowledged;
    this.#acknowledged = [];
    for (const caller of acknowledged) caller.sendAcks();
    for (const [caller, pending] of this.#overdrawn) {
      if (pending.unsettled > this.#pendingPerMeterMax / 2) continue;
      this.#overdrawn.delete(caller);
      caller.comeAgain();
    }
    this.#askAgain();
    for (const pending of this.#leavers) this.#strikeOut(pending);
  }

  /** One after the other until the sink is full again; who was served in part goes to the end. */
  #askAgain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isFull = false;
    while (waiting.length > 0 && !this.#isFull) waiting.shift()?.comeAgain();
    this.#waiting = waiting.concat(this.#waiting);
  }

  #strikeOut(pending: MeterPending): void {
    if (pending.gates === 0 && pending.unsettled > 0) {
      this.#leavers.add(pending);
      return;
    }
    this.#leavers.delete(pending);
    if (pending.gates === 0) this.#meters.delete(pending.meter);
  }
}
