/**
 * The muxer answers each frame of data with a frame that gives the room back, so that every small message costs two
 * encryptions and two writes on either side. Here room is given back when half of a stream's window is used up, as
 * other implementations of yamux do. A sender never waits for longer: half of the window is still open to it.
 */
import { StreamState, YamuxStream } from '@libp2p/yamux/stream';

interface Window {
  readonly state: StreamState;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
}

const prototype = YamuxStream.prototype as unknown as { sendWindowUpdate(): void };
const { sendWindowUpdate } = prototype;

prototype.sendWindowUpdate = function (this: Window): void {
  const { state, recvWindow, recvWindowCapacity } = this;
  const isEarly = state === StreamState.Established && 2 * recvWindowCapacity > recvWindow;
  if (!isEarly) sendWindowUpdate.call(this as never);
};
