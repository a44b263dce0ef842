/** Asks what became of a payout or of a payment: Transaction Status. The answer arrives at the result address. */
import type { ResultPaths, StatusAnswer, StatusQuestion } from '../../ports/mobile-money.ts';
import { askForResult, type InitiatedNeeds } from './initiated-call.ts';
import { isConversationId, isReceipt, shortcodeIdentifier } from './limits.ts';

const path = '/mpesa/transactionstatus/v1/query';
const questionAbout = (shortcode: string) => ({
  CommandID: 'TransactionStatusQuery',
  PartyA: shortcode,
  IdentifierType: shortcodeIdentifier,
  Occasion: 'OK',
});

/** Safe to repeat, with fresh tokens each time. */
export async function askAboutPayout(
  needs: InitiatedNeeds,
  question: StatusQuestion,
): Promise<StatusAnswer> {
  if (!isConversationId(question.conversationId))
    return { kind: 'not-asked', why: 'local.conversation' };
  return askForResult(needs, path, question, {
    ...questionAbout(needs.initiator.shortcode),
    OriginalConversationID: question.conversationId,
  });
}

/** The same by M-Pesa's own receipt, for money that came in at the shortcode that collects. */
export async function askAboutReceipt(
  needs: InitiatedNeeds & { readonly shortcode: string },
  question: ResultPaths & { readonly receipt: string },
): Promise<StatusAnswer> {
  if (!isReceipt(question.receipt)) return { kind: 'not-asked', why: 'local.receipt' };
  return askForResult(needs, path, question, {
    ...questionAbout(needs.shortcode),
    TransactionID: question.receipt,
  });
}
