/**
 * MQTT over TLS. One listener serves both: who offers a pre-shared key suite and a known identity is that
 * meter, everybody else sees the certificate. Node's callback for keys ends at TLS 1.2.
 */
import { constants } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { MeterId } from '../../core/ids.ts';

export type TlsOptions = {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The key of a meter, 32 bytes; undefined for strangers and revoked ones. */
  readonly pskOf?: (identity: string) => Uint8Array | undefined;
  /** PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
};

/** Forward secrecy first; plain PSK for clients that are too small for it: RFC 4279, 5489 and 7905. */
const keySuites = [
  'ECDHE-PSK-CHACHA20-POLY1305',
  'ECDHE-PSK-AES128-CBC-SHA256',
  'PSK-AES128-GCM-SHA256',
];
const certificateSuites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];

export type TlsListener = {
  readonly server: Server;
  /** Who proved to hold a meter's key. */
  keyHolderOf(socket: TLSSocket): MeterId | undefined;
};

/** `handshakeTimeoutMs`: how long a stranger may take until its first encrypted byte. */
export function tlsListener(options: TlsOptions, handshakeTimeoutMs: number): TlsListener {
  const { pskOf, certificate } = options;
  const holders = new WeakMap<TLSSocket, MeterId>();
  const suites = [...(pskOf ? keySuites : []), ...(certificate ? certificateSuites : [])];
  if (suites.length === 0) throw new Error('TLS needs keys of meters, a certificate, or both');
  const server = createServer({
    ...certificate,
    ciphers: suites.join(':'),
    // A session that is resumed asks for no key: its holder would be unknown, and a revoked one let in.
    secureOptions: constants.SSL_OP_NO_TICKET,
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    handshakeTimeout: handshakeTimeoutMs,
    noDelay: true,
    ...(pskOf && {
      pskCallback: (socket: TLSSocket, identity: string) => {
        const key = pskOf(identity);
        if (key === undefined) return null;
        holders.set(socket, identity as MeterId);
        return key;
      },
    }),
  });
  return { server, keyHolderOf: (socket) => holders.get(socket) };
}
