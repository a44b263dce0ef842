/** Hubs that forget in a power cut what they must remember: with one of them the test must turn red. */
import { randomBytes } from 'node:crypto';
import type { MobileMoney } from '../../gateway/ports/mobile-money.ts';
import type { ReadingSink } from '../../gateway/ports/readings.ts';

export type Fault = 'pays-under-a-new-name' | 'thanks-too-early';

/** The port as a faulty hub would have it; without a fault the port itself. */
export function faulty<Port extends object>(fault: string, name: string, port: Port): Port {
  if (fault === 'pays-under-a-new-name' && name === 'money')
    return { ...port, ...payingUnderANewName(port as unknown as MobileMoney) };
  if (fault === 'thanks-too-early' && name === 'readings')
    return { ...port, ...thankingTooEarly(port as unknown as ReadingSink) };
  return port;
}

/** M-Pesa cannot see that a repeated payout is a repetition. */
const payingUnderANewName = (money: MobileMoney): Partial<MobileMoney> => ({
  payOut: (disbursement) =>
    money.payOut({
      ...disbursement,
      conversationId: `J${randomBytes(9).toString('hex').slice(0, 17).toUpperCase()}`,
    }),
});

/** So late that the lights go out between the thanks and the commit. */
const commitMs = 2_000;

const thankingTooEarly = (readings: ReadingSink): Pick<ReadingSink, 'enter' | 'onSettled'> => {
  const listeners: (() => void)[] = [];
  return {
    onSettled: (listener) => void listeners.push(listener),
    enter: (meter, settled) => {
      const entry = readings.enter(meter, () => {});
      return {
        offer: (bytes, from, to, ticket) => {
          const kept = Uint8Array.from(bytes.subarray(from, to));
          setTimeout(() => entry.offer(kept, 0, kept.length, ticket), commitMs);
          setImmediate(() => {
            settled(ticket, { kept: true, duplicate: false });
            for (const listener of listeners) listener();
          });
          return true;
        },
      };
    },
  };
};
