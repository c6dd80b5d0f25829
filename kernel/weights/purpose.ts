import { KernelFailure, type FailureKind } from '../failure.ts';

/** What something is fetched for: how its failures are tagged, and what else a person can do. */
export interface Purpose {
  readonly kind: FailureKind;
  /** What kind of file it is. */
  readonly what: string;
  /** What to do where somebody asks who one is. */
  readonly login: string;
  /** What to do where the address does not give it. */
  readonly otherwise: string;
  /** What to do where the disk does not take it. */
  readonly elsewhere: string;
}

/** Of an address that nobody has to log in to. */
export const networkLogin = 'where the network or its proxy asks for a login, sign in there first';

export const forWeights: Purpose = {
  kind: 'weights', what: 'PyTorch file', login: networkLogin, otherwise: 'fetch the file by hand and import it, or name a mirror', elsewhere: 'let DIFFACE_WEIGHTS name another folder',
};

/** The same from a mirror, which is what somebody named already. */
export const fromMirror: Purpose = { ...forWeights, login: `where the mirror asks for a name and a password, put them into its address, https://name:password@host/folder/; ${networkLogin}`, otherwise: 'see to the address of the mirror, or fetch the file by hand and import it' };

export function failureOf({ kind }: Purpose, message: string, cause?: unknown): KernelFailure {
  return new KernelFailure(kind, message, cause === undefined ? undefined : { cause });
}
