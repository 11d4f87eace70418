/** Whether the same call may succeed when it is made again: `now` at once, `later` after a pause, `never` unchanged. */
export type Retry = 'never' | 'later' | 'now';

/** An error as plain data, as it crosses the wire and enters receipts. */
export interface ErrorData {
  readonly code: string;
  readonly message: string;
  readonly retry: Retry;
}

/**
 * The one error type of the gateway. `code` is `ROOM_WHAT` in capitals and stands in `docs/errors.md`; the message says
 * what was expected, where, and what to do. A cause is kept for traces, never a client library's own error object.
 */
export class GatewayError extends Error {
  readonly code: string;
  readonly retry: Retry;

  constructor(code: string, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.retry = options.retry ?? 'never';
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, retry: this.retry };
  }
}

/** Any thrown thing as data; what is not ours becomes `INTERNAL` with its message only. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof GatewayError) return error.toData();
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), retry: 'later' };
}

export const errorFrom = (data: ErrorData): GatewayError =>
  new GatewayError(data.code, data.message, { retry: data.retry });

/** The text of any thrown thing. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Thrown by everything that was told to stop through an AbortSignal. */
export const aborted = (what: string): GatewayError =>
  new GatewayError('ABORTED', `${what} was stopped before it was done.`, { retry: 'later' });
