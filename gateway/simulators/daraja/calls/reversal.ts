/** POST /mpesa/reversal/v1/request: sends a customer's payment back. M-Pesa takes no id of the caller's for it. */
import { cents } from '../../../core/units.ts';
import type { Call } from '../call.ts';
import { answerLater, initiatorRules } from '../conversations.ts';
import type { InitiatorDesk } from '../initiator.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { PostOffice } from '../post-office.ts';
import { refused, systemBusy } from '../replies.ts';
import * as field from '../request-fields.ts';
import type { ReversalDesk } from '../reversals.ts';
import type { Timetable } from '../timetable.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly reversals: ReversalDesk;
  readonly initiator: InitiatorDesk;
  readonly timetable: Timetable;
  readonly post: PostOffice;
};

const shillingsMax = 999_999_999;

/** The reversal. Asked a second time it ends with R000001, so that the payment goes back once. */
export function reversal(needs: Needs): Call {
  const { settings, names, reversals, initiator } = needs;
  const rules = {
    ...initiatorRules(settings),
    CommandID: field.oneOf('TransactionReversal'),
    TransactionID: field.matching(/^[A-Z0-9]{10}$/),
    Amount: field.shillings(1, shillingsMax),
    ReceiverParty: field.oneOf(settings.shortcode, settings.b2cShortcode),
    // Spelled so by Safaricom.
    RecieverIdentifierType: field.oneOf('11'),
  };
  return {
    name: 'reversal',
    method: 'POST',
    path: '/mpesa/reversal/v1/request',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      if (reversals.isFull()) return systemBusy(names.request());
      const { texts } = read;
      const initiatorCode = initiator.check(texts.Initiator, texts.SecurityCredential);
      const amountCents = cents(field.centsOf(texts.Amount));
      const receipt = texts.TransactionID;
      const result = reversals.begin({ receipt, amountCents, initiatorCode });
      return answerLater(needs, {
        ...{ kind: 'reversal', about: receipt, resultUrl: texts.ResultURL, result },
      });
    },
  };
}
