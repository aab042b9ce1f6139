import assert from 'node:assert/strict';
import { document, type Measured } from '../../bench/document.ts';
import { fact } from '../../bench/report.ts';

const measured = (name: string, value: string): Measured => ({
  name,
  summary: `about ${name}`,
  rows: [fact(name, 'what', value)],
  load: '0.1 0.2',
});
const ORDER = ['a', 'b', 'c'];

describe('the page of benchmarks', () => {
  it('keeps what was not measured again, in its place', () => {
    const first = document('', [measured('a', 'one'), measured('c', 'three')], ORDER);
    const second = document(first, [measured('b', 'two'), measured('c', 'four')], ORDER);
    const found = [...second.matchAll(/^## (\w)$|\| what \|  \| (\w+)|what \| *\| (\w+)/gm)];
    assert.deepEqual(
      found.map(([, heading, one, other]) => heading ?? one ?? other),
      ['a', 'one', 'b', 'two', 'c', 'four'],
    );
  });

  it('drops benchmarks that are no more', () => {
    const page = document('', [measured('a', 'one'), measured('b', 'two')], ORDER);
    assert.doesNotMatch(document(page, [], ['b']), /^## a$/m);
  });
});
