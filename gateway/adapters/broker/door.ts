/** Lets clients in: name, password or key, client id and last will must fit together. */
import { randomUUID } from 'node:crypto';
import type { MeterId } from '../../core/ids.ts';
import type { Credentials, Identity } from '../../ports/credentials.ts';
import type { Connect, Will } from './connect-packet.ts';
import type { Refusal } from './refusals.ts';
import { isWithinAny, type Rights, rightsOf } from './topic-rights.ts';

export type Guest = {
  readonly identity: Identity;
  readonly rights: Rights;
  readonly clientId: string;
};

/** CONNACK return codes: MQTT 3.1.1 section 3.2.2.3. */
export type ReturnCode = 1 | 2 | 4 | 5;
export type Rejection = { readonly refusal: Refusal; readonly returnCode: ReturnCode };

/** A meter's id is one level of a topic. */
const topicLevel = /^[\w.:-]{1,64}$/;
const clientIdLengthMax = 128;

const rejection = (refusal: Refusal, returnCode: ReturnCode): Rejection => ({
  refusal,
  returnCode,
});

export class Door {
  readonly #credentials: Credentials;
  readonly #isPresent: (meter: string) => boolean;

  constructor(credentials: Credentials, isPresent: (meter: string) => boolean) {
    this.#credentials = credentials;
    this.#isPresent = isPresent;
  }

  /** `keyHolder` is who proved to hold a meter's key while TLS was set up; no password is needed then. */
  judge(connect: Connect, keyHolder: MeterId | undefined): Guest | Rejection {
    const { username, password, clientId, will } = connect;
    const identity = this.#identityOf(username, password, keyHolder);
    if (identity === undefined) return rejection('bad-credentials', 4);
    const name = clientId === '' ? this.#nameFor(connect, identity) : clientId;
    if (name === undefined || name.length > clientIdLengthMax) return rejection('no-client-id', 2);
    if (!this.#mayBeCalled(name, identity)) return rejection('foreign-client-id', 5);
    const rights = rightsOf(identity);
    if (will !== undefined && !mayLeave(will, rights)) return rejection('foreign-will', 5);
    return { identity, rights, clientId: name };
  }

  /** The password is always checked, so that the time of an answer tells nothing about names. */
  #identityOf(
    username: string | undefined,
    password: Uint8Array | undefined,
    keyHolder: MeterId | undefined,
  ): Identity | undefined {
    if (keyHolder === undefined) {
      return this.#credentials.check(username ?? '', password ?? new Uint8Array());
    }
    const isSame = username === undefined || username === keyHolder;
    return isSame ? { kind: 'meter', meter: keyHolder } : undefined;
  }

  /** Who has no name gets one, unless the hub should remember it: MQTT 3.1.1 section 3.1.3.1. */
  #nameFor({ clean, level }: Connect, identity: Identity): string | undefined {
    const isNameless = level === 3 || (level === 4 && !clean);
    if (isNameless) return undefined;
    return identity.kind === 'meter' ? identity.meter : `${identity.kind}-${randomUUID()}`;
  }

  /** A meter is called by its own name; others may not seem to be a meter that is here. */
  #mayBeCalled(clientId: string, identity: Identity): boolean {
    if (identity.kind !== 'meter') return !this.#isPresent(clientId);
    return clientId === identity.meter && topicLevel.test(identity.meter);
  }
}

const mayLeave = ({ topic, retain }: Will, rights: Rights): boolean =>
  isWithinAny(topic, rights.publish) && (!retain || isWithinAny(topic, rights.retain));
