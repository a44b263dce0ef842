/** What M-Pesa posts, as one test wants it. */

/** A push that was paid; `items` are its metadata, and without them there are none. */
export const aPushCallback = (change: object = {}, items?: unknown): string =>
  JSON.stringify({
    Body: {
      stkCallback: {
        MerchantRequestID: '29115-34620561-1',
        CheckoutRequestID: 'ws_CO_1',
        ResultCode: 0,
        ResultDesc: 'ok',
        ...(items !== undefined && { CallbackMetadata: { Item: items } }),
        ...change,
      },
    },
  });

/** A good result with these parameters. */
export const aResult = (change: object, parameters?: unknown): string =>
  JSON.stringify({
    Result: {
      ResultType: 0,
      ResultCode: 0,
      OriginatorConversationID: 'J7F3K2Q9A01ZK4M8TR',
      ConversationID: 'AG_20261123_20106e9209f64bebd05b',
      TransactionID: 'SG632NMUAB',
      ...(parameters !== undefined && { ResultParameters: { ResultParameter: parameters } }),
      ReferenceData: { ReferenceItem: { Key: 'a', Value: 'b' } },
      ...change,
    },
  });
