import type { Adapter } from './adapter.ts';
import { aborted, type ErrorData, errorData, errorFrom, GatewayError } from './errors.ts';
import type { Json } from './ids.ts';

/**
 * Numbered messages between a host and an adapter instance. A method that returns an iterable sends its items as
 * `progress`; the receiver answers each with `ack`, and the sender stops at `WINDOW` items without one, so that nothing
 * grows when the reader is slow.
 */
export type WireMessage =
  | { readonly type: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'progress'; readonly id: number; readonly value: unknown }
  | { readonly type: 'ack'; readonly id: number }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly error: ErrorData };

/** One end of a wire: a pair in one process, a MessagePort, a child process. Messages arrive in order, each once. */
export interface WirePort {
  send(message: WireMessage): void;
  onMessage(handle: (message: WireMessage) => void): void;
}

const WINDOW = 64;
const MAX_CALLS = 4096;
const STREAMS = ['observe', 'discover'] as const;
const METHODS = ['start', 'stop', 'attach', 'detach', 'execute', 'tool', ...STREAMS] as const;
type Method = (typeof METHODS)[number];
/** Methods whose last parameter is a signal: it travels as `cancel`. */
const SIGNALLED: ReadonlySet<Method> = new Set(['start', 'observe', 'discover', 'execute', 'tool']);

/** Serves an adapter instance at its end of a wire. Returns a function that cancels what still runs. */
export function serveAdapter(adapter: Adapter, port: WirePort): () => void {
  const running = new Map<number, { controller: AbortController; acked: () => void }>();

  const run = async (id: number, method: Method, args: readonly unknown[], controller: AbortController) => {
    const all = SIGNALLED.has(method) ? [...args, controller.signal] : args;
    const call = adapter[method] as (...values: readonly unknown[]) => unknown;
    const returned = call.apply(adapter, all as unknown[]);
    if (!isStream(method)) return returned;
    let open = 0;
    let wake: (() => void) | null = null;
    const entry = running.get(id);
    if (entry) {
      entry.acked = () => {
        open -= 1;
        wake?.();
      };
    }
    const onAbort = (): void => wake?.();
    controller.signal.addEventListener('abort', onAbort, { once: true });
    for await (const value of returned as AsyncIterable<unknown>) {
      port.send({ type: 'progress', id, value });
      open += 1;
      while (open >= WINDOW && !controller.signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (controller.signal.aborted) break;
    }
    return null;
  };

  port.onMessage((message) => {
    if (message.type === 'cancel') return running.get(message.id)?.controller.abort();
    if (message.type === 'ack') return running.get(message.id)?.acked();
    if (message.type !== 'call') return;
    const { id, method, args } = message;
    if (!METHODS.includes(method)) {
      const error = new GatewayError('WIRE_METHOD_UNKNOWN', `The adapter has no method "${String(method)}".`);
      return port.send({ type: 'failure', id, error: error.toData() });
    }
    const controller = new AbortController();
    running.set(id, { controller, acked: () => {} });
    Promise.resolve()
      .then(() => run(id, method, args, controller))
      .then(
        (value) => port.send({ type: 'result', id, value: value ?? null }),
        (error: unknown) => port.send({ type: 'failure', id, error: errorData(error) }),
      )
      .finally(() => running.delete(id));
  });

  return () => {
    for (const { controller } of running.values()) controller.abort();
  };
}

/** The adapter as seen from the host's end of a wire. Calls settle with WIRE_CLOSED when the wire breaks. */
export interface RemoteAdapter extends Adapter {
  /** Fails every open call, e.g. because the process behind the wire died. */
  broken(reason: string): void;
}

interface OpenCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  progress(value: unknown): void;
}

export function connectAdapter(port: WirePort): RemoteAdapter {
  const calls = new Map<number, OpenCall>();
  let lastId = 0;
  let closed: GatewayError | null = null;

  const call = (method: Method, args: readonly unknown[], signal?: AbortSignal, progress?: (value: unknown) => void) =>
    new Promise<unknown>((resolve, reject) => {
      if (closed) return reject(closed);
      if (signal?.aborted) return reject(aborted(`The call of ${method}`));
      if (calls.size >= MAX_CALLS) {
        return reject(new GatewayError('WIRE_BUSY', `More than ${MAX_CALLS} calls wait for the adapter.`, { retry: 'later' }));
      }
      lastId += 1;
      const id = lastId;
      const cancel = (): void => port.send({ type: 'cancel', id });
      signal?.addEventListener('abort', cancel, { once: true });
      const done = (settle: () => void): void => {
        signal?.removeEventListener('abort', cancel);
        calls.delete(id);
        settle();
      };
      calls.set(id, {
        resolve: (value) => done(() => resolve(value)),
        reject: (error) => done(() => reject(error)),
        progress: (value) => progress?.(value),
      });
      port.send({ type: 'call', id, method, args });
    });

  port.onMessage((message) => {
    const open = calls.get(message.id);
    if (!open) return;
    if (message.type === 'result') open.resolve(message.value);
    else if (message.type === 'failure') open.reject(errorFrom(message.error));
    else if (message.type === 'progress') open.progress(message.value);
  });

  async function* stream(method: Method, args: readonly unknown[], signal: AbortSignal): AsyncGenerator<unknown> {
    const waiting: unknown[] = [];
    let wake: (() => void) | null = null;
    let ended: { error?: unknown } | null = null;
    const stop = new AbortController();
    const id = lastId + 1;
    call(method, args, AbortSignal.any([signal, stop.signal]), (value) => {
      waiting.push(value);
      wake?.();
    }).then(
      () => {
        ended = {};
        wake?.();
      },
      (error: unknown) => {
        ended = { error };
        wake?.();
      },
    );
    try {
      for (;;) {
        while (waiting.length > 0) {
          const value = waiting.shift();
          port.send({ type: 'ack', id });
          yield value;
        }
        if (ended !== null) break;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { error } = ended as { error?: unknown };
      if (error !== undefined && !signal.aborted) throw error;
    } finally {
      stop.abort();
    }
  }

  return {
    start: (signal) => call('start', [], signal) as Promise<void>,
    stop: () => call('stop', []) as Promise<void>,
    observe: (signal) => stream('observe', [], signal) as ReturnType<Adapter['observe']>,
    discover: (request, signal) => stream('discover', [request], signal) as ReturnType<Adapter['discover']>,
    attach: (child) => call('attach', [child]) as ReturnType<Adapter['attach']>,
    detach: (child) => call('detach', [child]) as Promise<void>,
    execute: (job, signal) => call('execute', [job], signal) as ReturnType<Adapter['execute']>,
    tool: (name, args, signal) => call('tool', [name, args], signal) as Promise<Json>,
    broken(reason) {
      closed = new GatewayError('WIRE_CLOSED', `The adapter is gone: ${reason}`, { retry: 'later' });
      for (const open of [...calls.values()]) open.reject(closed);
    },
  };
}

/** Two ends of a wire in one process. Delivery is asynchronous and in order; `copy` lets a test put each message through structuredClone. */
export function wirePair(copy: (message: WireMessage) => WireMessage = (message) => message): [WirePort, WirePort] {
  const end = (): WirePort & { handle: (message: WireMessage) => void; other: { handle(m: WireMessage): void } | null } => ({
    handle: () => {},
    other: null,
    onMessage(handle) {
      this.handle = handle;
    },
    send(message) {
      const copied = copy(message);
      queueMicrotask(() => this.other?.handle(copied));
    },
  });
  const a = end();
  const b = end();
  a.other = b;
  b.other = a;
  return [a, b];
}

const isStream = (method: Method): boolean => (STREAMS as readonly string[]).includes(method);
