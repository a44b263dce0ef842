/** Asks the keeper's flows about proposals, over the local broker. The deadline is kept here, never by a flow. */
import {
  decisionsOf,
  type Gate,
  type GateAnswers,
  gatesFor,
  isDecided,
  narrows,
} from '../../core/gate.ts';
import type { ProposalId } from '../../core/ids.ts';
import type { GateDecision } from '../../core/proposal.ts';
import type { Announcer } from '../../ports/announcer.ts';
import type { GateBooks } from '../../ports/books/gates.ts';
import type { MachineClock, NeighbourhoodClock } from '../../ports/clock.ts';
import type { AskedProposal, Gates } from '../../ports/gates.ts';
import type { Log } from '../../ports/log.ts';
import { openPulse, type Pulse } from './pulse.ts';
import { readDecision, readGates } from './read-message.ts';

/** The caller's own write, and those of its neighbours in the same commit, are on the disk by then. */
const afterThisTurn = Promise.resolve();

/** Machine time in which gates answer (domain, a round). */
const deadlineDefaultMs = 3_000;

export type GateOptions = {
  readonly books: GateBooks;
  readonly announcer: Announcer;
  readonly clock: NeighbourhoodClock & MachineClock;
  readonly log: Log;
  readonly deadlineMs?: number;
};

/** What became of messages about gates. Only `taken` changed anything. */
export type HeardGates = Record<
  | 'taken'
  | 'registered'
  | 'garbage'
  | 'growing'
  | 'foreign'
  | 'double'
  | 'late'
  | 'unknown-proposal',
  number
>;

export interface OpenGates extends Gates, Disposable {
  /** What flows say: the topic without `jirani/v1/`. Never throws for what they say. */
  hear(topic: string, payload: Uint8Array): void;
  /** How often each thing was heard since the start. */
  counts(): Readonly<HeardGates>;
  registered(): readonly Gate[];
  /** Whether the flows' heartbeat came in the last 15 s; what gates are asked now is else answered by silence. */
  isAlive(): boolean;
}

type Window = {
  readonly proposal: AskedProposal;
  readonly asked: readonly Gate[];
  readonly answers: Map<string, GateDecision>;
  readonly end: () => void;
  readonly ended: Promise<readonly GateDecision[]>;
};

/** Registered gates are those of the books until the flows say otherwise. */
export function openGates(options: GateOptions): OpenGates {
  const { books, clock, announcer } = options;
  const desk: Desk = {
    ...options,
    windows: new Map(),
    pulse: openPulse({ ...options, gates: () => desk.registered }),
    registered: books.registered(),
    counts: {
      ...{ taken: 0, registered: 0, garbage: 0, growing: 0, foreign: 0 },
      ...{ double: 0, late: 0, 'unknown-proposal': 0 },
    },
  };
  return {
    decide: (proposal) => decide(desk, proposal),
    hear: (topic, payload) => {
      const [kind, id = '', last] = topic.split('/');
      if (kind === 'flows' && id === 'heartbeat') desk.pulse.beat();
      else if (kind === 'flows' && id === 'gates') register(desk, payload, clock, announcer);
      else if (kind === 'proposals' && last === 'decision')
        desk.counts[judge(desk, id as ProposalId, payload)] += 1;
    },
    counts: () => ({ ...desk.counts }),
    registered: () => desk.registered,
    isAlive: () => desk.pulse.isAlive(),
    [Symbol.dispose]: () => {
      desk.pulse[Symbol.dispose]();
      for (const { end } of desk.windows.values()) end();
    },
  };
}

type Desk = GateOptions & {
  readonly windows: Map<ProposalId, Window>;
  readonly pulse: Pulse;
  readonly counts: HeardGates;
  registered: readonly Gate[];
};

function decide(
  desk: Desk,
  proposal: AskedProposal,
): readonly GateDecision[] | Promise<readonly GateDecision[]> {
  const open = desk.windows.get(proposal.proposal);
  if (open !== undefined) return open.ended;
  const asked = gatesFor(desk.registered, proposal.household);
  const before = desk.books.windowOf(proposal.proposal);
  // The hub was started again inside the window: what was said counts, and nobody is asked twice.
  if (before !== undefined) return decisionsOf(before.asked, before.answers);
  if (asked.length > 0) return ask(desk, proposal, asked);
  sayOpen(desk, proposal, asked);
  return [];
}

async function ask(
  desk: Desk,
  proposal: AskedProposal,
  asked: readonly Gate[],
): Promise<readonly GateDecision[]> {
  await afterThisTurn;
  const open = desk.windows.get(proposal.proposal);
  if (open !== undefined) return open.ended;
  desk.books.ask(proposal.proposal, asked, desk.clock.now());
  if (!desk.pulse.isAlive()) return decisionsOf(asked, new Map());
  const window = openWindow(desk, proposal, asked);
  sayOpen(desk, proposal, asked);
  return window.ended;
}

function openWindow(desk: Desk, proposal: AskedProposal, asked: readonly Gate[]): Window {
  const { promise, resolve } = Promise.withResolvers<readonly GateDecision[]>();
  const answers = new Map<string, GateDecision>();
  const end = (): void => {
    clearTimeout(timer);
    desk.windows.delete(proposal.proposal);
    resolve(decisionsOf(asked, answers));
  };
  const timer = setTimeout(end, desk.deadlineMs ?? deadlineDefaultMs);
  const window = { proposal, asked, answers, end, ended: promise };
  desk.windows.set(proposal.proposal, window);
  return window;
}

function sayOpen(desk: Desk, proposal: AskedProposal, asked: readonly Gate[]): void {
  const { proposal: id, household, slot, energyWh, lotWh, rate } = proposal;
  desk.announcer.announce(`proposals/${id}/open`, {
    ...{ v: 1, id, household, slot, energyWh, lotWh, centsPerKwh: rate },
    gates: asked.map(({ name }) => name),
    closesInMs: desk.deadlineMs ?? deadlineDefaultMs,
  });
}

/** What a message about one proposal is worth; only what is `taken` is kept. */
function judge(desk: Desk, id: ProposalId, payload: Uint8Array): keyof HeardGates {
  const said = readDecision(payload);
  if (said === undefined) return 'garbage';
  const window = desk.windows.get(id);
  if (window === undefined)
    return desk.books.windowOf(id) === undefined ? 'unknown-proposal' : 'late';
  const objection = objectionTo(said, window);
  if (objection !== undefined) return objection;
  const { gate, decision } = said;
  desk.books.answer(id, gate, decision, desk.clock.now());
  window.answers.set(gate, decision);
  if (isDecided(window.asked, window.answers)) window.end();
  return 'taken';
}

function objectionTo(
  { gate, decision }: { readonly gate: string; readonly decision: GateDecision },
  { asked, answers, proposal }: Pick<Window, 'asked' | 'proposal'> & { answers: GateAnswers },
): 'foreign' | 'double' | 'growing' | undefined {
  if (!asked.some(({ name }) => name === gate)) return 'foreign';
  if (answers.has(gate)) return 'double';
  return narrows(decision, proposal.energyWh) ? undefined : 'growing';
}

function register(
  desk: Desk,
  payload: Uint8Array,
  clock: NeighbourhoodClock,
  { announce }: Announcer,
): void {
  const gates = readGates(payload);
  if (gates === undefined) {
    desk.counts.garbage += 1;
    return;
  }
  desk.counts.registered += 1;
  // Whoever registers lives.
  desk.pulse.beat();
  if (JSON.stringify(gates) === JSON.stringify(desk.registered)) return;
  desk.books.register(gates, clock.now());
  desk.registered = desk.books.registered();
  const names = gates.map(({ name }) => name);
  desk.log.info('the flows registered their gates', { gates: names });
  if (names.length === 0) announce('alerts/gates-silent', { v: 1, on: false }, { retain: true });
}
