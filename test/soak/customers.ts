/** People who do something by themselves: order at the counter, and send money to the paybill. */
import { setTimeout as sleep } from 'node:timers/promises';
import { paymentCode } from '../../gateway/core/household.ts';
import { hourMs } from '../../gateway/core/slot.ts';
import { seededRandom } from '../../gateway/simulators/daraja/random.ts';
import type { Stage } from './stage.ts';

export type Customers = {
  /** Trades for which the hub said 202. */
  readonly promised: ReadonlySet<string>;
  /** Resolves when the last one has gone home. */
  stop(): Promise<void>;
};

/** The two phones of the published example: one sells, one buys, both by hand only. */
const [sellerPhone, buyerPhone] = ['254700123456', '254708374149'];
const [orderEveryMs, payEveryMs] = [2 * hourMs, 5 * hourMs];
/** Machine ms; a customer who heard nothing asks once more under the same key. */
const askAgainMs = 1_000;
const asksMost = 4;
/** Of the cast, households that buy by themselves: the second shop, the salon, the kiosk. */
const payers = [3, 5, 7];
const phoneOf = (place: number) => `2547${110_000 + place * 1009}00`;

/** `everyMs` 0 of machine time in between: as many as the hub bears, for a load. */
export function sendCustomers(stage: Stage, seed: number, pace = 1): Customers {
  const random = seededRandom(seed);
  const promised = new Set<string>();
  const over = new AbortController();
  const nap = (ms: number) =>
    sleep(ms / stage.time.speed / pace, undefined, { signal: over.signal }).catch(() => {});

  async function order(number: number): Promise<void> {
    const key = `soak-${seed}-${number}`;
    const wish = {
      ...{ type: 'BUY', amount: 0.1 + Math.round(random() * 4) / 10, price: 12 },
      ...{ phone: buyerPhone, seller_phone: sellerPhone },
    };
    for (let asks = 0; asks < asksMost && !over.signal.aborted; asks++) {
      try {
        const answer = await stage.askHub<{ trade: { id: string } }>(
          '/api/execute_trade',
          wish,
          key,
        );
        promised.add(answer.trade.id);
        return;
      } catch (problem) {
        // The hub said no, which is an answer; or it is away.
        if (/: [45]\d\d /.test(String(problem))) return;
        await sleep(askAgainMs, undefined, { signal: over.signal }).catch(() => {});
      }
    }
  }

  async function pay(): Promise<void> {
    const place = payers[Math.floor(random() * payers.length)] ?? 3;
    const paid = {
      ...{ phone: phoneOf(place), amountCents: 100 * (20 + Math.floor(random() * 60)) },
      reference: paymentCode(place + 1),
    };
    await stage.world.ask('pay by hand', paid);
  }

  const live = async (everyMs: number, act: (number: number) => Promise<void>) => {
    for (let number = 0; !over.signal.aborted; number++) {
      await nap(everyMs * (0.5 + random()));
      if (!over.signal.aborted) await act(number);
    }
  };
  const lives = [live(orderEveryMs, order), live(payEveryMs, pay)];
  for (const life of lives) life.catch(() => {});
  return {
    promised,
    stop: async () => {
      over.abort();
      await Promise.all(lives);
    },
  };
}
