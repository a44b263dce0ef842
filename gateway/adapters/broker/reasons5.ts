/** Reason codes of MQTT 5 section 2.4, and what a client hears when it is turned away. */
import { packetType } from './packets.ts';
import type { Refusal } from './refusals.ts';

export const reason = {
  success: 0x00,
  noSubscription: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  notOurs: 0x83,
  unsupportedProtocol: 0x84,
  notAuthorized: 0x87,
  badAuthentication: 0x8c,
  keepAliveExpired: 0x8d,
  takenOver: 0x8e,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  noRetain: 0x9a,
  wrongQos: 0x9b,
} as const;

const reasonOf: Readonly<Partial<Record<Refusal, number>>> = {
  'protocol-error': reason.protocolError,
  'packet-too-large': reason.packetTooLarge,
  'keepalive-expired': reason.keepAliveExpired,
  'foreign-topic': reason.notAuthorized,
  revoked: reason.notAuthorized,
  'retained-reading': reason.noRetain,
  'retained-elsewhere': reason.noRetain,
  'wrong-qos': reason.wrongQos,
  'too-many-filters': reason.quotaExceeded,
  'too-many-unreleased': reason.quotaExceeded,
  'acks-unread': reason.quotaExceeded,
  'reads-too-slowly': reason.quotaExceeded,
};

/** DISCONNECT: MQTT 5 section 3.14. */
export const goodbyePacket = (refusal: Refusal | 'taken-over'): Buffer =>
  Buffer.from([
    packetType.disconnect << 4,
    2,
    refusal === 'taken-over' ? reason.takenOver : (reasonOf[refusal] ?? reason.notOurs),
    0,
  ]);
