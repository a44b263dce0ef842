import type { FastifyRequest } from 'fastify';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { operatorGate } from '../../gateway/adapters/web/operator.ts';

const tokens = suite('the flows’ token');

const request = (token?: string): FastifyRequest =>
  ({ headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }) as FastifyRequest;
const opens = (call: Promise<void>): Promise<boolean> =>
  call.then(
    () => true,
    () => false,
  );
const gate = operatorGate('the operator’s token'.replace('’', ''), 'to-look');

tokens('opens what only looks', async () => {
  assert.ok(await opens(gate.readersOnly(request('to-look'))));
  assert.not.ok(await opens(gate.readersOnly(request('guess'))));
  assert.not.ok(await opens(gate.readersOnly(request())));
});

tokens('opens nothing of the operator’s', async () => {
  assert.not.ok(await opens(gate.operatorOnly(request('to-look'))));
});

tokens('does not exist where no flows run', async () => {
  const without = operatorGate('operator');
  assert.not.ok(await opens(without.readersOnly(request('to-look'))));
  assert.ok(await opens(without.readersOnly(request('operator'))));
});

tokens.run();
