/** The answers that M-Pesa gives at once, in its own shapes. */

export type Reply = {
  readonly status: number;
  /** JSON; undefined is an empty body. */
  readonly body: object | undefined;
  /** The work is done, but the answer gets lost on its way. */
  readonly lost?: true;
  /** The answer leaves only after this, because a callback is to come before it. */
  readonly after?: Promise<void> | undefined;
};

export const accepted = (body: object): Reply => ({ status: 200, body });

/** An error as Daraja words it. The HTTP status is the first part of its code. */
export const refused = (requestId: string, code: string, message: string): Reply => ({
  status: Number(code.slice(0, 3)),
  body: { requestId, errorCode: code, errorMessage: message },
});

/** What the gateway in front of M-Pesa says to a client that is too fast (Apigee's shape). */
export const spikeArrest: Reply = {
  status: 429,
  body: {
    fault: {
      faultstring: 'Spike arrest violation. Allowed rate : MessageRate{capacity=1, period=Second}',
      detail: { errorcode: 'policies.ratelimit.SpikeArrestViolation' },
    },
  },
};

/** M-Pesa has too much to do. */
export const systemBusy = (requestId: string): Reply =>
  refused(requestId, '500.003.02', 'System is busy. Please try again in few minutes.');
