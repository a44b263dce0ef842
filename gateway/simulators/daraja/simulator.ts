/** M-Pesa as the hub meets it: the Daraja protocol over a loopback socket, with people, networks and books behind it. */
import { writeFile } from 'node:fs/promises';
import { openCourier } from './courier.ts';
import { type Faults, openFaults } from './faults.ts';
import { openFrontDoor } from './front-door.ts';
import { openInitiatorDesk } from './initiator.ts';
import { openLedger, type Totals } from './ledger.ts';
import { startListener } from './listener.ts';
import { openNames } from './names.ts';
import { type MpesaSimulatorOptions, settle } from './options.ts';
import { openPayouts, type Payout } from './payouts.ts';
import { openPrompts, type Payment, type Prompt } from './prompts.ts';
import { seededRandom } from './random.ts';
import { routesOf } from './routes.ts';
import { openTimetable } from './timetable.ts';
import { openTokens } from './tokens.ts';

export type MpesaSimulator = AsyncDisposable & {
  readonly port: number;
  /** The base URL that a client is given; no slash at its end. */
  readonly url: string;
  /** What a client encrypts the initiator's password with. */
  readonly publicKeyPem: string;
  /** An outage: nobody can connect, callbacks due now are lost; people go on answering their phones. */
  stop(): Promise<void>;
  /** Ends the outage, on the same port. Rejects when another program took it. */
  resume(): Promise<void>;
  /** Answers a prompt in the person's stead; false when no such prompt is open. */
  answer(checkoutRequestId: string, deed: 'pay' | 'cancel'): boolean;
  /** The next so many requests meet these faults. */
  arm(faults: Faults): void;
  /** Ends every access token. */
  forgetTokens(): void;
  prompts(): Prompt[];
  /** Money that arrived at the hub. */
  payments(): Payment[];
  /** Money that arrived at phones. */
  payouts(): Payout[];
  totals(): Totals;
};

/** Starts the simulator. Rejects when the port is taken or the key file cannot be written. */
export async function startMpesaSimulator(options: MpesaSimulatorOptions): Promise<MpesaSimulator> {
  const settings = settle(options);
  const { clock } = settings;
  const random = seededRandom(settings.seed);
  const names = openNames(random, () => clock.now());
  const timetable = openTimetable(clock, random);
  const courier = openCourier(settings.shortcode);
  const ledger = openLedger(settings);
  const tokens = openTokens(names, settings.singleToken);
  const faults = openFaults(settings.faults);
  const initiator = await openInitiatorDesk(settings.initiatorName, settings.initiatorPassword);
  const people = { settings, ledger, names, timetable, courier };
  const prompts = openPrompts(people);
  const payouts = openPayouts(people);
  const calls = routesOf({ ...people, random, tokens, initiator, prompts, payouts });
  if (options.publicKeyFile) await writeFile(options.publicKeyFile, initiator.publicKeyPem);
  const door = openFrontDoor({ calls, names, tokens, faults, isBusy: timetable.isFull });
  const listener = await startListener(settings.port, door);

  return {
    port: listener.port(),
    url: `http://127.0.0.1:${listener.port()}`,
    publicKeyPem: initiator.publicKeyPem,
    async stop() {
      courier.pause();
      await listener.close();
    },
    async resume() {
      await listener.open();
      courier.resume();
    },
    answer: prompts.answer,
    arm: faults.arm,
    forgetTokens: tokens.forget,
    prompts: prompts.list,
    payments: prompts.payments,
    payouts: () => payouts.list().filter(({ state }) => state === 'paid'),
    totals: ledger.totals,
    async [Symbol.asyncDispose]() {
      timetable.clear();
      courier.close();
      await listener.close();
    },
  };
}
