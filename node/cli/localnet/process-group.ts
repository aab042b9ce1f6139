/** Every process of the local network leads a group, so that nothing it starts outlives it. */

/** Sends a signal to a whole group; silent when there is none left. */
export function signalGroup(leader: number, name: NodeJS.Signals): void {
  if (leader <= 1) return;
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, name);
  } catch {
    // It ended by itself in the meantime.
  }
}
