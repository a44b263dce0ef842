/** Lets clients in: name, password, client id and last will must fit together. */
import type { AedesOptions, AuthenticateError, Client } from 'aedes';
import type { MeterId } from '../../core/ids.ts';
import type { Credentials, Identity } from '../../ports/credentials.ts';
import type { Refusal, Refusals } from './refusals.ts';
import { isWithinAny, type Rights, rightsOf } from './topic-rights.ts';

/** Someone who was let in. */
export type Visitor = {
  readonly identity: Identity;
  readonly rights: Rights;
  readonly filters: Set<string>;
};

type Will = { readonly topic: string; readonly qos: number; readonly retain: boolean };

/** CONNACK return codes: MQTT 3.1.1 section 3.2.2.3. */
const badUserNameOrPassword = 4;
const notAuthorized = 5;
/** A meter's id is one level of a topic. */
const topicLevel = /^[\w.:-]{1,64}$/;

export class Door {
  readonly #credentials: Credentials;
  readonly #refusals: Refusals;
  readonly #visitors = new WeakMap<Client, Visitor>();
  readonly #wills = new WeakMap<Client, Will>();
  readonly #present = new Map<MeterId, Client>();

  constructor(credentials: Credentials, refusals: Refusals) {
    this.#credentials = credentials;
    this.#refusals = refusals;
  }

  /** Every session ends with its connection: what waits for an absent client would have no limit. */
  preConnect: NonNullable<AedesOptions['preConnect']> = (client, packet, callback) => {
    packet.clean = true;
    if (packet.will) {
      const { topic, qos = 0, retain = false } = packet.will;
      this.#wills.set(client, { topic, qos, retain });
    }
    callback(null, true);
  };

  /** The password is always checked first, so that the time of an answer tells nothing about names. */
  authenticate: NonNullable<AedesOptions['authenticate']> = (client, username, password, done) => {
    const identity = this.#credentials.check(username ?? '', password ?? new Uint8Array());
    const refusal = identity === undefined ? 'bad-credentials' : this.#objection(client, identity);
    if (identity !== undefined && refusal === undefined) {
      this.#visitors.set(client, { identity, rights: rightsOf(identity), filters: new Set() });
      done(null, true);
      return;
    }
    this.#refusals.count(refusal ?? 'bad-credentials');
    const returnCode = identity === undefined ? badUserNameOrPassword : notAuthorized;
    done(Object.assign(new Error('refused'), { returnCode }) as AuthenticateError, false);
  };

  visitorOf(client: Client | null): Visitor | undefined {
    return client === null ? undefined : this.#visitors.get(client);
  }

  arrived(client: Client): void {
    const identity = this.visitorOf(client)?.identity;
    if (identity?.kind === 'meter') this.#present.set(identity.meter, client);
  }

  left(client: Client): void {
    const identity = this.visitorOf(client)?.identity;
    if (identity?.kind !== 'meter') return;
    // The same meter may have come back on another connection, which closes the older one.
    if (this.#present.get(identity.meter) === client) this.#present.delete(identity.meter);
  }

  online(): ReadonlySet<MeterId> {
    return new Set(this.#present.keys());
  }

  #objection(client: Client, identity: Identity): Refusal | undefined {
    if (!this.#mayBeCalled(client.id, identity)) return 'foreign-client-id';
    const will = this.#wills.get(client);
    if (will === undefined) return undefined;
    const { publish, retain } = rightsOf(identity);
    const allowed = isWithinAny(will.topic, will.retain ? retain : publish) && will.qos < 2;
    return allowed ? undefined : 'foreign-will';
  }

  /** A meter is called by its own name; flows may not push a meter out by taking its name. */
  #mayBeCalled(clientId: string, identity: Identity): boolean {
    if (identity.kind === 'flows') return !this.#present.has(clientId as MeterId);
    return clientId === identity.meter && topicLevel.test(identity.meter);
  }
}
