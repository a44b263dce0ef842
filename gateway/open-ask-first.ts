/** Households that want to be asked first: their proposals wait on their page, and lapse on silence. */
import type { HouseholdId } from './core/ids.ts';
import type { GateDecision } from './core/proposal.ts';
import { minuteMs } from './core/slot.ts';
import { priceOf } from './core/trade.ts';
import type { Books } from './ports/books/books.ts';
import type { NeighbourhoodClock } from './ports/clock.ts';
import type { AskedProposal, Gates } from './ports/gates.ts';
import type { MeOffer } from './ports/me-desk.ts';

/** Neighbourhood time, and the machine time that a person needs at least however fast a demo runs. */
const waitsMs = 10 * minuteMs;
const leastWaitMs = 15_000;

export interface AskFirst extends Gates, Disposable {
  offersOf(household: string): MeOffer[];
  /** False when there is no such offer for this household. */
  answer(household: string, proposal: string, yes: boolean): boolean;
}

type Offer = {
  readonly asked: AskedProposal;
  readonly endsMs: number;
  readonly livesMs: number;
  readonly decided: Promise<GateDecision>;
  readonly decide: (decision: GateDecision) => void;
};

type Needs = {
  readonly books: Pick<Books, 'choices'>;
  readonly clock: NeighbourhoodClock;
  readonly gates: Gates;
  /** How long an offer waits, in machine time; 10 minutes of the neighbourhood's otherwise. */
  readonly waitMs?: number;
  /** Machine time. */
  readonly elapsedMs?: () => number;
};

/** Asks gates and household at the same time; each may only narrow. Disposing lets every open offer lapse. */
export function openAskFirst(needs: Needs): AskFirst {
  const { books, clock, gates, elapsedMs = () => performance.now() } = needs;
  const offers = new Map<string, Offer>();

  const offer = (asked: AskedProposal): Promise<GateDecision> => {
    const known = offers.get(asked.proposal);
    if (known !== undefined) return known.decided;
    const usualMs = Math.max(leastWaitMs, Math.round(waitsMs / clock.speed));
    const { waitMs: livesMs = usualMs } = needs;
    const { promise, resolve } = Promise.withResolvers<GateDecision>();
    const decide = (decision: GateDecision): void => {
      clearTimeout(silence);
      offers.delete(asked.proposal);
      resolve(decision);
    };
    const silence = setTimeout(() => decide({ decision: 'veto' }), livesMs);
    silence.unref();
    const endsMs = elapsedMs() + livesMs;
    offers.set(asked.proposal, { asked, endsMs, livesMs, decided: promise, decide });
    return promise;
  };

  return {
    decide: (asked) => {
      const wantsToBeAsked = books.choices.at(asked.household, clock.now()).askFirst;
      if (!wantsToBeAsked) return gates.decide(asked);
      return Promise.all([gates.decide(asked), offer(asked)]).then(([said, household]) => [
        ...said,
        household,
      ]);
    },
    offersOf: (household) =>
      [...offers.values()]
        .filter(({ asked }) => asked.household === (household as HouseholdId))
        .map(({ asked, endsMs, livesMs }) => ({
          id: asked.proposal,
          energyWh: asked.energyWh,
          amountCents: priceOf(asked.energyWh, asked.rate),
          expiresInMs: Math.max(0, Math.round(endsMs - elapsedMs())),
          livesMs,
        })),
    answer: (household, proposal, yes) => {
      const open = offers.get(proposal);
      if (open === undefined || open.asked.household !== household) return false;
      open.decide({ decision: yes ? 'approve' : 'veto' });
      return true;
    },
    [Symbol.dispose]: () => {
      for (const { decide } of offers.values()) decide({ decision: 'veto' });
    },
  };
}
