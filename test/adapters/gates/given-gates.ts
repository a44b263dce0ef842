/** A hub with real gates and a scripted broker. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { GateOptions } from '../../../gateway/adapters/gates/open-gates.ts';
import { type OpenGates, openGates } from '../../../gateway/adapters/gates/open-gates.ts';
import type { AdviceId } from '../../../gateway/core/ids.ts';
import { wattHours } from '../../../gateway/core/units.ts';
import type { EventOf } from '../../../gateway/events/hub-event.ts';
import { makeProposal } from '../../../gateway/steps/make-proposal.ts';
import { passGates } from '../../../gateway/steps/pass-gates.ts';
import { aRound, type GivenHub, given, heard } from '../../support/given.ts';
import { corner } from '../../support/neighbourhood.ts';

export type Announcement = {
  readonly topic: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly retain: boolean;
};

export type GatedHub = {
  readonly hub: Omit<GivenHub, 'gates'> & { readonly gates: OpenGates };
  readonly announced: Announcement[];
  /** As flows say it. */
  say(topic: string, body: unknown): void;
  [Symbol.dispose](): void;
};

/** Gates have 50 ms here unless a test says otherwise. */
export function aGatedHub(
  differs: Partial<Pick<GateOptions, 'announcer'>> & {
    readonly deadlineMs?: number | 'usual';
    readonly file?: string;
    readonly settled?: boolean;
  } = {},
): GatedHub {
  const { file, settled, deadlineMs = 50, ...gateOptions } = differs;
  const base = given({
    energy: { [corner]: 9_000 },
    ...(file === undefined ? {} : { file }),
    ...(settled === undefined ? {} : { settled }),
  });
  const announced: Announcement[] = [];
  const announcer: GivenHub['announcer'] = {
    announce: (topic, body, { retain = false } = {}) =>
      void announced.push({ topic, body: body as Announcement['body'], retain }),
  };
  const { books, clock, log } = base;
  const gates = openGates({
    ...{ books: books.gates, announcer, clock, log },
    ...(deadlineMs === 'usual' ? {} : { deadlineMs }),
    ...gateOptions,
  });
  const hub = Object.assign(base, { announcer, gates });
  return {
    hub,
    announced,
    say: (topic, body) =>
      gates.hear(topic, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))),
    [Symbol.dispose]: () => {
      gates[Symbol.dispose]();
      base[Symbol.dispose]();
    },
  };
}

export type Registered = {
  readonly name: string;
  readonly scope: 'all' | readonly string[];
  readonly onSilence: 'hold' | 'proceed';
};
export const holding = (name: string, scope: Registered['scope'] = 'all'): Registered => ({
  ...{ name, scope, onSilence: 'hold' },
});
export const willing = (name: string): Registered => ({ name, scope: 'all', onSilence: 'proceed' });

export const register = ({ say }: GatedHub, ...gates: readonly Registered[]): void =>
  say('flows/gates', { v: 1, gates });

/** The corner house wants to sell that much; what was told of it. */
export function aProposal(
  { hub, say }: GatedHub,
  { energyWh = 5_000, household = corner } = {},
): EventOf<'proposal.made'> {
  const slot = aRound(hub as GivenHub, { [household]: 9_000 });
  // A round takes a quarter of an hour, in which living flows are heard often.
  say('flows/heartbeat', { v: 1 });
  makeProposal(hub, {
    ...{ name: 'advice.given', slot, household, advice: 'a' as AdviceId },
    sellWh: wattHours(energyWh),
  });
  const made = heard(hub, 'proposal.made').at(-1);
  if (made === undefined) throw new Error('nothing was proposed');
  return made;
}

/** Asks the gates, lets `meanwhile` happen, and answers what the books say then. */
export async function passing(
  gated: GatedHub,
  made: EventOf<'proposal.made'>,
  meanwhile: (decide: (body: Record<string, unknown>) => void) => void | Promise<void> = () => {},
): Promise<[passedWh: number | undefined, state: string | undefined]> {
  const asking = passGates(gated.hub, made);
  // Who is asked is asked after this turn.
  await nextTurn();
  await meanwhile((body) => gated.say(`proposals/${made.proposal}/decision`, body));
  await asking;
  const [kept] = gated.hub.books.rounds.proposalsOf(made.slot);
  return [kept?.passedWh, kept?.state];
}
