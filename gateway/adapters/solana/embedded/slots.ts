/** The ledger's time: slots of 400 ms that never go back, and the blockhashes that name them. */
import { createHmac } from 'node:crypto';
import bs58 from 'bs58';
import type { MachineClock } from '../../../ports/clock.ts';

export const slotMs = 400;
/** A blockhash is accepted up to this many slots after its own. */
export const blockhashSlots = 150;
/** How far ahead slots are reserved on disk: one small write every 26 s of use, and the jump after a power cut. */
const slotsReserved = 64;

export type Slots = { now(): number };

/**
 * Counts on machine time alone, so a wrong wall clock cannot matter. Every slot that anybody was told is
 * below a ceiling on disk, and a restart begins at that ceiling. `reserve` must be durable when it returns.
 */
export function startSlots(
  clock: MachineClock,
  firstSlot: number,
  reserve: (ceiling: number) => void,
): Slots {
  const startMs = clock.elapsedMs();
  let last = firstSlot;
  let ceiling = firstSlot;
  return {
    now() {
      const slot = Math.max(last, firstSlot + Math.floor((clock.elapsedMs() - startMs) / slotMs));
      if (slot > ceiling) {
        reserve(slot + slotsReserved);
        ceiling = slot + slotsReserved;
      }
      last = slot;
      return slot;
    },
  };
}

export type Blockhashes = {
  of(slot: number): string;
  /** Whether a transaction that carries this hash may still land in `slot`. */
  accepts(hash: Uint8Array, slot: number): boolean;
};

/** Hashes nobody can foresee, since they come from a secret seed; the same after a restart. */
export function openBlockhashes(seed: Uint8Array): Blockhashes {
  const slotOf = new Map<string, number>();
  let newest = -1;
  const hashOf = (slot: number) => createHmac('sha256', seed).update(`slot:${slot}`).digest();
  /** A map compares text by its letters, and bytes not at all. */
  const letters = (hash: Uint8Array) => Buffer.from(hash).toString('latin1');
  const catchUp = (slot: number) => {
    for (let next = Math.max(newest + 1, slot - blockhashSlots); next <= slot; next++) {
      slotOf.set(letters(hashOf(next)), next);
    }
    newest = Math.max(newest, slot);
    // What is left are the hashes that are still accepted. A map keeps the order of insertion: oldest first.
    for (const [hash, old] of slotOf) {
      if (old >= slot - blockhashSlots) break;
      slotOf.delete(hash);
    }
  };
  return {
    of: (slot) => bs58.encode(hashOf(slot)),
    accepts(hash, slot) {
      catchUp(slot);
      return slotOf.has(letters(hash));
    },
  };
}
