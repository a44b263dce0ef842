/** What every call that goes to the desk has in common. */
import { z } from 'zod';
import type { Result } from '../../core/result.ts';
import type { Problem } from '../../ports/desk.ts';
import type { OperatorGate } from './operator.ts';
import { ProblemError } from './problem.ts';

/** Ids of trades, payments, households and meters: what cannot be one is refused before anybody looks. */
export const someId = z.string().regex(/^[\w.-]{1,64}$/, 'not an id of this hub');

/** The desk's value; throws its problem, which becomes the answer. */
export function answerOf<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw new ProblemError(result.error);
}

/** What a route of the operator's carries: the gate, and a note of it in the OpenAPI page. */
export const operatorCalls = (gate: OperatorGate) =>
  ({ onRequest: gate.operatorOnly, security: [{ operator: [] }] }) as const;
