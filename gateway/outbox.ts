/** Does recorded deeds at our own pace: each is claimed first, so that a failing one waits and disturbs nobody. */
import { scaledDeadline } from './core/deadline.ts';
import type { Deed, DeedKind } from './ports/books/deeds.ts';
import type { Needs } from './ports/needs.ts';
import { askAboutPayout } from './steps/ask-about-payout.ts';
import { askAboutReversal } from './steps/ask-about-reversal.ts';
import { askBalance } from './steps/ask-balance.ts';
import { comparePayments } from './steps/compare-payments.ts';
import { confirmTopup } from './steps/confirm-topup.ts';
import { lookAtWallet } from './steps/look-at-wallet.ts';
import { noteReceipts } from './steps/note-receipts.ts';
import { readBalanceCallback } from './steps/read-balance-callback.ts';
import { readConfirmationCallback } from './steps/read-confirmation-callback.ts';
import { readPayoutCallback } from './steps/read-payout-callback.ts';
import { readPushCallback } from './steps/read-push-callback.ts';
import { readReversalCallback } from './steps/read-reversal-callback.ts';
import { reclaimRent } from './steps/reclaim-rent.ts';
import { ringPhone } from './steps/ring-phone.ts';
import { sendPayout } from './steps/send-payout.ts';
import { sendReversal } from './steps/send-reversal.ts';
import { settleTokens } from './steps/settle-tokens.ts';
import { tellCommand } from './steps/tell-command.ts';
import { registerForConfirmations } from './steps/watch-money.ts';

/** Deeds under way at once: a chain that hangs must not keep phones from ringing, nor the other way round. */
const sides: readonly { readonly kinds: readonly DeedKind[]; readonly placesMost: number }[] = [
  { kinds: ['send-tokens', 'reclaim-rent', 'note-receipts', 'look-at-wallet'], placesMost: 6 },
  {
    kinds: [
      ...(['ring-phone', 'ask-about-topup', 'read-push', 'read-payout'] as const),
      ...(['pay-out', 'ask-about-payout'] as const),
      ...(['reverse', 'ask-about-reversal', 'read-reversal'] as const),
      ...(['read-balance', 'read-confirmation', 'ask-balance', 'compare-payments'] as const),
    ],
    placesMost: 10,
  },
  { kinds: ['tell-command'], placesMost: 16 },
];
/** A deed that a step leaves standing comes again after this, in machine time, doubled up to the longest. */
const [againMs, longestMs] = [300, 60_000];
/** Tokens are looked at steadily while they become final, then ever more slowly. */
const steadyTries = 20;

const doers: Record<DeedKind, (hub: Needs, subject: string) => Promise<void>> = {
  'ring-phone': ringPhone,
  'ask-about-topup': confirmTopup,
  'read-push': readPushCallback,
  'read-payout': readPayoutCallback,
  'send-tokens': settleTokens,
  'reclaim-rent': reclaimRent,
  'note-receipts': noteReceipts,
  'look-at-wallet': lookAtWallet,
  'pay-out': sendPayout,
  'ask-about-payout': askAboutPayout,
  reverse: sendReversal,
  'ask-about-reversal': askAboutReversal,
  'read-reversal': readReversalCallback,
  'compare-payments': async (hub) => {
    await registerForConfirmations(hub);
    await comparePayments(hub);
  },
  'ask-balance': async (hub) => void (await askBalance(hub)),
  'read-balance': readBalanceCallback,
  'read-confirmation': readConfirmationCallback,
  'tell-command': tellCommand,
};

export type Outbox = {
  /** Starts what is due; returns at once. */
  work(): void;
  /** Takes up nothing new; resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** After each deed what it made due is looked at, without waiting for a tick. */
export function openOutbox(hub: Needs, trouble: (what: string, error: unknown) => void): Outbox {
  const underWay = new Map<string, { kind: DeedKind; doing: Promise<void> }>();
  let stopped = false;

  /** A deed that its step left as it was comes again later; one that it ended or moved is not touched. */
  const putOff = (deed: Deed): void => {
    const { books, clock } = hub;
    const again = scaledDeadline(clock.now(), clock.speed, 0, pauseMs(deed));
    books.deeds.later(deed.key, again, deed.dueMs);
  };
  const start = (deed: Deed): void => {
    // What may not start steps aside, so that many of them do not hide what may.
    if (!mayStart(hub, deed)) return putOff(deed);
    const doing = doers[deed.kind](hub, deed.subject)
      .catch((error: unknown) => trouble(`deed ${deed.kind}`, error))
      .then(() => {
        underWay.delete(deed.key);
        putOff(deed);
        work();
      })
      // A full disk, say: it is still due, and the next tick tries again, not we at once.
      .catch((error: unknown) => trouble(`putting off ${deed.kind}`, error));
    underWay.set(deed.key, { kind: deed.kind, doing });
  };
  const workOn = ({ kinds, placesMost }: (typeof sides)[number]): void => {
    const places = () => placesMost - countIn(underWay, kinds);
    if (places() <= 0) return;
    for (const deed of hub.books.deeds.due(hub.clock.now(), 2 * placesMost, kinds))
      if (!underWay.has(deed.key) && places() > 0) start(deed);
  };
  const work = (): void => {
    if (stopped) return;
    try {
      for (const side of sides) workOn(side);
    } catch (error) {
      // A full disk, say: what is due stays due, and the next tick tries again.
      trouble('the outbox', error);
    }
  };
  return {
    work,
    stop: async () => {
      stopped = true;
      await Promise.all([...underWay.values()].map(({ doing }) => doing));
    },
  };
}

const countIn = (
  underWay: ReadonlyMap<string, { kind: DeedKind }>,
  kinds: readonly DeedKind[],
): number => [...underWay.values()].filter(({ kind }) => kinds.includes(kind)).length;

/**
 * M-Pesa and a public cluster wait for a clock that can be trusted: a push is signed with the time of day.
 * The embedded ledger has its own slots and does not care; reading a callback only makes us ask.
 */
function mayStart({ books, clock, chain }: Needs, { kind }: Deed): boolean {
  // Each try under a name that M-Pesa refused may lock it; payouts and reversals look for themselves.
  if (kind === 'ask-balance' && books.pauses.credentialFault(clock.now())) return false;
  // A meter looks at its own clock, and refuses what has expired by it.
  if (kind.startsWith('read-') || kind === 'tell-command') return true;
  if (clock.trust() === 'trusted') return true;
  return chainKinds.includes(kind) && chain.health().cluster === 'embedded';
}

const chainKinds: readonly DeedKind[] = [
  'send-tokens',
  'reclaim-rent',
  'note-receipts',
  'look-at-wallet',
];

function pauseMs({ kind, tries }: Deed): number {
  const doublings = kind === 'send-tokens' ? tries - steadyTries : tries;
  return Math.min(longestMs, againMs * 2 ** Math.max(0, Math.min(doublings, 16)));
}
