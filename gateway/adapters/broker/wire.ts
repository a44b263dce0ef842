/** A socket as the front needs it: TCP, TLS, or two ends in memory. */
export interface Wire {
  /** False when the other side does not keep up: `Front.drained` follows. */
  write(bytes: Uint8Array): boolean;
  end(): void;
  destroy(): void;
  pause(): void;
  resume(): void;
}
