/** The result that M-Pesa posts to a ResultURL, for payouts and for questions about them. */

const texts: Readonly<Record<string, string>> = {
  0: 'The service request is processed successfully.',
  1: 'The balance is insufficient for the transaction.',
  2: 'Declined due to limit rule: less than the minimum transaction amount.',
  3: 'Declined due to limit rule: greater than the maximum transaction amount.',
  8: 'Declined due to limit rule: would exceed the maximum balance.',
  2001: 'The initiator information is invalid.',
  2040: 'Credit Party customer type cannot be supported by the service.',
  8006: 'The security credential is locked.',
  R000001: 'The transaction has already been reversed.',
  R000002: 'The OriginalTransactionID is invalid.',
};

export type ResultParameter = { readonly Key: string; readonly Value?: unknown };

export type Conversation = {
  readonly originatorConversationId: string;
  readonly conversationId: string;
  readonly transactionId: string;
};

/** The body; a failure has no parameters. */
export function resultMessage(
  conversation: Conversation,
  code: number | string,
  parameters?: readonly ResultParameter[],
): { readonly Result: object } {
  return {
    Result: {
      ResultType: 0,
      ResultCode: code,
      ResultDesc: texts[code] ?? 'The request failed.',
      OriginatorConversationID: conversation.originatorConversationId,
      ConversationID: conversation.conversationId,
      TransactionID: conversation.transactionId,
      ...(parameters && { ResultParameters: { ResultParameter: parameters } }),
      ReferenceData: { ReferenceItem: { Key: 'Occasion', Value: '' } },
    },
  };
}

/** What a QueueTimeOutURL gets. Its real shape is published nowhere; it is not a result, so its type is not 0. */
export const timeoutMessage = (conversation: Conversation): object => ({
  Result: {
    ResultType: 1,
    ResultCode: 9999,
    ResultDesc: 'The request timed out in the queue.',
    OriginatorConversationID: conversation.originatorConversationId,
    ConversationID: conversation.conversationId,
  },
});

/** The result of a balance question, which has its type and code as strings (Daraja, Account Balance). */
export function balanceMessage(
  conversation: Conversation,
  code: number,
  parameters: readonly ResultParameter[] | undefined,
): object {
  const { Result } = resultMessage(conversation, code, parameters);
  return { Result: { ...Result, ResultType: '0', ResultCode: String(code) } };
}
