/** What a link to an approval says: who may allow how much, and until when the link is good. */
import type { HouseholdId } from './ids.ts';
import { dayMs } from './slot.ts';
import { type EpochMs, epochMs, type WattHours, wattHours } from './units.ts';

export type ApprovalTicket = {
  readonly household: HouseholdId;
  readonly allowanceWh: WattHours;
  readonly until: EpochMs;
};

/** Long enough to find a phone, too short to be found in a drawer. */
export const ticketLivesMs = dayMs;

const partsOf = ({ household, allowanceWh, until }: ApprovalTicket): string =>
  `${household}.${allowanceWh}.${until}`;

/** `mark`: only the hub can make it. */
export const writeTicket = (ticket: ApprovalTicket, mark: (text: string) => string): string =>
  `${partsOf(ticket)}.${mark(`approval ${partsOf(ticket)}`)}`;

/** Undefined for a ticket that the hub did not write, or whose time is over. */
export function readTicket(
  text: string,
  mark: (text: string) => string,
  now: EpochMs,
): ApprovalTicket | undefined {
  const [, household, wh, until] =
    /^([\w-]{1,64})\.(\d{1,12})\.(\d{1,15})\.[0-9a-f]{32}$/.exec(text) ?? [];
  if (household === undefined) return undefined;
  const ticket = {
    household: household as HouseholdId,
    allowanceWh: wattHours(Number(wh)),
    until: epochMs(Number(until)),
  };
  return writeTicket(ticket, mark) === text && ticket.until > now ? ticket : undefined;
}

/** Solana Pay, transaction requests: the wallet asks the address behind `solana:`. */
export const approvalLink = (at: string, ticket: string): string =>
  `solana:${encodeURIComponent(`${at.replace(/\/+$/, '')}/pay/approve/${ticket}`)}`;
