/** The counter for own wallets: who brought one, what it allows, and the link with which its owner allows more. */
import { isWalletAddress } from './adapters/solana/owners.ts';
import { approvalLink, readTicket, ticketLivesMs, writeTicket } from './core/approval-ticket.ts';
import type { HouseholdId } from './core/ids.ts';
import { obstacleOf } from './core/own-wallet.ts';
import { fail, ok, type Result } from './core/result.ts';
import { epochMs, wattHours } from './core/units.ts';
import type { BringProblem } from './ports/books/wallets.ts';
import type { Problem } from './ports/desk.ts';
import type { Needs } from './ports/needs.ts';
import type { ApprovalRequest, OwnWalletView, WalletDesk } from './ports/wallet-desk.ts';

type Hub = Pick<Needs, 'books' | 'chain' | 'clock' | 'ids'>;

export const openWalletDesk = (hub: Hub): WalletDesk => ({
  wallet: (household) => viewOf(hub, household as HouseholdId),
  bring: (household, address) => bring(hub, household as HouseholdId, address),
  approvalLink: (household, kwh, at) => {
    const { books, clock, ids } = hub;
    const id = household as HouseholdId;
    if (books.wallets.of(id) === undefined) return fail(noOwnWallet);
    const until = epochMs(clock.now() + ticketLivesMs);
    const ticket = writeTicket(
      { household: id, allowanceWh: wattHours(kwh * 1_000), until },
      ids.mark,
    );
    return ok({ link: approvalLink(at, ticket) });
  },
  approval: (ticket, account) => approvalFor(hub, ticket, account),
});

function viewOf(
  { books, chain }: Pick<Hub, 'books' | 'chain'>,
  household: HouseholdId,
): Result<OwnWalletView, Problem> {
  if (books.households.find(household) === undefined) return fail(problems['no-household']);
  const wallet = books.wallets.of(household);
  const seen = wallet?.seen;
  return ok({
    household,
    address: wallet?.address ?? chain.addressOf(household),
    own: wallet !== undefined,
    seenAt: seen === undefined ? null : new Date(seen.at).toISOString(),
    balanceWh: seen?.balanceWh ?? 0,
    allowanceWh: seen?.allowanceWh ?? 0,
    leftWh: wallet?.leftWh ?? 0,
    obstacle: (wallet && obstacleOf(wallet)) ?? null,
  });
}

function bring(hub: Hub, household: HouseholdId, address: string): Result<OwnWalletView, Problem> {
  if (!isWalletAddress(address)) return fail(notAnAddress);
  const brought = hub.books.wallets.bring(household, address, hub.clock.now());
  return brought.ok ? viewOf(hub, household) : fail(problems[brought.error]);
}

async function approvalFor(
  { books, chain, clock, ids }: Hub,
  text: string,
  account: string,
): Promise<Result<ApprovalRequest, Problem>> {
  const ticket = readTicket(text, ids.mark, clock.now());
  const wallet = ticket && books.wallets.of(ticket.household);
  if (ticket === undefined || wallet === undefined) return fail(linkIsOver);
  if (wallet.address !== account) return fail(anotherWallet);
  const proposed = await chain.proposeApproval(ticket.household, ticket.allowanceWh);
  if (!proposed.ok) return fail(chainAway);
  return ok({
    transaction: Buffer.from(proposed.value).toString('base64'),
    message: `The hub may move up to ${ticket.allowanceWh} Wh of your energy, in all`,
  });
}

const notAnAddress: Problem = {
  status: 400,
  title: 'Not a Solana address',
  detail: 'A wallet’s address has 32 to 44 letters and digits, and somebody has its key.',
  field: 'address',
};
const noOwnWallet: Problem = {
  status: 409,
  title: 'The hub keeps this wallet',
  detail: 'Only a household that brought its own address has something to allow.',
};
const linkIsOver: Problem = {
  status: 404,
  title: 'This link is over',
  detail: 'Ask for a new one at the hub.',
};
const anotherWallet: Problem = {
  status: 409,
  title: 'Another wallet',
  detail: 'The link is for the address that the household brought.',
};
const chainAway: Problem = {
  status: 503,
  title: 'The chain does not answer',
  detail: 'Try again in a moment.',
};

/** What stands in the way of bringing an address. */
const problems: Readonly<Record<BringProblem, Problem>> = {
  'no-household': {
    status: 404,
    title: 'No such household',
    detail: 'This hub knows no household with that id.',
  },
  'address-taken': {
    status: 409,
    title: 'The address is taken',
    detail: 'Another household has that address.',
    field: 'address',
  },
  'tokens-there': {
    status: 409,
    title: 'The wallet before is not empty',
    detail: 'It holds tokens, or a trade is on its way. After a night’s burn it may be empty.',
  },
};
