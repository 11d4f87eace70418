/**
 * Branded ids and units: a string that names a child cannot be passed where a bus is meant, nor seconds for milliseconds.
 * The brand exists for the compiler only; across the wire they are plain strings and numbers.
 */
declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A child device's own id: random, made once by the child manager, never derived from what is known of the device. */
export type ChildId = Brand<string, 'ChildId'>;
/** Name of a bus, unique in the gateway, e.g. `line1` (an instance with one bus) or `floor2/10.0.0.5:502`. */
export type BusName = Brand<string, 'BusName'>;
/** Name of an adapter instance, as given in `gateway.yaml`. */
export type InstanceName = Brand<string, 'InstanceName'>;
/** Id of a job (command or configuration), unique in the gateway. */
export type JobId = Brand<string, 'JobId'>;
/** Key of a point of a child: `[a-z0-9_]{1,64}`; the telemetry name in the cloud. */
export type PointKey = Brand<string, 'PointKey'>;

/** A span of time in milliseconds. */
export type Millis = Brand<number, 'Millis'>;
/** Milliseconds of a clock that never jumps; comparable only within one boot of one process. */
export type Monotonic = Brand<number, 'Monotonic'>;
/** Wall-clock milliseconds since 1970-01-01 UTC. */
export type EpochMillis = Brand<number, 'EpochMillis'>;

export const childId = (text: string): ChildId => text as ChildId;
export const busName = (text: string): BusName => text as BusName;
export const instanceName = (text: string): InstanceName => text as InstanceName;
export const jobId = (text: string): JobId => text as JobId;
export const pointKey = (text: string): PointKey => text as PointKey;
export const millis = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => (value * 1000) as Millis;
export const minutes = (value: number): Millis => (value * 60_000) as Millis;
export const hours = (value: number): Millis => (value * 3_600_000) as Millis;
export const monotonic = (value: number): Monotonic => value as Monotonic;
export const epochMillis = (value: number): EpochMillis => value as EpochMillis;

/** What may cross a wire: JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };
