/** Says aloud on the local broker what happened, for flows and boards. Nothing private, nothing owed. */
export interface Announcer {
  /** `topic` without the `jirani/v1/` prefix; the body becomes JSON. Lost when nobody listens, unless retained. */
  announce(topic: string, body: unknown, options?: { readonly retain?: boolean }): void;
}
