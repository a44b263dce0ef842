/** Turns what a flow says into a decision that the gateway understands. Pure; tested without Node-RED. */

export type Proposal = {
  readonly id: string;
  readonly household: string;
  readonly energyWh: number;
  readonly lotWh: number;
  readonly centsPerKwh: number;
  readonly closesInMs: number;
  readonly gates: readonly string[];
};

export type Decision =
  | { readonly decision: 'approve' }
  | { readonly decision: 'veto'; readonly reason?: string }
  | { readonly decision: 'shrink'; readonly energyWh: number; readonly reason?: string };

const reasonLengthMax = 120;

/**
 * `approve`, `true`: let it pass. `veto`, `false`: not now. A number, or `{ energyWh }`: at most so many watt-hours,
 * in whole lots. `{ keepWh }`: all but so many. Undefined for everything else, and for more than was proposed.
 */
export function toDecision(proposal: Proposal, said: unknown, why?: unknown): Decision | undefined {
  const reason =
    typeof why === 'string' && why !== '' ? { reason: why.slice(0, reasonLengthMax) } : {};
  if (said === 'approve' || said === true) return { decision: 'approve' };
  if (said === 'veto' || said === false) return { decision: 'veto', ...reason };
  const energyWh = mostWh(proposal, said);
  if (energyWh === undefined || energyWh > proposal.energyWh) return undefined;
  const lots = Math.floor(energyWh / proposal.lotWh);
  if (lots === 0) return { decision: 'veto', ...reason };
  return { decision: 'shrink', energyWh: lots * proposal.lotWh, ...reason };
}

function mostWh(proposal: Proposal, said: unknown): number | undefined {
  if (typeof said === 'number') return asWattHours(said);
  if (typeof said !== 'object' || said === null) return undefined;
  if ('energyWh' in said) return asWattHours(said.energyWh);
  const keepWh = 'keepWh' in said ? asWattHours(said.keepWh) : undefined;
  return keepWh === undefined ? undefined : Math.max(0, proposal.energyWh - keepWh);
}

const asWattHours = (said: unknown): number | undefined =>
  typeof said === 'number' && Number.isFinite(said) && said >= 0 ? Math.floor(said) : undefined;

/** Whatever arrives on `proposals/+/open` and is no proposal is undefined. */
export function readProposal(body: Readonly<Record<string, unknown>>): Proposal | undefined {
  const { id, household, energyWh, lotWh, centsPerKwh, closesInMs, gates } = body;
  const texts = [id, household].every((value) => typeof value === 'string');
  const numbers = [energyWh, lotWh, centsPerKwh, closesInMs].every(Number.isInteger);
  return texts && numbers && Array.isArray(gates) ? (body as Proposal) : undefined;
}
