/**
 * Keys in devices. No driver comes with this program: whoever has one puts a module of this shape where
 * BITSCALE_LEDGER points. A Ledger signs amino JSON alone, so that is all it is asked for.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bytes } from '../../base/bytes.ts';
import { EXIT_CONFIG, EXIT_IO, ExitError } from '../../base/exit.ts';

export interface HardwareSigner {
  /** Compressed secp256k1, 33 bytes. */
  publicKey(path: string): Promise<Bytes>;
  /** 64 bytes r|s over SHA-256 of `signDoc`, the canonical amino JSON in UTF-8. */
  sign(path: string, signDoc: Bytes): Promise<Bytes>;
  close?(): Promise<void>;
}

export interface HardwareModule {
  open(): Promise<HardwareSigner>;
}

/** Throws ExitError 78 when no module is set or it cannot be loaded, 74 when the device does not answer. */
export async function openHardware(modulePath: string | undefined): Promise<HardwareSigner> {
  if (modulePath === undefined || modulePath === '') {
    const what = 'set BITSCALE_LEDGER to a module that talks to the device';
    throw new ExitError(EXIT_CONFIG, `${what}; see docs/operations/cli.md`);
  }
  let hardware: HardwareModule;
  try {
    hardware = (await import(pathToFileURL(resolve(modulePath)).href)) as HardwareModule;
  } catch (cause) {
    const why = (cause as Error).message;
    throw new ExitError(EXIT_CONFIG, `${modulePath} cannot be loaded: ${why}`, { cause });
  }
  if (typeof hardware.open !== 'function') {
    throw new ExitError(EXIT_CONFIG, `${modulePath} has no function open()`);
  }
  return answered(hardware.open());
}

/** Throws ExitError 74 with the device's own words. */
export async function answered<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new ExitError(EXIT_IO, `the device: ${(cause as Error).message}`, { cause });
  }
}
