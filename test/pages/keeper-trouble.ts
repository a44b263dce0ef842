/** Things that wait for the keeper on a lived day. */
import { corner } from '../support/neighbourhood.ts';
import { aPayment, compareWith } from '../support/payments.ts';
import { aRingingTopup } from '../support/topups.ts';
import type { LivedDay } from './a-lived-day.ts';

/** A top-up in review, a payment of nobody, and a household whose phone takes no money. Answers the top-up's id. */
export async function keeperTrouble({ hub }: LivedDay): Promise<string> {
  const { topup } = aRingingTopup(hub);
  hub.books.topups.review(topup, 'no certain answer for a day');
  await compareWith(hub, aPayment(hub, { receipt: 'UJ22STRAY0', reference: 'nobody' }));
  hub.books.pauses.pause({
    ...{ cause: 'receiver', household: corner },
    why: 'M-Pesa says that the phone is not registered',
    ...{ since: hub.clock.now(), until: undefined },
  });
  return topup.id;
}
