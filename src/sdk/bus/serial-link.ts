import { readSync, writeSync } from 'node:fs';
import { SerialPort } from 'serialport';
import { aborted, GatewayError, messageOf } from '../contract/index.ts';
import type { Link, LinkHandlers } from './link.ts';

export interface SerialSettings {
  readonly path: string;
  /** Bits per second, 50 … 4 000 000. */
  readonly baud: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

/** What is used of the port that serialport's POSIX binding hands out. */
interface PosixPort {
  readonly fd: number | null;
  readonly poller: { once(event: 'readable' | 'writable', call: (error: Error | null) => void): unknown };
  flush(): Promise<void>;
  close(): Promise<void>;
}

const READ_BYTES = 4096;
/** A line that sends more than this in one turn without a pause is not read to its end before others get their turn. */
const MAX_READS_PER_TURN = 16;

/**
 * A serial port. `serialport`'s binding opens and configures it and watches for readiness; reading and writing are done
 * here, without its thread pool: the descriptor never blocks, so a read costs one call. A read of 0 bytes is a hang-up
 * (the library's own reader takes it for "try again" and spins). See docs/decisions/0003-serial-port.md.
 */
export function serialLink(settings: SerialSettings): Link {
  const { path, baud, dataBits, parity, stopBits } = settings;
  const bits = 1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits;
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  let port: PosixPort | null = null;
  let handlers: LinkHandlers | null = null;
  let unsent: Uint8Array[] = [];

  const lose = (reason: string): void => {
    const told = handlers;
    handlers = null;
    const gone = port;
    port = null;
    unsent = [];
    gone?.close().catch(() => {});
    told?.lost(reason);
  };

  const read = (): void => {
    for (let turn = 0; turn < MAX_READS_PER_TURN && port?.fd != null; turn += 1) {
      let count: number;
      try {
        count = readSync(port.fd, buffer, 0, READ_BYTES, null);
      } catch (error) {
        if (isAgain(error)) return;
        return lose(`reading failed (${codeOf(error)})`);
      }
      if (count === 0) return lose('the line hung up');
      handlers?.data(buffer.subarray(0, count));
      if (count < READ_BYTES) return;
    }
  };

  const watch = (watched: PosixPort): void => {
    watched.poller.once('readable', (error: Error | null) => {
      if (port !== watched) return;
      if (error) return lose(`the port reports ${messageOf(error)}`);
      read();
      if (port === watched) watch(watched);
    });
  };

  const flush = (): void => {
    while (unsent.length > 0 && port?.fd != null) {
      const bytes = unsent[0] as Uint8Array;
      try {
        const count = writeSync(port.fd, bytes);
        if (count < bytes.length) unsent[0] = bytes.subarray(count);
        else unsent.shift();
      } catch (error) {
        if (!isAgain(error)) return lose(`writing failed (${codeOf(error)})`);
        const waiting = port;
        port.poller.once('writable', () => {
          if (port === waiting) flush();
        });
        return;
      }
    }
  };

  return {
    description: `${path} ${baud} ${dataBits}${parity[0]?.toUpperCase()}${stopBits}`,
    byteMs: (bits * 1000) / baud,
    async open(given, signal) {
      if (signal.aborted) throw aborted(`Opening ${path}`);
      let opened: PosixPort;
      try {
        opened = (await SerialPort.binding.open({
          path,
          baudRate: baud,
          dataBits,
          parity,
          stopBits,
          hupcl: false,
        })) as unknown as PosixPort;
      } catch (error) {
        throw openError(path, error);
      }
      if (signal.aborted) {
        await opened.close();
        throw aborted(`Opening ${path}`);
      }
      port = opened;
      handlers = given;
      // What lies in the buffers from before belongs to nobody.
      await opened.flush().catch(() => {});
      watch(opened);
    },
    write(bytes) {
      if (!port) throw new GatewayError('BUS_LOST', `${path} is not open.`, { retry: 'later' });
      unsent.push(bytes);
      if (unsent.length === 1) flush();
    },
    async settled() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (port) read();
    },
    async close() {
      const closing = port;
      port = null;
      handlers = null;
      unsent = [];
      await closing?.close().catch(() => {});
    },
  };
}

function openError(path: string, error: unknown): GatewayError {
  const text = messageOf(error);
  if (/no such file/i.test(text)) {
    return new GatewayError('BUS_MISSING', `${path} does not exist. Is the adapter plugged in? See /dev/serial/by-id for stable names.`, { retry: 'later' });
  }
  if (/permission denied/i.test(text)) {
    return new GatewayError('BUS_FORBIDDEN', `${path} may not be opened. Add the gateway's user to the group that owns it (often dialout).`, { retry: 'later' });
  }
  if (/lock/i.test(text)) {
    return new GatewayError('BUS_TAKEN', `${path} is in use by another program. A line has one master: stop the other one.`, { retry: 'later' });
  }
  return new GatewayError('BUS_UNUSABLE', `${path} cannot be opened: ${text}`, { retry: 'later' });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? messageOf(error);
const isAgain = (error: unknown): boolean => ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes(codeOf(error));
