/** All that is outside of the hub and outlives it: M-Pesa with its phones, the sky, the language model, the tunnel's server. */
import { simulatedMpesa } from '../../gateway/commands/simulated-mpesa.ts';
import { roughDay } from '../../gateway/simulators/daraja/faults.ts';
import type { HandPayment } from '../../gateway/simulators/daraja/paybill.ts';
import { makeNeighbourhood } from '../../gateway/simulators/neighbourhood/model.ts';
import { startTunnelServer, type TunnelServer } from '../../gateway/simulators/tunnel/server.ts';
import { startWorld } from '../../gateway/simulators/world.ts';
import { answerUntilTheEnd, trueClock, type WorldPlan, type WorldReady } from './told.ts';

const plan = JSON.parse(process.argv[2] ?? '{}') as WorldPlan;
const clock = trueClock(plan.time);
await using world = await startWorld({
  neighbourhood: makeNeighbourhood(plan),
  clock,
  mpesa: {
    ...{ ...simulatedMpesa, port: 0, seed: plan.seed, publicKeyFile: plan.publicKeyFile },
    ...(plan.rough ? { faultRates: roughDay, faultSeed: plan.seed } : {}),
  },
  geminiKey: 'simulated-gemini-key',
});
const { mpesa, weather, gemini } = world;
let tunnel: TunnelServer = await startTunnelServer({ onLoopback: true });
const tunnelPort = Number(new URL(tunnel.url).port);

/** M-Pesa is there only while nothing keeps it away. */
const keptAwayBy = new Set<'outage' | 'internet'>();
const keepAway = async (why: 'outage' | 'internet') => {
  keptAwayBy.add(why);
  await mpesa.stop();
};
const letBack = async (why: 'outage' | 'internet') => {
  keptAwayBy.delete(why);
  if (keptAwayBy.size === 0) await mpesa.resume();
};

await answerUntilTheEnd({
  urls: (): WorldReady => ({
    ...{ mpesaUrl: mpesa.url, weatherUrl: weather.url, geminiUrl: gemini.url },
    tunnelUrl: `http://127.0.0.1:${tunnelPort}`,
  }),
  'mpesa off': () => keepAway('outage'),
  'mpesa on': () => letBack('outage'),
  // M-Pesa goes with it: seen from the hub there is no difference, and nothing comes in either.
  'internet off': () =>
    Promise.all([keepAway('internet'), ...[weather, gemini, tunnel].map((one) => one.stop())]),
  'internet on': () =>
    Promise.all([letBack('internet'), ...[weather, gemini, tunnel].map((one) => one.resume())]),
  'tunnel moves': async () => {
    await tunnel[Symbol.asyncDispose]();
    // The same server under the same name; what it gives out from now on is another address.
    tunnel = await startTunnelServer({ onLoopback: true, port: tunnelPort });
  },
  'pay by hand': async (paid: HandPayment) => (await mpesa.sendByHand(paid)).kind,
  witness: () => ({
    ...{ prompts: mpesa.prompts(), payments: mpesa.payments(), payouts: mpesa.payouts() },
    ...{ reversals: mpesa.reversals(), totals: mpesa.totals() },
  }),
});
await tunnel[Symbol.asyncDispose]();
