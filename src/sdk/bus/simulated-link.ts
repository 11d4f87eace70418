import { type Clock, GatewayError, millis } from '../contract/index.ts';
import type { Link, LinkHandlers } from './link.ts';

/** The far end of a simulated link: what the device sees. */
export interface FarEnd {
  write(bytes: Uint8Array): void;
  onData(handle: (bytes: Uint8Array) => void): void;
  /** Pulls the cable; the link is lost and can be opened again only after `plug`. */
  unplug(): void;
  plug(): void;
}

/**
 * A link in memory whose bytes need as long as on a wire of that baud rate (8N1), on a clock that a test owns. Both
 * directions are paced independently; bytes arrive in the chunks in which they were written.
 */
export function simulatedLink(clock: Clock, baud: number): { link: Link; far: FarEnd } {
  const byteMs = baud > 0 ? 10_000 / baud : 0;
  let handlers: LinkHandlers | null = null;
  let plugged = true;
  let hear: (bytes: Uint8Array) => void = () => {};
  // When the last byte in each direction has passed.
  const busyUntil = { out: 0, in: 0 };

  const carry = (way: 'out' | 'in', bytes: Uint8Array, arrive: () => void): void => {
    const now = clock.monotonicMs();
    const end = Math.max(busyUntil[way], now) + bytes.length * byteMs;
    busyUntil[way] = end;
    clock.after(millis(end - now), arrive);
  };

  return {
    link: {
      description: `simulated ${baud} 8N1`,
      byteMs,
      async open(given) {
        if (!plugged) throw new GatewayError('BUS_MISSING', 'The simulated cable is not plugged in.', { retry: 'later' });
        handlers = given;
      },
      write(bytes) {
        if (!handlers) throw new GatewayError('BUS_LOST', 'The simulated link is not open.', { retry: 'later' });
        const copy = Uint8Array.from(bytes);
        carry('out', copy, () => {
          if (plugged) hear(copy);
        });
      },
      settled: () => Promise.resolve(),
      async close() {
        handlers = null;
      },
    },
    far: {
      write(bytes) {
        const copy = Uint8Array.from(bytes);
        carry('in', copy, () => handlers?.data(copy));
      },
      onData(handle) {
        hear = handle;
      },
      unplug() {
        plugged = false;
        const told = handlers;
        handlers = null;
        told?.lost('the simulated cable was pulled');
      },
      plug() {
        plugged = true;
      },
    },
  };
}
