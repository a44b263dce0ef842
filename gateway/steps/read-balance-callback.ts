/** Reads what somebody says of the hub's balance at M-Pesa. A difference calls a person; it never moves money. */
import { unexplained } from '../core/evidence.ts';
import type { InboxId } from '../core/ids.ts';
import { blamesCredential } from '../core/pause.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { Tell } from '../events/hub-event.ts';
import type { Books } from '../ports/books/books.ts';
import type { BalanceLook, Balances } from '../ports/books/evidence.ts';
import type { NeighbourhoodClock } from '../ports/clock.ts';
import type { Claim, MobileMoney } from '../ports/mobile-money.ts';

type Needs = {
  books: Pick<Books, 'deeds' | 'inbox' | 'pauses' | 'watch'>;
  money: Pick<MobileMoney, 'readCallback'>;
  clock: NeighbourhoodClock;
  tell: Tell;
};
type BalanceClaim = Extract<Claim, { kind: 'balance' }>;

/** Before a difference is looked at once more: a payment by hand is in the list by then. */
const secondLookMs = 120_000;
const accounts = [
  { name: 'utility', key: 'utilityCents' },
  { name: 'charges', key: 'chargesCents' },
] as const;

export async function readBalanceCallback(needs: Needs, subject: string): Promise<void> {
  const { books, money } = needs;
  const message = books.inbox.find(subject as InboxId);
  if (message === undefined) return;
  const claim = money.readCallback(message.kind, message.body);
  books.inbox.markRead(message.id, follow(needs, claim, message.subject));
}

function follow(needs: Needs, claim: Claim, id: string): string {
  if (claim.kind === 'unreadable') return `refused: ${claim.why}`;
  if (claim.kind === 'timeout') return 'balance: no answer in time';
  if (claim.kind !== 'balance') return 'refused: not about a balance';
  const look = needs.books.watch.look(id);
  if (look === undefined || look.answeredAt !== undefined) return 'refused: nothing was asked';
  const theirs = amountsOf(claim);
  if (theirs === undefined) return notAnswered(needs, claim.code);
  compare(needs, look, theirs);
  return 'balance: compared';
}

/** A wrong name or password is everybody's trouble: another try with it may lock the initiator. */
function notAnswered({ books, clock, tell }: Needs, code: string | undefined): string {
  if (blamesCredential(code)) {
    const why = `M-Pesa refused the hub's name when it asked for the balance (${code})`;
    const pause = { cause: 'credential', household: undefined, why } as const;
    if (books.pauses.pause({ ...pause, since: clock.now(), until: undefined }))
      tell({ name: 'payouts.paused', ...pause });
  }
  return `balance: not answered (${code ?? 'no code'})`;
}

const amountsOf = ({ answered, utilityCents, chargesPaidCents }: BalanceClaim) =>
  answered && utilityCents !== undefined && chargesPaidCents !== undefined
    ? { utilityCents, chargesCents: chargesPaidCents }
    : undefined;

function compare({ books, clock }: Needs, look: BalanceLook, theirs: Balances): void {
  const at = clock.now();
  const { outCents, inCents, ...now } = books.watch.ours();
  const inFlight = Math.max(outCents, look.inFlightCents);
  const float = books.watch.float() ?? firstFloat(books.watch, look, theirs, inFlight, at);
  const onTheWay = {
    utilityCents: { outCents: inFlight, inCents },
    // A charge is paid with its payout; how much is known when that has ended.
    chargesCents: { outCents: inFlight, inCents: 0 },
  };
  const offOf = (key: keyof Balances): number =>
    unexplained(theirs[key] - float[key], {
      oursThen: look.ours[key],
      oursNow: now[key],
      ...onTheWay[key],
    });
  const before = books.watch.lastAnswered(look.id);
  const off: Balances = {
    utilityCents: offOf('utilityCents'),
    chargesCents: offOf('chargesCents'),
  };
  books.watch.answered(look.id, theirs, off, at);
  for (const { name, key } of accounts) {
    if (off[key] === 0) books.watch.end('balance', name, at);
    else if (before?.off?.[key] === off[key])
      books.watch.raise({ kind: 'balance', subject: name, words: wordsFor(name, off[key]), at });
    else lookAgain(books, at);
  }
}

/** What lies there beyond the books when the hub first asks is what the keeper put in. */
function firstFloat(
  watch: Needs['books']['watch'],
  { ours }: BalanceLook,
  theirs: Balances,
  inFlightCents: number,
  at: EpochMs,
): Balances {
  const float = {
    utilityCents: theirs.utilityCents - ours.utilityCents,
    chargesCents: theirs.chargesCents - ours.chargesCents,
  };
  // With payouts on their way the difference is not only float: the next quiet look tells.
  if (inFlightCents === 0) watch.noteFloat(float, 'what was there at the first look', at);
  return float;
}

function lookAgain(books: Needs['books'], at: EpochMs): void {
  books.deeds.hasten('compare-payments', 'list', at);
  books.deeds.hasten('ask-balance', 'accounts', epochMs(at + secondLookMs));
}

const wordsFor = (name: 'utility' | 'charges', offCents: number): string =>
  `M-Pesa's ${name} account has KES ${(Math.abs(offCents) / 100).toFixed(2)} ${
    offCents > 0 ? 'more' : 'less'
  } than the books explain.`;
