import type { Clock, Random } from './clock.ts';
import type { Attached, Child, Discovery, DiscoverRequest, Job, Observation, Receipt, ToolResult } from './data.ts';
import type { ChildId, InstanceName, JsonObject } from './ids.ts';
import type { Logger } from './log.ts';

/** Version of this contract. An adapter names the range that it was written for; the host refuses what does not fit. */
export const SDK_VERSION = '1.0.0';

export interface AdapterManifest {
  /** Word by which `gateway.yaml` names the adapter, `[a-z][a-z0-9-]{0,31}`. */
  readonly id: string;
  readonly version: string;
  /** Range of contract versions, e.g. `^1.0.0`. */
  readonly sdk: string;
  readonly title: string;
  /** JSON Schema (2020-12) of the instance's `settings`. */
  readonly settings: JsonObject;
  readonly tools: readonly ToolSpec[];
}

export interface ToolSpec {
  readonly name: string;
  readonly title: string;
  /** JSON Schema of the arguments. */
  readonly args: JsonObject;
  /** True when it can change something on a device. */
  readonly writes: boolean;
}

/** What an instance gets from its host. */
export interface AdapterContext {
  readonly instance: InstanceName;
  /** The instance's `settings` from `gateway.yaml`, not yet checked: the adapter parses them with its own schema. */
  readonly settings: JsonObject;
  /** Folders with further profiles, searched before the adapter's own. */
  readonly profileFolders: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * One adapter instance: the only owner of its buses. Everything that it takes and gives is plain data, so that it may run
 * in this process or in another. Methods that wait take a signal and settle soon after it fires.
 */
export interface Adapter {
  /** Opens the buses. May be called again after a failure or a stop. A bus that cannot be opened is retried, not thrown. */
  start(signal: AbortSignal): Promise<void>;
  /** Closes everything; idempotent. Afterwards nothing of the instance runs. */
  stop(): Promise<void>;
  /** Runs as long as the instance does: frames, availability, states of buses. Bounded: the newest frame of a child replaces an unread one. */
  observe(signal: AbortSignal): AsyncIterable<Observation>;
  /** Looks for devices beside polling; read-only towards devices. */
  discover(request: DiscoverRequest, signal: AbortSignal): AsyncIterable<Discovery>;
  /** Takes a child and polls it until `detach`. Throws PROFILE_UNKNOWN and the like; never waits for the device. */
  attach(child: Child): Promise<Attached>;
  detach(child: ChildId): Promise<void>;
  /** Runs a job; resolves with a receipt whatever happens, rejects never for reasons of the device. */
  execute(job: Job, signal: AbortSignal): Promise<Receipt>;
  /** What the core must not know: scan a line, read a register, trace. */
  tool(name: string, args: JsonObject, signal: AbortSignal): Promise<ToolResult>;
}

/** Default export of an adapter package. `create` parses settings (throws CONFIG_INVALID) and does nothing else. */
export interface AdapterModule {
  readonly manifest: AdapterManifest;
  /** Device files and endpoints that an instance with these settings will own alone; the host refuses a second owner. Throws CONFIG_INVALID. */
  owns(settings: JsonObject): readonly string[];
  create(context: AdapterContext): Adapter;
}
