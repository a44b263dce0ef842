/** The calls about wallets that households hold themselves, and the two that a phone wallet makes. */
import { z } from 'zod';
import type { WalletDesk } from '../../ports/wallet-desk.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = {
  readonly wallets: WalletDesk;
  readonly gate: OperatorGate;
  readonly limits: WebLimits;
};

const kwhMost = 10_000;
const address = z.string().trim().max(44);
const walletAnswer = z.object({
  household: z.string(),
  address: z.string(),
  own: z.boolean(),
  seenAt: z.string().nullable(),
  balanceWh: z.number(),
  allowanceWh: z.number(),
  leftWh: z.number(),
  obstacle: z.string().nullable(),
});

/** `/api/households/{id}/token-wallet`, `…/approval`, and `/pay/approve/{ticket}` (Solana Pay, transaction requests). */
export function addWalletRoutes(app: WebApp, { wallets, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);
  const params = z.object({ id: someId });

  app.get(
    '/api/households/:id/token-wallet',
    {
      onRequest,
      schema: {
        summary: 'Where the household’s tokens are, and what the hub may move',
        ...{ security, params, response: { 200: walletAnswer } },
      },
    },
    async ({ params: { id } }) => answerOf(wallets.wallet(id)),
  );
  app.post(
    '/api/households/:id/token-wallet',
    {
      onRequest,
      schema: {
        summary: 'The household brings an address of its own',
        ...{ security, params, body: z.strictObject({ address }), response: { 200: walletAnswer } },
      },
    },
    async ({ params: { id }, body }) => answerOf(wallets.bring(id, body.address)),
  );
  app.post(
    '/api/households/:id/token-wallet/approval',
    {
      onRequest,
      schema: {
        summary: 'A solana: link with which the owner lets the hub move so many kWh in all',
        ...{ security, params },
        body: z.strictObject({ kwh: z.int().min(1).max(kwhMost), at: z.url().max(200) }),
        response: { 200: z.object({ link: z.string() }) },
      },
    },
    async ({ params: { id }, body }) => answerOf(wallets.approvalLink(id, body.kwh, body.at)),
  );
  addPhoneRoutes(app, wallets, limits);
}

/** Open to whoever has a link: it lets nobody do anything without the owner's key. */
function addPhoneRoutes(app: WebApp, wallets: WalletDesk, limits: WebLimits): void {
  const params = z.object({ ticket: z.string().max(160) });
  const config = { rateLimit: { max: limits.ordersPerMinute } };

  app.get('/pay/approve/:ticket', { schema: { hide: true, params } }, async (request) => ({
    label: 'Jirani',
    icon: `${request.protocol}://${request.host}/icon.svg`,
  }));
  app.post(
    '/pay/approve/:ticket',
    { config, schema: { hide: true, params, body: z.object({ account: address }) } },
    async (request) =>
      answerOf(await wallets.approval(request.params.ticket, request.body.account)),
  );
}
