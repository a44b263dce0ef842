/**
 * Everything that was asked while the disk was busy is answered in one turn, with one commit for all of it: a
 * commit takes as long for fifty transactions as for one. No answer leaves before its commit.
 */
import type { Ledger } from './ledger.ts';
import type { Rpc } from './rpc.ts';

/** One turn must not make the others wait for long. */
const turnMax = 64;
const waitingMax = 1_024;

/** Answers a body with a body; rejects when the ledger cannot keep what it did, or when too many wait. */
export type Ask = (body: string) => Promise<string | undefined>;

type Waiting = {
  readonly body: string;
  readonly resolve: (answer: string | undefined) => void;
  readonly reject: (error: unknown) => void;
};

export function openTurns(ledger: Pick<Ledger, 'together'>, rpc: Rpc): Ask {
  const waiting: Waiting[] = [];
  const takeTurn = () => {
    const turn = waiting.splice(0, turnMax);
    if (waiting.length > 0) setImmediate(takeTurn);
    try {
      const answers = ledger.together(() => turn.map(({ body }) => rpc(body)));
      turn.forEach(({ resolve }, place) => {
        resolve(answers[place]);
      });
    } catch (error) {
      for (const { reject } of turn) reject(error);
    }
  };
  return (body) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= waitingMax) return reject(new Error('too many questions wait'));
      if (waiting.push({ body, resolve, reject }) === 1) setImmediate(takeTurn);
    });
}
