/** The calls that make a trade and ask about its payment. */
import { z } from 'zod';
import type { Desk, OrderReceipt } from '../../ports/desk.ts';
import { orderAnswer, paymentAnswer, pushAnswer } from './answers.ts';
import { decimalText, shillings } from './decimals.ts';
import { answerOf, operatorCalls, someId } from './desk-calls.ts';
import type { OperatorGate } from './operator.ts';
import { orderBody, orderHeaders } from './order-body.ts';
import type { WebLimits } from './web-options.ts';
import type { WebApp } from './zod-door.ts';

type Needs = { readonly desk: Desk; readonly gate: OperatorGate; readonly limits: WebLimits };

/** `POST /api/execute_trade`, `GET /api/payment/status/{tx_id}`, `GET /api/stk/status/{req_id}`. */
export function addPaymentRoutes(app: WebApp, { desk, gate, limits }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);

  app.post(
    '/api/execute_trade',
    {
      onRequest,
      config: { rateLimit: { max: limits.ordersPerMinute } },
      schema: {
        summary: 'Buy a neighbour’s energy and ring the buyer’s phone for the money',
        security,
        headers: orderHeaders,
        body: orderBody,
        response: { 202: orderAnswer },
      },
    },
    async (request, reply) => {
      const { amount, price, phone, seller_phone } = request.body;
      const order = {
        energyWh: amount,
        priceCentsPerKwh: price,
        buyerPhone: phone,
        sellerPhone: seller_phone,
        idempotencyKey: request.headers['idempotency-key'],
      };
      return reply.code(202).send(orderAccepted(answerOf(await desk.executeTrade(order))));
    },
  );
  addQuestions(app, { desk, gate, limits });
}

const orderAccepted = (receipt: OrderReceipt): z.output<typeof orderAnswer> => ({
  trade: {
    id: receipt.tradeId,
    type: 'BUY',
    amount: `${decimalText(receipt.energyWh, 1000)} kWh`,
    price: `${decimalText(receipt.priceCentsPerKwh, 100)} KES/kWh`,
  },
  payment: {
    tx_id: receipt.transactionId,
    status: receipt.state,
    payment_method: 'mpesa_daraja_stk',
    customer_message: receipt.customerMessage,
  },
});

function addQuestions(app: WebApp, { desk, gate }: Needs): void {
  const { onRequest, security } = operatorCalls(gate);

  app.get(
    '/api/payment/status/:tx_id',
    {
      onRequest,
      schema: {
        summary: 'What the hub knows of a payment',
        security,
        params: z.object({ tx_id: someId }),
        response: { 200: paymentAnswer },
      },
    },
    async ({ params }) => {
      const payment = answerOf(desk.paymentStatus(params.tx_id));
      return {
        tx_id: payment.transactionId,
        status: payment.state,
        amount: shillings(payment.amountCents),
        receipt: payment.receipt,
        trade: payment.tradeId,
      };
    },
  );

  app.get(
    '/api/stk/status/:req_id',
    {
      onRequest,
      schema: {
        summary: 'Ask M-Pesa now what became of a push',
        security,
        params: z.object({ req_id: someId }),
        response: { 200: pushAnswer },
      },
    },
    async ({ params }) => {
      const { requestId, result, code } = answerOf(await desk.askAboutPush(params.req_id));
      return { req_id: requestId, result, code };
    },
  );
}
