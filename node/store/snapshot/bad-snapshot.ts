/** The content of a snapshot is not what it must be: somebody lies, or his disk does. */
export class BadSnapshot extends Error {
  override name = 'BadSnapshot';

  constructor(why: string) {
    super(`bad snapshot: ${why}`);
  }
}
