/** What the callback listener lets in, and the names under which it counts what became of each request. */

export type CallbackLimits = {
  readonly bodyBytesMax: number;
  readonly headerBytesMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly checkEveryMs: number;
  /** One more, and the connection that has shown least makes room. */
  readonly connectionsMax: number;
  readonly perPathPerMinute: number;
  /** A path on which all money sent by hand is told of. */
  readonly perStandingPathPerMinute: number;
  /** Over all known paths, not counting the first request of each in its minute. */
  readonly perSecond: number;
  readonly pathsRemembered: number;
  /** How long a refused sender may go on sending bytes that nobody keeps. */
  readonly lingerMs: number;
};

export const usualCallbackLimits: CallbackLimits = {
  bodyBytesMax: 16 * 1024,
  headerBytesMax: 8 * 1024,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  connectionsMax: 64,
  perPathPerMinute: 10,
  perStandingPathPerMinute: 120,
  perSecond: 50,
  pathsRemembered: 4_096,
  lingerMs: 1_000,
};

export const outcomes = [
  'kept',
  'unknown',
  'too-many',
  'not-kept',
  'not-found',
  'too-large',
  'wrong-type',
  'not-an-object',
  'broken-off',
  'probe',
] as const;
export type Outcome = (typeof outcomes)[number];

/** How connections end without an answer of ours: cut for room, too slow, or no HTTP. */
export const connectionEnds = ['made-room', 'timed-out', 'malformed'] as const;
export type ConnectionEnd = (typeof connectionEnds)[number];

/** How often each was met since the listener opened. */
export type CallbackCounts = Readonly<Record<Outcome | ConnectionEnd, number>>;
