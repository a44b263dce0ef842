/** What a meter says beside its readings: which key it signs with, and what became of a command. */
import { z } from 'zod';
import type { MeterId } from '../../core/ids.ts';

export type MeterWord =
  /** `publicKey` in lower-case hex; undefined for a meter that cannot sign with a key of its own. */
  | { readonly kind: 'info'; readonly meter: MeterId; readonly publicKey: string | undefined }
  | {
      readonly kind: 'answer';
      readonly meter: MeterId;
      readonly command: string;
      readonly outcome: string;
    };

/** `meters/<id>/info` and `meters/<id>/ack/<command id>`. */
const infoTopic = /^meters\/([\w.:-]{1,64})\/info$/;
const answerTopic = /^meters\/([\w.:-]{1,64})\/ack\/([\w.:-]{1,32})$/;
/** As the firmware's longest `info`, with room for what a later one may add. */
const wordBytesMax = 1_024;

/** 32 bytes in base64 with padding: an Ed25519 key (RFC 8032). */
const publicKey = z
  .base64()
  .length(44)
  .transform((text) => Buffer.from(text, 'base64').toString('hex'))
  .refine((hex) => hex.length === 64);
const info = z.discriminatedUnion('alg', [
  z.object({ v: z.literal(1), alg: z.literal('ed25519'), key: publicKey }),
  z
    .object({ v: z.literal(1), alg: z.literal('hs256') })
    .transform((said) => ({ ...said, key: undefined })),
]);
const outcomeLengthMax = 32;
const answer = z.object({
  v: z.literal(1),
  id: z.string(),
  outcome: z
    .string()
    .regex(/^[a-z-]+$/)
    .max(outcomeLengthMax),
});

/** `topic` without its prefix. Undefined for other topics, and for what does not keep to its form. */
export function readWord(topic: string, payload: Uint8Array): MeterWord | undefined {
  if (payload.length > wordBytesMax) return undefined;
  const ofInfo = infoTopic.exec(topic);
  if (ofInfo !== null) return readInfo(ofInfo[1] as MeterId, payload);
  const ofAnswer = answerTopic.exec(topic);
  if (ofAnswer === null) return undefined;
  const [, meter, command = ''] = ofAnswer;
  const read = answer.safeParse(parsed(payload));
  if (!read.success || read.data.id !== command) return undefined;
  return { kind: 'answer', meter: meter as MeterId, command, outcome: read.data.outcome };
}

function readInfo(meter: MeterId, payload: Uint8Array): MeterWord | undefined {
  const read = info.safeParse(parsed(payload));
  return read.success ? { kind: 'info', meter, publicKey: read.data.key } : undefined;
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}
