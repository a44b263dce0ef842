/** Asks those who know the time: M-Pesa's gateway, the chain, a time server. Each answers ms since 1970, or nothing. */
import { createSocket } from 'node:dgram';
import type { Witness } from '../../core/clock-trust.ts';

/** Resolves with undefined when no answer of use comes in time; never rejects. */
export type AskTime = () => Promise<number | undefined>;
export type Witnesses = Readonly<Partial<Record<Witness, AskTime>>>;

const answerMs = 5_000;
const answerBytesMost = 4_096;
/** The Date header is cut to whole seconds (RFC 9110, 5.6.7): on average half of one has passed. */
const halfSecondMs = 500;

const isLoopback = (host: string): boolean => /^(127\.|localhost$|\[::1\]$)/.test(host);

/** The Date of any answer of a server, also of a refusal. Plain HTTP could be anybody's, so it counts on loopback only. */
export const askDateOf =
  (url: string): AskTime =>
  () =>
    orNothing(async () => {
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'https:' && !isLoopback(hostname)) return undefined;
      const signal = AbortSignal.timeout(answerMs);
      const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal });
      const date = Date.parse(answer.headers.get('date') ?? '');
      return Number.isNaN(date) ? undefined : date + halfSecondMs;
    });

/** The time of the newest confirmed block (Solana RPC, getSlot and getBlockTime); validators estimate it to seconds. */
export const askBlockTimeOf =
  (url: string): AskTime =>
  () =>
    orNothing(async () => {
      const slot = await rpc(url, 'getSlot', [{ commitment: 'confirmed' }]);
      const seconds = slot === undefined ? undefined : await rpc(url, 'getBlockTime', [slot]);
      return seconds === undefined ? undefined : seconds * 1_000;
    });

async function rpc(url: string, method: string, params: unknown[]): Promise<number | undefined> {
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await answer.text();
  if (text.length > answerBytesMost) return undefined;
  const { result } = JSON.parse(text) as { result?: unknown };
  return typeof result === 'number' && Number.isSafeInteger(result) ? result : undefined;
}

const ntpPacketBytes = 48;
/** No leap warning, version 4, client (RFC 5905, 7.3). */
const ntpClientHead = 0x23;
/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpochS = 2_208_988_800;
/** NTP's seconds begin anew after 2^32 of them, in February 2036. */
const ntpEraS = 2 ** 32;

/** The transmit time of a server that says it is synchronised (RFC 5905). The question carries a nonce, and so must the answer. */
export const askNtp =
  (host: string, port = 123): AskTime =>
  () =>
    orNothing(
      () =>
        new Promise((resolve) => {
          const socket = createSocket('udp4');
          const done = (timeMs?: number): void => {
            clearTimeout(timer);
            socket.close();
            resolve(timeMs);
          };
          const timer = setTimeout(done, answerMs);
          const question = Buffer.alloc(ntpPacketBytes);
          question[0] = ntpClientHead;
          const nonce = crypto.getRandomValues(question.subarray(40, 48));
          socket.once('error', () => done());
          socket.on('message', (answer) => {
            const timeMs = readNtp(answer, nonce);
            if (timeMs !== undefined) done(timeMs);
          });
          socket.send(question, port, host, (error) => {
            if (error !== null) done();
          });
        }),
    );

function readNtp(answer: Buffer, nonce: Uint8Array): number | undefined {
  if (answer.length < ntpPacketBytes) return undefined;
  const [head = 0, stratum = 0] = answer;
  const isServer = (head & 7) === 4 && head >> 6 !== 3;
  // Stratum 0 is a refusal, 16 a server that does not know the time itself.
  if (!isServer || stratum < 1 || stratum > 15) return undefined;
  if (!answer.subarray(24, 32).equals(nonce)) return undefined;
  const seconds = answer.readUInt32BE(40) - ntpEpochS;
  const fraction = answer.readUInt32BE(44) / ntpEraS;
  return Math.floor(((seconds < 0 ? seconds + ntpEraS : seconds) + fraction) * 1_000);
}

async function orNothing(ask: () => Promise<number | undefined>): Promise<number | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
