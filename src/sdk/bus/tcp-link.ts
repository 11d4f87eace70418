import { connect, type Socket } from 'node:net';
import { aborted, GatewayError } from '../contract/index.ts';
import type { Link, LinkHandlers } from './link.ts';

export interface TcpSettings {
  readonly host: string;
  readonly port: number;
  /** How long connecting may take. */
  readonly connectTimeoutMs: number;
  /** Pace of the serial line behind a serial server, 0 when there is none. */
  readonly byteMs?: number;
}

/** Bytes over a TCP connection: a serial line behind a serial server. */
export function tcpLink(settings: TcpSettings): Link {
  const { host, port, connectTimeoutMs } = settings;
  const name = `${host}:${port}`;
  let socket: Socket | null = null;

  return {
    description: `tcp ${name}`,
    byteMs: settings.byteMs ?? 0,
    open: (handlers, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(aborted(`Connecting to ${name}`));
        const opening = connect({ host, port, noDelay: true, keepAlive: true, timeout: connectTimeoutMs });
        const fail = (reason: string): void => {
          opening.destroy();
          signal.removeEventListener('abort', abort);
          reject(new GatewayError('BUS_MISSING', `Cannot connect to ${name}: ${reason}`, { retry: 'later' }));
        };
        const abort = (): void => fail('stopped');
        signal.addEventListener('abort', abort, { once: true });
        opening.once('timeout', () => fail(`no answer within ${connectTimeoutMs} ms`));
        opening.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
        opening.once('connect', () => {
          signal.removeEventListener('abort', abort);
          opening.removeAllListeners();
          opening.setTimeout(0);
          socket = opening;
          listen(opening, handlers);
          resolve();
        });
      }),
    write(bytes) {
      if (!socket) throw new GatewayError('BUS_LOST', `${name} is not connected.`, { retry: 'later' });
      socket.write(bytes);
    },
    settled: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    async close() {
      const closing = socket;
      socket = null;
      closing?.removeAllListeners();
      closing?.on('error', () => {});
      closing?.destroy();
    },
  };

  function listen(opened: Socket, handlers: LinkHandlers): void {
    let reason = 'the other end closed the connection';
    opened.on('data', (bytes: Buffer) => handlers.data(bytes));
    opened.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    opened.on('close', () => {
      if (socket !== opened) return;
      socket = null;
      handlers.lost(reason);
    });
  }
}
