import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ClockFacts,
  judgeClock,
  jumpMs,
  proofMostMs,
  syncedAt,
  type Witness,
  witnessesApartMaxMs,
} from '../../gateway/core/clock-trust.ts';

const trusting = suite('believing the hub’s time');

const nine = Date.parse('2026-03-12T09:00:00+03:00');
const [secondMs, hourMs, dayMs] = [1_000, 3_600_000, 86_400_000];
/** The machine has run for an hour, and its wall clock shows nine. */
const machineMs = hourMs;

const facts = (differs: Partial<ClockFacts> = {}): ClockFacts => ({
  ...{ machineMs, wallMs: nine, jumpedAtMs: undefined, syncedAtMs: undefined },
  ...{ testimonies: [], meterWords: [], held: undefined, ownOffsetMs: nine - machineMs },
  ...differs,
});
/** What a witness said, less what the wall clock shows. */
const said = (witness: Witness, aheadMs: number, agoMs = 0) => ({
  ...{ witness, timeMs: nine + aheadMs - agoMs, machineMs: machineMs - agoMs },
});
const meter = (name: string, aheadMs: number, agoMs = 0) => ({
  ...{ meter: name, timeMs: nine + aheadMs - agoMs, machineMs: machineMs - agoMs },
});
const judged = (differs: Partial<ClockFacts>) => {
  const { trust, reason } = judgeClock(facts(differs));
  return `${trust}, ${reason}`;
};

trusting('begins with nobody who confirms it', () => {
  assert.equal(judgeClock(facts()), {
    ...{ trust: 'untrusted', reason: 'nobody', provedAtMs: undefined },
    offsetMs: nine - machineMs,
  });
});

trusting('is complete once the machine has synchronised', () => {
  assert.equal(judgeClock(facts({ syncedAtMs: machineMs - 5 })), {
    ...{ trust: 'trusted', reason: 'synchronised', offsetMs: undefined },
    provedAtMs: machineMs - 5,
  });
});

trusting('needs two witnesses that agree with the clock, to the half minute', () => {
  const [edge, past] = [witnessesApartMaxMs, witnessesApartMaxMs + 1];
  assert.is(judged({ testimonies: [said('mpesa', 0)] }), 'untrusted, nobody');
  assert.is(
    judged({ testimonies: [said('mpesa', 0), said('mpesa', 1)] }),
    'untrusted, nobody',
    'one witness twice is one witness',
  );
  const agreed = { testimonies: [said('mpesa', edge), said('chain', -2)] };
  assert.is(judged(agreed), 'trusted, witnesses-agree');
  assert.is(judged({ testimonies: [said('mpesa', past), said('chain', 0)] }), 'untrusted, denied');
  const stale = said('ntp', 0, 6 * hourMs + 1);
  assert.is(judged({ testimonies: [said('mpesa', 0), stale] }), 'untrusted, nobody');
});

trusting('goes by witnesses who agree with each other where the clock shows last month', () => {
  const month = 31 * dayMs;
  const verdict = judgeClock(
    facts({ testimonies: [said('mpesa', month), said('chain', month + 4 * secondMs)] }),
  );
  assert.is(verdict.trust, 'provisional', 'M-Pesa waits until the machine itself is right');
  assert.is(verdict.offsetMs, nine - machineMs + month + 2 * secondMs);
});

trusting('weighs evidence that disagrees', () => {
  const hourOff = [said('chain', hourMs), said('ntp', hourMs + 10)];
  const synced = { syncedAtMs: machineMs };
  assert.is(judged({ ...synced, testimonies: [said('chain', hourMs)] }), 'trusted, synchronised');
  assert.is(judged({ ...synced, testimonies: hourOff }), 'provisional, witnesses-only');
  assert.is(
    judged({ testimonies: [...hourOff.slice(0, 1), said('mpesa', 0), said('ntp', 5)] }),
    'trusted, witnesses-agree',
    'two against one',
  );
  assert.is(
    judged({ testimonies: [said('mpesa', 0), said('chain', hourMs), said('ntp', -hourMs)] }),
    'untrusted, denied',
    'each says something else',
  );
});

trusting('ends at a jump, and goes on by what was known before', () => {
  const held = { offsetMs: nine - machineMs, by: 'proof', sinceMs: machineMs - hourMs } as const;
  const before = { held, jumpedAtMs: machineMs, syncedAtMs: machineMs - 2 * hourMs };
  for (const byMs of [2 * jumpMs, 30 * dayMs, -2 * jumpMs, -30 * dayMs]) {
    const verdict = judgeClock(facts({ ...before, wallMs: nine + byMs }));
    assert.is(verdict.trust, 'provisional');
    assert.is(verdict.offsetMs, held.offsetMs, 'time itself has not jumped');
  }
  assert.is(judged({ ...before, wallMs: nine + jumpMs }), 'trusted, held', 'a mere correction');
  const synced = { ...before, wallMs: nine + 2 * jumpMs, syncedAtMs: machineMs };
  assert.is(judged(synced), 'trusted, synchronised', 'the time service itself has set it');
});

trusting('is held for a week without network, and not for ever', () => {
  const since = (agoMs: number) => ({
    held: { offsetMs: nine - machineMs, by: 'proof', sinceMs: machineMs - agoMs } as const,
  });
  assert.is(judged(since(proofMostMs)), 'trusted, held');
  assert.is(judged(since(proofMostMs + 1)), 'provisional, held');
  assert.is(judged({ syncedAtMs: machineMs - proofMostMs - 1 }), 'untrusted, nobody');
});

trusting('may rest on the keeper’s word, for the market alone', () => {
  const held = { offsetMs: nine + hourMs - machineMs, by: 'keeper', sinceMs: machineMs } as const;
  const verdict = judgeClock(facts({ held }));
  assert.is(`${verdict.trust}, ${verdict.reason}`, 'provisional, keeper');
  assert.is(verdict.offsetMs, held.offsetMs);
  assert.is(judged({ held, syncedAtMs: machineMs }), 'trusted, synchronised');
});

trusting('may rest on the meters, when most of them agree and no time is lost', () => {
  const two = [meter('a', -5 * secondMs), meter('b', -60 * secondMs)];
  assert.is(judged({ meterWords: two }), 'provisional, meters');
  assert.is(judged({ meterWords: two.slice(1) }), 'untrusted, nobody', 'one may lie');
  const others = [meter('c', -hourMs), meter('d', -2 * hourMs)];
  assert.is(judged({ meterWords: [...two, ...others] }), 'untrusted, nobody', 'no majority');
  const old = two.map(({ meter: name }) => meter(name, 0, hourMs));
  assert.is(judged({ meterWords: old }), 'untrusted, nobody', 'an hour ago');
  // The hub knew a later time before the power was cut than its clock shows now.
  const floor = { ownOffsetMs: nine - machineMs + 10 * 60_000 };
  assert.is(judged({ ...floor, meterWords: two }), 'untrusted, nobody');
  const right = [meter('a', 9 * 60_000), meter('b', 10 * 60_000)];
  assert.is(judged({ ...floor, meterWords: right }), 'provisional, meters');
});

trusting('reads off the service’s file when it last synchronised', () => {
  const now = { machineMs, wallMs: nine };
  assert.is(syncedAt(undefined, now), undefined);
  assert.is(syncedAt(nine - 600_000, now), machineMs - 600_000);
  assert.is(syncedAt(nine + 2 * jumpMs, now), undefined, 'the clock was put back since');
});

trusting.run();
