/** Asks how much lies in the hub's M-Pesa accounts: Account Balance. The answer arrives at the result address. */
import type { ResultPaths, StatusAnswer } from '../../ports/mobile-money.ts';
import { askForResult, type InitiatedNeeds } from './initiated-call.ts';
import { shortcodeIdentifier } from './limits.ts';

const path = '/mpesa/accountbalance/v1/query';

/** Safe to repeat, with fresh tokens each time. */
export const askBalance = (needs: InitiatedNeeds, paths: ResultPaths): Promise<StatusAnswer> =>
  askForResult(needs, path, paths, {
    CommandID: 'AccountBalance',
    PartyA: needs.initiator.shortcode,
    IdentifierType: shortcodeIdentifier,
  });
