/** Every call that the simulated M-Pesa understands. A new one is a file in `calls/` and a line here. */
import type { Call } from './call.ts';
import { b2c } from './calls/b2c.ts';
import { oauth } from './calls/oauth.ts';
import { stkPush } from './calls/stk-push.ts';
import { stkQuery } from './calls/stk-query.ts';
import { transactionStatus } from './calls/transaction-status.ts';

type Needs = Parameters<typeof oauth>[0] &
  Parameters<typeof stkPush>[0] &
  Parameters<typeof stkQuery>[0] &
  Parameters<typeof b2c>[0] &
  Parameters<typeof transactionStatus>[0];

/** The table of calls. */
export const routesOf = (needs: Needs): readonly Call[] => [
  oauth(needs),
  stkPush(needs),
  stkQuery(needs),
  b2c(needs),
  transactionStatus(needs),
];
