import type { Stamp } from './clock.ts';
import type { ErrorData } from './errors.ts';
import type { BusName, ChildId, JobId, Json, JsonObject, Millis, PointKey } from './ids.ts';

/** A value of a point. null = no value (quality says why). */
export type Value = number | string | boolean | null;

/**
 * `good`: as the device said. `invalid`: the device said "not available". `unsupported`: the device refuses this point.
 * `lost`: the exchange failed, the value is unknown.
 */
export type Quality = 'good' | 'invalid' | 'unsupported' | 'lost';

/** When a change of a point is worth sending. */
export type ReportRule =
  | { readonly on: 'change'; /** Absolute change that counts; 0 = any. */ readonly deadband?: number }
  /** Every reading goes up, and closes the sample at once. */
  | { readonly on: 'every' };

export interface PointSpec {
  readonly key: PointKey;
  readonly title?: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
  readonly unit?: string;
  readonly report: ReportRule;
  readonly writable: boolean;
}

/** The readings of one child from one poll. Arrays run parallel; `points` are indices into the child's point table. */
export interface Frame {
  readonly child: ChildId;
  readonly at: Stamp;
  readonly points: readonly number[];
  readonly values: readonly Value[];
  readonly quality: readonly Quality[];
}

/** Whether a child answers. `unknown` until the first exchange. */
export type Availability = 'unknown' | 'answering' | 'silent';

export type BusState = 'closed' | 'opening' | 'open' | 'lost';

/** What an instance tells while it runs. */
export type Observation =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | {
      readonly kind: 'availability';
      readonly child: ChildId;
      readonly availability: Availability;
      readonly at: Stamp;
      /** Last evidence, for a person: what was asked, what came. */
      readonly reason: string;
    }
  | { readonly kind: 'bus'; readonly bus: BusName; readonly state: BusState; readonly reason: string };

/** How sure it is that an identifier means one physical device: `trusted` (read from the device), `assumed` (from its place). */
export type Trust = 'trusted' | 'assumed';

/** Something known of a physical device, e.g. kind `serial`, value `eastron:12345678`. */
export interface Identifier {
  readonly kind: 'serial' | 'address' | 'place';
  readonly value: string;
  readonly trust: Trust;
}

/** Where a device was found. `unit` is the bus's own form of an address, as text. */
export interface Place {
  readonly bus: BusName;
  readonly unit: string;
}

export type Confidence = 'high' | 'medium' | 'low';

/** Something found, with evidence. */
export interface Candidate {
  readonly place: Place;
  /** What kind of device it is, as data; null when nothing fits. */
  readonly profile: string | null;
  readonly variant: string | null;
  /** Symbolic model, mapped to the cloud's model id by the configuration. */
  readonly model: string | null;
  readonly subModel: string | null;
  readonly maker: string | null;
  readonly serial: string | null;
  /** As the device prints it; made SemVer where the cloud needs it. */
  readonly firmware: string | null;
  readonly title: string;
  readonly confidence: Confidence;
  readonly identifiers: readonly Identifier[];
  /** Sentences for a person: what was asked, and what was answered. */
  readonly evidence: readonly string[];
}

export interface DiscoverRequest {
  /** Only this bus; all of the instance when absent. */
  readonly bus?: BusName;
  /** Units that are known and need no new look, unless `again`. */
  readonly known: readonly Place[];
  readonly again: boolean;
}

export type Discovery =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'progress'; readonly bus: BusName; readonly done: number; readonly total: number; readonly note: string };

/** A child handed to an instance to be polled. */
export interface Child {
  readonly id: ChildId;
  readonly place: Place;
  readonly profile: string;
  readonly variant: string | null;
  readonly serial: string | null;
}

/** What the instance says of a child that it took: its point table and what it can be told to do. */
export interface Attached {
  readonly points: readonly PointSpec[];
  readonly commands: readonly CommandSpec[];
}

export interface CommandSpec {
  readonly name: string;
  readonly title?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: 'number' | 'integer' | 'boolean' | 'text';
    readonly required: boolean;
    readonly min?: number;
    readonly max?: number;
    readonly oneOf?: readonly (string | number | boolean)[];
  }[];
  /** True when it changes something on the device, so needs a person's permission. */
  readonly writes: boolean;
}

/** What goes south. */
export interface Job {
  readonly id: JobId;
  readonly child: ChildId;
  readonly kind: 'command' | 'configuration';
  readonly name: string;
  readonly parameters: JsonObject;
  /** How long it may take from now; the instance settles it as `expired` after that. */
  readonly within: Millis;
}

/** What a job did. */
export interface Receipt {
  readonly job: JobId;
  readonly outcome: 'done' | 'failed' | 'expired' | 'aborted' | 'refused';
  /** Something was sent to the device. Once true, the job is never run again. */
  readonly sent: boolean;
  /** The device acknowledged it. */
  readonly acknowledged: boolean;
  /** Read back and equal; null when there is nothing to read back. */
  readonly verified: boolean | null;
  readonly before: Value;
  readonly after: Value;
  /** One sentence for a person. */
  readonly message: string;
  readonly error?: ErrorData;
}

/** Anything a tool answers. */
export type ToolResult = Json;
