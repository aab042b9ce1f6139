import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MAX_ADDRESS_CHARS,
  MAX_ADDRESS_FAILURES,
  MAX_BOOK_ADDRESSES,
  MAX_BOOK_ADDRESSES_PER_GROUP,
  MAX_BOOK_ADDRESSES_PER_SOURCE,
  MAX_EXCHANGED_ADDRESSES,
} from '../../../node/base/limits.ts';
import { AddressBook } from '../../../node/network/address-book.ts';
import { decodeAddresses, encodeAddresses } from '../../../node/network/messages.ts';
import { nodeIdentity } from '../../../node/network/node-key.ts';
import {
  groupOf,
  ownAddress,
  parsePeerAddress,
  toldAddress,
} from '../../../node/network/peer-address.ts';

function peerId(index: number): string {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, index + 1);
  return nodeIdentity(seed).peerId;
}
const ID = peerId(0);
const at = (ip: string, index: number) =>
  parsePeerAddress(`/ip4/${ip}/tcp/26656/p2p/${peerId(index)}`);

describe('addresses told by peers', () => {
  const TOLD: [what: string, text: string, from: string, isBelieved: boolean][] = [
    ['a public one', `/ip4/8.8.8.8/tcp/26656/p2p/${ID}`, '9.9.9.9', true],
    ['a public one of IPv6', `/ip6/2001:db8::1/tcp/26656/p2p/${ID}`, '9.9.9.9', true],
    ['loopback from afar', `/ip4/127.0.0.1/tcp/26656/p2p/${ID}`, '9.9.9.9', false],
    ['loopback from the same machine', `/ip4/127.0.0.1/tcp/26656/p2p/${ID}`, '127.0.0.1', true],
    ['loopback from the own network', `/ip4/127.0.0.1/tcp/1/p2p/${ID}`, '10.0.0.1', false],
    ['a private one from afar', `/ip4/192.168.1.1/tcp/26656/p2p/${ID}`, '9.9.9.9', false],
    ['a private one of IPv6 from afar', `/ip6/fd00::1/tcp/26656/p2p/${ID}`, '9.9.9.9', false],
    ['a private one from the own network', `/ip4/192.168.1.1/tcp/1/p2p/${ID}`, '10.0.0.1', true],
    ['the metadata service of a cloud', `/ip4/169.254.169.254/tcp/80/p2p/${ID}`, '9.9.9.9', false],
    ['anywhere', `/ip4/0.0.0.0/tcp/26656/p2p/${ID}`, '127.0.0.1', false],
    ['multicast', `/ip4/224.0.0.1/tcp/26656/p2p/${ID}`, '127.0.0.1', false],
    ['a name', `/dns4/example.org/tcp/26656/p2p/${ID}`, '9.9.9.9', false],
    ['without a peer id', '/ip4/8.8.8.8/tcp/26656', '9.9.9.9', false],
    ['another transport', `/ip4/8.8.8.8/udp/26656/quic-v1/p2p/${ID}`, '9.9.9.9', false],
    ['port 0', `/ip4/8.8.8.8/tcp/0/p2p/${ID}`, '9.9.9.9', false],
    ['through a relay', `/ip4/8.8.8.8/tcp/1/p2p/${ID}/p2p-circuit/p2p/${ID}`, '9.9.9.9', false],
    [
      'too long',
      `/ip4/8.8.8.8/tcp/26656/p2p/${ID}`.padEnd(MAX_ADDRESS_CHARS + 1),
      '9.9.9.9',
      false,
    ],
    ['no address', 'hello', '9.9.9.9', false],
  ];
  for (const [what, text, from, isBelieved] of TOLD) {
    it(`${what}: ${isBelieved ? 'believed' : 'not believed'}`, () => {
      assert.equal(toldAddress(text, from) !== undefined, isBelieved);
    });
  }

  it('who listens anywhere is where its connection comes from', () => {
    const own = ownAddress('/ip4/0.0.0.0/tcp/26656', ID, '9.9.9.9');
    assert.equal(own?.address.toString(), `/ip4/9.9.9.9/tcp/26656/p2p/${ID}`);
    assert.equal(ownAddress('', ID, '9.9.9.9'), undefined);
    assert.equal(ownAddress('/ip4/127.0.0.1/tcp/1', ID, '9.9.9.9'), undefined);
  });

  it('an answer has so many addresses and no more, and says how many', () => {
    const full = Array.from({ length: MAX_EXCHANGED_ADDRESSES }, (_, index) => `a${index}`);
    assert.deepEqual(decodeAddresses(encodeAddresses(full)), full);
    assert.deepEqual(decodeAddresses(encodeAddresses([])), []);
    for (const bad of [encodeAddresses([...full, 'x']), Uint8Array.of(8, 2), Uint8Array.of(1)]) {
      assert.throws(() => decodeAddresses(bad), { code: 2, codespace: 'network' });
    }
  });
});

describe('address book', () => {
  const all = (book: AddressBook): string[] => book.candidates(10_000, 0, () => true);

  it('keeps so many of one source and no more', () => {
    const book = new AddressBook();
    for (let index = 0; index < MAX_BOOK_ADDRESSES_PER_SOURCE; index += 1) {
      assert.ok(book.add(at(`1.${index}.0.1`, index), 'source'));
    }
    assert.equal(book.add(at('2.0.0.1', 1_000), 'source'), false);
    assert.ok(book.add(at('2.0.0.1', 1_000), 'another'));
  });

  it('keeps so many of one part of the internet and no more', () => {
    const book = new AddressBook();
    for (let index = 0; index < MAX_BOOK_ADDRESSES_PER_GROUP; index += 1) {
      assert.ok(book.add(at(`1.2.3.${index}`, index), `source ${index}`));
    }
    assert.equal(book.add(at('1.2.200.1', 1_000), 'another'), false);
    assert.ok(book.add(at('1.3.0.1', 1_000), 'another'));
    assert.equal(groupOf('1.2.3.4'), '1.2');
    assert.equal(groupOf('2001:db8:1::1'), '2001:db8');
  });

  it('keeps so many in all; one that failed makes room, one that was connected never does', function () {
    this.timeout(20_000);
    const book = new AddressBook();
    for (let index = 0; index < MAX_BOOK_ADDRESSES; index += 1) {
      const ip = `${1 + (index >> 8)}.${index & 255}.0.1`;
      assert.ok(book.add(at(ip, index), `source ${index >> 5}`));
      book.connected(peerId(index));
    }
    assert.equal(book.add(at('99.0.0.1', 5_000), 'new'), false);
    assert.equal(book.size, MAX_BOOK_ADDRESSES);
    book.remove(peerId(7));
    assert.ok(book.add(at('99.0.0.1', 5_000), 'new'));
    book.failed(peerId(5_000), 0);
    assert.ok(book.add(at('99.1.0.1', 5_001), 'new'), 'the one that failed has gone');
    assert.equal(book.size, MAX_BOOK_ADDRESSES);
    assert.ok(all(book).includes(at('1.6.0.1', 6).address.toString()));
  });

  it('hearsay does not change where a peer says it is, nor where it was connected', () => {
    const book = new AddressBook();
    assert.ok(book.add(at('1.1.1.1', 0), 'somebody'));
    assert.ok(book.add(at('2.2.2.2', 0), 'somebody else'), 'nobody has been there yet');
    assert.ok(book.add(at('3.3.3.3', 0), ID));
    assert.equal(book.add(at('4.4.4.4', 0), 'somebody'), false);
    book.connected(ID);
    assert.equal(book.add(at('4.4.4.4', 0), 'somebody'), false);
    assert.deepEqual(all(book), [at('3.3.3.3', 0).address.toString()]);
  });

  it('tries what fails less and less often, and forgets it in the end', () => {
    const book = new AddressBook();
    book.add(at('1.1.1.1', 0), 'somebody');
    book.failed(ID, 0);
    assert.deepEqual(
      book.candidates(1, 9_999, () => true),
      [],
    );
    assert.equal(book.candidates(1, 10_000, () => true).length, 1);
    book.failed(ID, 10_000);
    assert.deepEqual(
      book.candidates(1, 29_999, () => true),
      [],
    );
    for (let times = 2; times < MAX_ADDRESS_FAILURES; times += 1) book.failed(ID, 0);
    assert.equal(book.size, 0);
  });

  it('tells only what has been connected', () => {
    const book = new AddressBook();
    book.add(at('1.1.1.1', 0), 'somebody');
    book.add(at('2.2.2.2', 1), 'somebody');
    book.connected(ID);
    assert.deepEqual(
      book.sample(9, () => true),
      [at('1.1.1.1', 0).address.toString()],
    );
    assert.deepEqual(
      book.sample(9, () => false),
      [],
    );
  });

  it('is the same after a restart; a damaged file is an empty book', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'net-book-'));
    const path = join(folder, 'addrbook.json');
    try {
      const book = new AddressBook();
      book.add(at('1.1.1.1', 0), 'somebody');
      book.add(at('2.2.2.2', 1), 'somebody');
      book.connected(ID);
      await book.save(path);
      const again = new AddressBook();
      await again.load(path);
      assert.equal(again.size, 2);
      assert.deepEqual(
        again.sample(9, () => true),
        book.sample(9, () => true),
      );
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replace('/ip4/2.2.2.2', '/nonsense'));
      const damaged = new AddressBook();
      await damaged.load(path);
      assert.equal(damaged.size, 1, 'one bad line does not spoil the rest');
      for (const bad of [text.slice(0, 40), '[]', '{"version":2,"addresses":[]}', 'null']) {
        await writeFile(path, bad);
        const empty = new AddressBook();
        await empty.load(path);
        assert.equal(empty.size, 0);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
