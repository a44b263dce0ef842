/** What the public page shows of the whole neighbourhood. Nothing in it belongs to one household. */
export type BoardView = {
  /** Energy and money of trades that were paid since the neighbourhood's midnight. */
  readonly tradedWhToday: number;
  readonly tradedCentsToday: number;
  /** Trades that are neither closed nor expired nor undone. */
  readonly openTrades: number;
  /** Payments that M-Pesa confirmed, and those of them that stand in somebody's wallet. The promise: equal. */
  readonly paidCount: number;
  readonly creditedCount: number;
  readonly rateCentsPerKwh: number;
  /** Unsold energy that households hold now. */
  readonly surplusWh: number;
  /** What the forecast says of the present hour; null when there is none. */
  readonly sunWattsPerM2: number | null;
  /** What advice brought beyond selling at once in the last 30 days, and the best that was possible. */
  readonly adviceGainedCents: number;
  readonly advicePossibleCents: number;
  /** Newest first; the page shows at most 12. */
  readonly lastTrades: readonly BoardTrade[];
};

export type BoardTrade = {
  readonly id: string;
  readonly energyWh: number;
  readonly amountCents: number;
  /** A trade's state: matched, awaiting-funds, paid, transferring, settled, closed, expired, undone, review. */
  readonly state: string;
  /** ISO 8601, neighbourhood time. */
  readonly at: string;
};
