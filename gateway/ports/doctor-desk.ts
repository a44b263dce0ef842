/** What a running hub tells its doctor: it makes real calls, and says what its own process takes. */
export type OutsideCall = {
  readonly name: string;
  readonly state: 'ok' | 'doubtful' | 'failed';
  /** What came back, without secrets. */
  readonly detail: string;
  readonly tookMs: number;
};

export type Checkup = {
  readonly version: string;
  readonly pid: number;
  /** Where meters connect on this machine; null when the broker is not ours. */
  readonly mqttPort: number | null;
  readonly upMs: number;
  readonly memoryBytes: number;
  /** Bytes that this process had written to disks; null where the system does not tell. */
  readonly writtenBytes: number | null;
  readonly calls: readonly OutsideCall[];
};

export interface DoctorDesk {
  checkup(): Promise<Checkup>;
}
