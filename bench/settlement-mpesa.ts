/** The simulated M-Pesa of the bench, in a process of its own. usage: settlement-mpesa.ts FOLDER PAYMENTS ORIGIN_NS */
import { join } from 'node:path';
import { scaledClock } from '../gateway/adapters/clock/scaled-clock.ts';
import { simulatedMpesa } from '../gateway/commands/simulated-mpesa.ts';
import { cents } from '../gateway/core/units.ts';
import type { PhoneBehaviour } from '../gateway/simulators/daraja/behaviours.ts';
import { startMpesaSimulator } from '../gateway/simulators/daraja/simulator.ts';
import { serveBench } from './peers/peer-process.ts';
import { isPaid, mishapOf, originMs, phoneOf, speed } from './settlement-plan.ts';

const [, , folder = '', payments = '0', originNs = '0'] = process.argv;
const publicKeyFile = join(folder, 'mpesa-simulator.pem');

const behaviourOf = (number: number): PhoneBehaviour => {
  if (!isPaid(number)) return { pays: 'cancels' };
  const mishap = mishapOf(number);
  return { pays: mishap === 'none' || mishap === 'forged' ? 'pays' : mishap };
};

const simulator = await startMpesaSimulator({
  ...{ ...simulatedMpesa, port: 0, seed: 1, publicKeyFile },
  clock: scaledClock({
    ...{ originMachineNs: BigInt(originNs), originNeighbourhoodMs: originMs, speed },
  }),
  // People who answer at once, and a query that always says what it knows: neither is the hub's time.
  ...{
    reaction: { leastMs: 0, mostMs: 100 },
    emptyQueryShare: 0,
    phoneBalanceCents: cents(100_000),
  },
  behaviours: new Map(
    Array.from({ length: Number(payments) }, (_, number) => [phoneOf(number), behaviourOf(number)]),
  ),
});

serveBench(
  { url: simulator.url, publicKeyFile },
  {
    payments: () => ({
      payments: simulator.payments().map(({ phone, amountCents }) => [phone, amountCents]),
      prompts: simulator.prompts().length,
    }),
  },
);
