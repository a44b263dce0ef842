/** What an auditor asks. */
export type Imbalance = {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
};

export interface AuditBooks {
  /** The sum of all accounts of a unit; 0 in good books. */
  trialBalance(unit: 'cents' | 'Wh'): number;
  /** Every account whose balance is not the sum of its postings, and every rule between accounts that does not hold. */
  imbalances(): Imbalance[];
  /** What a living hub looks at every hour: sums, and money and energy that are on their way. Reads no old postings. */
  standing(): Imbalance[];
}
