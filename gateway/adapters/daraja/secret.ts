/** A word that opens something. It is shown only where it is sent; every other way of writing it is masked. */
import { inspect } from 'node:util';

const mask = '***';

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The word itself; for the request that needs it, never for a log or an error. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
