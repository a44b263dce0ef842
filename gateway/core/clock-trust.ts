/**
 * Decides how far the hub's time can be believed, and which time that is. A Raspberry Pi has no clock of its own:
 * after a power cut it shows the time of some earlier day until somebody who knows better tells it.
 *
 * Machine time is monotonic and counts from the machine's start; an offset is neighbourhood time less machine time, in
 * ms, so that two sources of time can be compared whenever each of them spoke.
 */

/** Who can tell the time from outside: M-Pesa's answers, the chain's blocks, a time server. */
export type Witness = 'mpesa' | 'chain' | 'ntp';

/** What one witness said, and when it was heard. */
export type Testimony = {
  readonly witness: Witness;
  readonly timeMs: number;
  readonly machineMs: number;
};

/** The time in a fresh reading of a meter whose own clock runs. */
export type MeterWord = {
  readonly meter: string;
  readonly timeMs: number;
  readonly machineMs: number;
};

/** A time that this hub has known since this start of the machine. */
export type HeldTime = {
  readonly offsetMs: number;
  readonly by: 'proof' | 'keeper';
  /** Machine time of the last proof, or of the keeper's word. */
  readonly sinceMs: number;
};

export type ClockFacts = {
  readonly machineMs: number;
  /** What the machine's wall clock shows. */
  readonly wallMs: number;
  /** Machine time at which the wall clock was last seen to jump. */
  readonly jumpedAtMs: number | undefined;
  /** Machine time at which the system's time service last synchronised. */
  readonly syncedAtMs: number | undefined;
  readonly testimonies: readonly Testimony[];
  readonly meterWords: readonly MeterWord[];
  readonly held: HeldTime | undefined;
  /** The time that the hub goes by when it believes nobody: never before what it has shown already. */
  readonly ownOffsetMs: number;
};

/** Why the time is believed, or not. */
export type ClockReason =
  | 'synchronised'
  | 'witnesses-agree'
  | 'held'
  | 'witnesses-only'
  | 'keeper'
  | 'meters'
  | 'denied'
  | 'nobody';

export type ClockVerdict = {
  readonly trust: 'trusted' | 'provisional' | 'untrusted';
  readonly reason: ClockReason;
  /** Undefined: the time is the wall clock's. */
  readonly offsetMs: number | undefined;
  /** Machine time of the newest proof; undefined unless trusted. */
  readonly provedAtMs: number | undefined;
};

/** A wall clock that moves by more against machine time was set, not corrected. */
export const jumpMs = 60_000;
/** Witnesses agree within this (facts of operations, clock trust). */
export const witnessesApartMaxMs = 30_000;
/** What a witness said is good for so long: a quartz is off by a second then, at most. */
const testimonyMostMs = 6 * 3_600_000;
/** A proof is good for so long: a poor quartz (50 in a million) is off by what witnesses may be apart. */
export const proofMostMs = 7 * 24 * 3_600_000;
/** A reading is under way for moments; the rest is the meter's own clock. */
const metersApartMaxMs = 120_000;
const meterWordMostMs = 600_000;
/** One meter alone may be wrong, or lie. */
const metersAgreeingLeast = 2;
const witnessesLeast = 2;

/** Judges the facts as they are now. */
export function judgeClock(facts: ClockFacts): ClockVerdict {
  const wallOffsetMs = facts.wallMs - facts.machineMs;
  const words = newestOfEach(facts);
  const near = (offsetMs: number) => words.filter((word) => isNear(word.offsetMs, offsetMs));
  const [forWall, among] = [near(wallOffsetMs), consensus(words)];
  const isDenied =
    among !== undefined && near(among).length > forWall.length && !isNear(among, wallOffsetMs);
  const proof = proofOf(facts, wallOffsetMs, forWall);
  if (proof !== undefined && !isDenied) return { trust: 'trusted', offsetMs: undefined, ...proof };
  if (among !== undefined) return provisional('witnesses-only', among);
  const { held } = facts;
  if (held !== undefined)
    return provisional(held.by === 'keeper' ? 'keeper' : 'held', held.offsetMs);
  const agreed = [wallOffsetMs, facts.ownOffsetMs].find((offsetMs) => metersAgree(facts, offsetMs));
  // Time never goes back behind what the hub has known.
  if (agreed !== undefined && agreed >= facts.ownOffsetMs) return provisional('meters', agreed);
  const reason = words.length > forWall.length ? 'denied' : 'nobody';
  return { trust: 'untrusted', reason, offsetMs: facts.ownOffsetMs, provedAtMs: undefined };
}

const provisional = (reason: ClockReason, offsetMs: number): ClockVerdict => ({
  ...{ trust: 'provisional', reason, offsetMs },
  provedAtMs: undefined,
});

type Word = { readonly offsetMs: number; readonly machineMs: number };

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= witnessesApartMaxMs;

function newestOfEach({ testimonies, machineMs }: ClockFacts): Word[] {
  const newest = new Map<Witness, Word>();
  for (const { witness, timeMs, machineMs: heardMs } of testimonies) {
    if (machineMs - heardMs > testimonyMostMs) continue;
    if ((newest.get(witness)?.machineMs ?? Number.NEGATIVE_INFINITY) > heardMs) continue;
    newest.set(witness, { offsetMs: timeMs - heardMs, machineMs: heardMs });
  }
  return [...newest.values()];
}

/** The time on which two witnesses of the three agree; undefined when they contradict each other. */
function consensus(words: readonly Word[]): number | undefined {
  const parties = words
    .map(({ offsetMs }) => words.filter((other) => isNear(other.offsetMs, offsetMs)))
    .sort((a, b) => b.length - a.length);
  const [largest = []] = parties;
  if (largest.length < witnessesLeast) return undefined;
  return Math.round(largest.reduce((sum, { offsetMs }) => sum + offsetMs, 0) / largest.length);
}

type Proof = { readonly reason: ClockReason; readonly provedAtMs: number };

/** The newest proof that the wall clock is right; what was proved before it jumped says nothing any more. */
function proofOf(
  { machineMs, jumpedAtMs, syncedAtMs, held }: ClockFacts,
  wallOffsetMs: number,
  forWall: readonly Word[],
): Proof | undefined {
  const proofs: Proof[] = [];
  if (syncedAtMs !== undefined && syncedAtMs >= (jumpedAtMs ?? Number.NEGATIVE_INFINITY))
    proofs.push({ reason: 'synchronised', provedAtMs: syncedAtMs });
  const [, second] = forWall.map((word) => word.machineMs).sort((a, b) => b - a);
  if (second !== undefined) proofs.push({ reason: 'witnesses-agree', provedAtMs: second });
  if (held?.by === 'proof' && Math.abs(held.offsetMs - wallOffsetMs) <= jumpMs)
    proofs.push({ reason: 'held', provedAtMs: held.sinceMs });
  return proofs
    .filter(({ provedAtMs }) => machineMs - provedAtMs <= proofMostMs)
    .sort((a, b) => b.provedAtMs - a.provedAtMs)[0];
}

/** Whether most meters that were heard of late show this time, and enough of them. */
function metersAgree({ meterWords, machineMs }: ClockFacts, offsetMs: number): boolean {
  const newest = new Map<string, MeterWord>();
  for (const word of meterWords)
    if (machineMs - word.machineMs <= meterWordMostMs) newest.set(word.meter, word);
  const agreeing = [...newest.values()].filter(
    (word) => Math.abs(word.timeMs - word.machineMs - offsetMs) <= metersApartMaxMs,
  );
  return agreeing.length >= metersAgreeingLeast && 2 * agreeing.length > newest.size;
}

/**
 * Machine time at which the system's time service synchronised, from the time at which its file was last touched. A
 * file of the future was touched before the clock was put back, and proves nothing.
 */
export function syncedAt(
  touchedMs: number | undefined,
  { machineMs, wallMs }: Pick<ClockFacts, 'machineMs' | 'wallMs'>,
): number | undefined {
  if (touchedMs === undefined || touchedMs > wallMs + jumpMs) return undefined;
  return machineMs - Math.max(0, wallMs - touchedMs);
}
