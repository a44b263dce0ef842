/** How patient the hub is with Node-RED. Machine time. */

export type Patience = {
  /** How often it is asked whether it lives. */
  readonly askEveryMs: number;
  /** How long one answer may take. */
  readonly answerMs: number;
  /** Answers in a row that may be missed. */
  readonly missesMost: number;
  /** From its start to its first answer; a Pi that has just got power back is slow. */
  readonly startMs: number;
  readonly restartMs: number;
  /** Crashes within `crashWindowMs` after which it starts with stopped flows. */
  readonly crashesMost: number;
  readonly crashWindowMs: number;
  /** Told to end; then it is killed. A looping one never listens. */
  readonly endMs: number;
};

export const usualPatience: Patience = {
  askEveryMs: 2_000,
  answerMs: 1_500,
  missesMost: 3,
  startMs: 60_000,
  restartMs: 500,
  crashesMost: 3,
  crashWindowMs: 300_000,
  endMs: 4_000,
};

/** Lines that flows may write into the hub's log, and how much of each. */
export const linesPerMinuteMost = 20;
export const lineLengthMost = 300;

/** How long the mending of the flows before a start may take. */
export const prepareMs = 60_000;
