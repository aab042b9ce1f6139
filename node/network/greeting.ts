/** How this node introduces itself. */
import type { Bytes } from '../base/bytes.ts';
import type { Hello } from './messages.ts';

export interface SelfDescription {
  readonly genesisHash: Bytes;
  readonly moniker: string;
  readonly version: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly externalAddress: string;
  readonly rpcAddress: string;
  readonly privateNode?: boolean;
  /** The validator behind this node and its signature over bindingBytes. */
  readonly validator?: { readonly pubKey: Bytes; readonly signature: Bytes };
}

/** `listening` are the addresses the node really listens on. */
export function greeting(self: SelfDescription, listening: readonly string[]): Hello {
  const { genesisHash, moniker, version, rpcAddress, validator } = self;
  return {
    genesisHash,
    moniker,
    version,
    listenAddress: ownAddress(self, listening),
    rpcAddress,
    validatorPubKey: validator?.pubKey ?? new Uint8Array(0),
    validatorSignature: validator?.signature ?? new Uint8Array(0),
  };
}

/** What others may be told of where this node is; the host they see may be better than our own idea. */
function ownAddress(self: SelfDescription, [first = '']: readonly string[]): string {
  const { externalAddress, listen } = self;
  if (self.privateNode === true) return '';
  if (externalAddress !== '') return externalAddress;
  const port = /\/tcp\/([0-9]+)/.exec(first)?.[1] ?? listen.port;
  return `/${listen.host.includes(':') ? 'ip6' : 'ip4'}/${listen.host}/tcp/${port}`;
}
