/** POST /mpesa/accountbalance/v1/query: what the hub's accounts hold; the answer comes to ResultURL. */
import { accountText, utilityText } from '../account-text.ts';
import type { Call } from '../call.ts';
import { answerLater, initiatorRules } from '../conversations.ts';
import { stamp } from '../east-africa-time.ts';
import type { InitiatorDesk } from '../initiator.ts';
import type { SimulatedLedger } from '../ledger.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../options.ts';
import type { PostOffice } from '../post-office.ts';
import { refused } from '../replies.ts';
import * as field from '../request-fields.ts';
import { balanceMessage } from '../result-message.ts';
import type { Timetable } from '../timetable.ts';

type Needs = {
  readonly settings: Settings;
  readonly names: Names;
  readonly ledger: SimulatedLedger;
  readonly initiator: InitiatorDesk;
  readonly timetable: Timetable;
  readonly post: PostOffice;
};

/** The question. Its result writes its type and code as strings, unlike every other. */
export function accountBalance(needs: Needs): Call {
  const { settings, names, ledger, initiator } = needs;
  const rules = {
    ...initiatorRules(settings),
    CommandID: field.oneOf('AccountBalance'),
    PartyA: field.oneOf(settings.shortcode, settings.b2cShortcode),
    IdentifierType: field.oneOf('4'),
  };
  return {
    name: 'account-balance',
    method: 'POST',
    path: '/mpesa/accountbalance/v1/query',
    needsToken: true,
    answer({ body }) {
      const read = field.readFields(body, rules);
      if (!read.ok)
        return refused(names.request(), '400.002.02', `Bad Request - Invalid ${read.field}`);
      const { Initiator, SecurityCredential, ResultURL: resultUrl } = read.texts;
      const initiatorCode = initiator.check(Initiator, SecurityCredential);
      return answerLater(needs, {
        ...{ kind: 'balance', about: '', resultUrl },
        result: (conversation) =>
          balanceMessage(
            conversation,
            initiatorCode,
            initiatorCode === 0
              ? [
                  { Key: 'AccountBalance', Value: accountsText(ledger) },
                  { Key: 'BOCompletedTime', Value: Number(stamp(settings.clock.now())) },
                ]
              : undefined,
          ),
      });
    },
  };
}

/** The five accounts of a shortcode; ours uses two of them. */
function accountsText(ledger: SimulatedLedger): string {
  const { chargesPaidCents } = ledger.totals();
  const alone = (currentCents: number) => ({
    ...{ currentCents, availableCents: currentCents, reservedCents: 0 },
  });
  return [
    accountText('Working Account', alone(0)),
    accountText('Float Account', alone(0)),
    utilityText(ledger.hubBalance()),
    accountText('Charges Paid Account', alone(chargesPaidCents)),
    accountText('Organization Settlement Account', alone(0)),
  ].join('&');
}
