import type { NetworkSettings } from '../weights/network.ts';

export interface DevicesParams {
  /** Tries again what was tried before. */
  readonly again: boolean;
}

export interface InstallCudaParams {
  readonly job: string;
  /** A person was told how much is fetched, and from where. */
  readonly agreed: true;
  readonly network: NetworkSettings;
}

/** A place where networks may run, and what came of trying it. */
export interface DeviceInfo {
  /** `cpu`, `cuda`, `cuda:1`, ... */
  readonly name: string;
  /** What the driver calls the card. */
  readonly card?: string;
  readonly usable: boolean;
  /** Also in float16. */
  readonly float16: boolean;
  readonly reason: string;
  /** ISO time of the trial. */
  readonly when: string;
}
