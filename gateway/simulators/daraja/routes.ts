/** Every call that the simulated M-Pesa understands. A new one is a file in `calls/` and a line here. */
import type { Call } from './call.ts';
import { accountBalance } from './calls/account-balance.ts';
import { b2c } from './calls/b2c.ts';
import { c2b } from './calls/c2b.ts';
import { oauth } from './calls/oauth.ts';
import { pullTransactions } from './calls/pull.ts';
import { reversal } from './calls/reversal.ts';
import { stkPush } from './calls/stk-push.ts';
import { stkQuery } from './calls/stk-query.ts';
import { transactionStatus } from './calls/transaction-status.ts';

type Needs = Parameters<typeof oauth>[0] &
  Parameters<typeof stkPush>[0] &
  Parameters<typeof stkQuery>[0] &
  Parameters<typeof b2c>[0] &
  Parameters<typeof transactionStatus>[0] &
  Parameters<typeof reversal>[0] &
  Parameters<typeof accountBalance>[0] &
  Parameters<typeof c2b>[0] &
  Parameters<typeof pullTransactions>[0];

/** The table of calls. */
export const routesOf = (needs: Needs): readonly Call[] => [
  oauth(needs),
  stkPush(needs),
  stkQuery(needs),
  b2c(needs),
  transactionStatus(needs),
  reversal(needs),
  accountBalance(needs),
  ...c2b(needs),
  ...pullTransactions(needs),
];
