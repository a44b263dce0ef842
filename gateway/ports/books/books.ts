/** The books as the steps see them: topics, each with its named commands. */
import type { AdviceBooks } from './advice.ts';
import type { AuditBooks } from './audit.ts';
import type { DeedBooks, InboxBooks } from './deeds.ts';
import type { EnergyBooks } from './energy.ts';
import type { EvidenceBooks, StatementBooks, WatchBooks } from './evidence.ts';
import type { GateBooks } from './gates.ts';
import type { GiftBooks } from './gifts.ts';
import type { HouseholdBooks, SettingBooks } from './households.ts';
import type { MarketBooks } from './market.ts';
import type { PayoutBooks, TopupBooks } from './money.ts';
import type { PauseBooks } from './pauses.ts';
import type { ReceiptBooks } from './receipts.ts';
import type { ReversalBooks } from './reversals.ts';
import type { RoundBooks } from './rounds.ts';
import type { ChoiceBooks, SessionBooks } from './sessions.ts';
import type { TokenBooks } from './tokens.ts';
import type { TradeBooks } from './trades.ts';
import type { WalletBooks } from './wallets.ts';

export interface Books {
  readonly households: HouseholdBooks;
  readonly choices: ChoiceBooks;
  readonly sessions: SessionBooks;
  readonly settings: SettingBooks;
  readonly energy: EnergyBooks;
  readonly rounds: RoundBooks;
  readonly gates: GateBooks;
  readonly market: MarketBooks;
  readonly gifts: GiftBooks;
  readonly advice: AdviceBooks;
  readonly trades: TradeBooks;
  readonly topups: TopupBooks;
  readonly evidence: EvidenceBooks;
  readonly watch: WatchBooks;
  readonly statements: StatementBooks;
  readonly payouts: PayoutBooks;
  readonly pauses: PauseBooks;
  readonly reversals: ReversalBooks;
  readonly tokens: TokenBooks;
  readonly receipts: ReceiptBooks;
  readonly wallets: WalletBooks;
  readonly deeds: DeedBooks;
  readonly inbox: InboxBooks;
  readonly audit: AuditBooks;
}
