/** M-Pesa as the hub meets it: the Daraja protocol over a loopback socket, with people, networks and books behind it. */
import { writeFile } from 'node:fs/promises';
import { type Bank, openBank } from './bank.ts';
import type { PhoneBehaviour } from './behaviours.ts';
import type { FaultRates, Faults } from './faults.ts';
import { openFrontDoor } from './front-door.ts';
import { openInitiatorDesk } from './initiator.ts';
import type { Totals } from './ledger.ts';
import { startListener } from './listener.ts';
import { type MpesaSimulatorOptions, settle } from './options.ts';
import type { HandOutcome, HandPayment } from './paybill.ts';
import type { Payout } from './payouts.ts';
import type { Replay, SentLetter } from './post-office.ts';
import type { Deed, Prompt } from './prompts.ts';
import type { Reversal } from './reversals.ts';
import { routesOf } from './routes.ts';
import { watchSpikes } from './spikes.ts';
import type { Payment } from './till.ts';
import { openTokens } from './tokens.ts';
import type { VirtualClock } from './virtual-clock.ts';

export type MpesaSimulator = AsyncDisposable & {
  readonly port: number;
  /** The base URL that a client is given; no slash at its end. */
  readonly url: string;
  /** What a client encrypts the initiator's password with. */
  readonly publicKeyPem: string;
  /** The same key as an X.509 certificate. */
  readonly certificatePem: string;
  /** An outage: nobody can connect, callbacks due now are lost; people go on answering their phones. */
  stop(): Promise<void>;
  /** Ends the outage, on the same port. Rejects when another program took it. */
  resume(): Promise<void>;
  /** Answers a prompt in the person's stead; false when no such prompt is open. */
  answer(checkoutRequestId: string, deed: Deed): boolean;
  /** Sends money to the paybill as a person does by hand; resolves when it arrived or went back. */
  sendByHand(paid: HandPayment): Promise<HandOutcome>;
  /** From now on the phone behaves so, whatever its digits. */
  behave(phone: string, behaviour: PhoneBehaviour): void;
  /** The next so many requests or callbacks meet these faults. */
  arm(faults: Faults): void;
  /** From now on faults happen by chance; empty rates end it. */
  rollFaults(seed: number, rates: FaultRates): void;
  /** Ends every access token. */
  forgetTokens(): void;
  /** The neighbourhood's time, in ms since 1970. */
  now(): number;
  /** Moves a virtual clock on by so many ms; false when the clock goes by itself. */
  advance(byMs: number): boolean;
  prompts(): Prompt[];
  /** Money that arrived at the hub. */
  payments(): Payment[];
  /** Money that arrived at phones. */
  payouts(): Payout[];
  /** Payments that were sent back, or were to be. */
  reversals(): Reversal[];
  /** The last callbacks, with their answers; their paths are not told. */
  letters(): SentLetter[];
  /** Sends a callback once more, changed or not; the HTTP statuses, or undefined for an unknown one. */
  replay(id: number, how: Replay): Promise<readonly number[] | undefined>;
  totals(): Totals;
  /** What a phone holds, in cents. */
  balanceOf(phone: string): number;
};

/** Starts the simulator. Rejects when the port is taken or a key file cannot be written. */
export async function startMpesaSimulator(options: MpesaSimulatorOptions): Promise<MpesaSimulator> {
  const bank = openBank(settle(options));
  const { settings, names, courier, faults } = bank;
  const tokens = openTokens(names, settings.singleToken);
  const { initiatorName, initiatorPassword } = settings;
  const initiator = await openInitiatorDesk(initiatorName, initiatorPassword);
  const { publicKeyPem, certificatePem } = initiator;
  if (options.publicKeyFile) await writeFile(options.publicKeyFile, publicKeyPem);
  if (options.certificateFile) await writeFile(options.certificateFile, certificatePem);
  const door = openFrontDoor({
    ...{ calls: routesOf({ ...bank, tokens, initiator }), names, tokens, faults },
    isBusy: bank.timetable.isFull,
    isSpike: watchSpikes(settings.requestsPerSecondMax),
  });
  const listener = await startListener(settings.port, door);

  return {
    ...{ port: listener.port(), url: `http://127.0.0.1:${listener.port()}` },
    ...{ publicKeyPem, certificatePem },
    async stop() {
      courier.pause();
      await listener.close();
    },
    async resume() {
      await listener.open();
      courier.resume();
    },
    ...steering(bank),
    forgetTokens: tokens.forget,
    ...views(bank),
    async [Symbol.asyncDispose]() {
      bank.close();
      await listener.close();
    },
  };
}

const steering = ({ prompts, paybill, faults, post, behave, settings }: Bank) => ({
  answer: prompts.answer,
  sendByHand: paybill.send,
  ...{ behave, arm: faults.arm, rollFaults: faults.roll, replay: post.replay },
  now: () => settings.clock.now(),
  advance(byMs: number): boolean {
    if (!isVirtual(settings.clock)) return false;
    settings.clock.advance(byMs);
    return true;
  },
});

const views = ({ prompts, till, payouts, reversals, post, ledger }: Bank) => ({
  prompts: prompts.list,
  payments: till.list,
  payouts: () => payouts.list().filter(({ state }) => state === 'paid'),
  reversals: reversals.list,
  letters: post.list,
  totals: ledger.totals,
  balanceOf: ledger.balanceOf,
});

const isVirtual = (clock: object): clock is VirtualClock => 'at' in clock && 'advance' in clock;
