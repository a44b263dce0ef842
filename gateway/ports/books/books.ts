/** The books as the steps see them: topics, each with its named commands. */
import type { AuditBooks } from './audit.ts';
import type { DeedBooks, InboxBooks } from './deeds.ts';
import type { EnergyBooks } from './energy.ts';
import type { HouseholdBooks, SettingBooks } from './households.ts';
import type { PayoutBooks, TopupBooks } from './money.ts';
import type { RoundBooks } from './rounds.ts';
import type { TokenBooks } from './tokens.ts';
import type { TradeBooks } from './trades.ts';

export interface Books {
  readonly households: HouseholdBooks;
  readonly settings: SettingBooks;
  readonly energy: EnergyBooks;
  readonly rounds: RoundBooks;
  readonly trades: TradeBooks;
  readonly topups: TopupBooks;
  readonly payouts: PayoutBooks;
  readonly tokens: TokenBooks;
  readonly deeds: DeedBooks;
  readonly inbox: InboxBooks;
  readonly audit: AuditBooks;
}
