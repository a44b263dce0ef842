/** JSON-RPC 2.0 over the ledger (jsonrpc.org/specification): the envelope, without any transport. */
import { z } from 'zod';
import { accountMethods } from './account-methods.ts';
import type { Ledger } from './ledger.ts';
import { type Method, RpcError, rpcCodes } from './methods.ts';
import { transactionMethods } from './transaction-methods.ts';

const batchMax = 32;
const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...accountMethods, ...transactionMethods }),
);

const idOf = z.union([z.string().max(128), z.number(), z.null()]);
const request = z.object({
  jsonrpc: z.literal('2.0'),
  id: idOf.optional(),
  method: z.string().max(64),
  params: z.array(z.unknown()).optional(),
});

/** Takes a body, answers a body; undefined when it held notifications only. Never throws. */
export type Rpc = (body: string) => string | undefined;

export function openRpc(ledger: Ledger): Rpc {
  const answerOne = (item: unknown) => {
    const read = request.safeParse(item);
    if (!read.success) return problem(null, rpcCodes.invalidRequest, 'Invalid request');
    const { id, method, params = [] } = read.data;
    const answer = call(ledger, method, params);
    if (id === undefined) return undefined;
    return answer instanceof RpcError
      ? problem(id, answer.code, answer.message, answer.facts)
      : { jsonrpc: '2.0', result: answer, id };
  };
  return (body) => {
    const parsed = parse(body);
    if (parsed === undefined) return JSON.stringify(problem(null, rpcCodes.parse, 'Parse error'));
    if (!Array.isArray(parsed)) return show(answerOne(parsed));
    if (parsed.length === 0 || parsed.length > batchMax) {
      return show(problem(null, rpcCodes.invalidRequest, `A batch has 1 to ${batchMax} calls`));
    }
    const answers = parsed.map(answerOne).filter((each) => each !== undefined);
    return answers.length === 0 ? undefined : JSON.stringify(answers);
  };
}

function call(ledger: Ledger, name: string, params: unknown): unknown {
  const method = methods.get(name);
  if (method === undefined) return new RpcError(rpcCodes.unknownMethod, 'Method not found');
  try {
    return method(ledger, params);
  } catch (error) {
    return error instanceof RpcError ? error : new RpcError(rpcCodes.internal, 'Internal error');
  }
}

const problem = (id: z.output<typeof idOf>, code: number, message: string, facts?: unknown) => ({
  jsonrpc: '2.0',
  error: { code, message, ...(facts === undefined ? {} : { data: facts }) },
  id,
});

const show = (answer: unknown) => (answer === undefined ? undefined : JSON.stringify(answer));

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
