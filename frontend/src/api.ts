/** The plugin's routes. Every address is relative, so any path prefix works. */
import { decode } from "@msgpack/msgpack";
import type {
  ClipPreview,
  ClipProgress,
  FrameChunk,
  Listing,
  Pending,
  Points,
  Query,
  Scalars,
  Scene,
  Steps,
} from "./model";

/** A request that failed, with a sentence to show. */
export class ApiError extends Error {
  constructor(
    message: string,
    /** The HTTP status, or 0 where no answer came. */
    readonly status: number,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** What went wrong with a request, in a sentence. */
export const reasonOf = (error: unknown): string =>
  error instanceof ApiError ? error.message : String(error);

/**
 * What is read of the logs within so many milliseconds is shown at once; of larger ones, the
 * page begins with a part.
 */
const PATIENCE = 200;

const GONE = "TensorBoard does not answer.";

/** An address with its query. */
export function address(route: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `./${route}?${text}` : `./${route}`;
}

async function sentence(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  const type = response.headers.get("content-type") ?? "";
  // A proxy's HTML page is no sentence.
  if (type.startsWith("text/plain") && text && text.length < 2000) return text;
  return `TensorBoard answered with status ${response.status}.`;
}

async function get(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(GONE, 0);
  }
  if (!response.ok) throw new ApiError(await sentence(response), response.status);
  return response;
}

async function json<T>(url: string, signal?: AbortSignal): Promise<T> {
  return (await (await get(url, signal)).json()) as T;
}

/** What a MessagePack answer holds. */
async function unpacked(url: string, signal?: AbortSignal): Promise<unknown> {
  return decode(new Uint8Array(await (await get(url, signal)).arrayBuffer()));
}

export const api = {
  listing: (signal?: AbortSignal): Promise<Listing> =>
    json(address("series", { wait_ms: PATIENCE }), signal),

  /**
   * Of several series, at most 64, by their ids; those that are gone are left out. Logs that
   * are being read will be asked about again: it does not wait until they are.
   */
  async steps(
    series: readonly string[],
    beingRead: boolean,
  ): Promise<Readonly<Record<string, Steps>>> {
    const answer = await json<Steps | { readonly series: Record<string, Steps> }>(
      address("steps", { series, ...(beingRead ? { wait_ms: 0 } : {}) }),
    );
    return "series" in answer ? answer.series : { [series[0] as string]: answer };
  },

  /** Of one series, or what several have in common; or how far the work on it is. */
  scene: (
    series: string | readonly string[],
    options: Query,
    signal?: AbortSignal,
  ): Promise<Scene | Pending> => json(address("scene", { series, ...options }), signal),

  /** What is known of a series' points, for each kind to read. */
  table: (
    series: string | readonly string[],
    options: Query,
    signal?: AbortSignal,
  ): Promise<unknown> => unpacked(address("table", { series, ...options }), signal),

  async frames(
    series: string,
    start: number,
    count: number,
    options: Query,
    signal?: AbortSignal,
  ): Promise<FrameChunk> {
    const url = address("frames", { series, start, count, ...options });
    return (await unpacked(url, signal)) as FrameChunk;
  },

  scalars: (): Promise<Scalars> => json(address("scalars")),

  points: (run: string, tag: string, signal?: AbortSignal): Promise<Points> =>
    json(address("scalars", { run, tag }), signal),

  /** Null before the export has begun there, and after it has ended. */
  async progress(token: string, signal?: AbortSignal): Promise<ClipProgress | null> {
    const response = await get(address("progress", { token }), signal);
    return response.status === 204 ? null : ((await response.json()) as ClipProgress);
  },

  clip: (query: Query, signal?: AbortSignal): Promise<Response> =>
    get(address("clip", query), signal),

  /** What a clip will be, or how far the scene is that it needs. */
  async preview(query: Query, signal?: AbortSignal): Promise<ClipPreview | Pending> {
    return (await unpacked(address("preview", query), signal)) as ClipPreview | Pending;
  },

  /** TensorBoard's own order of runs, which decides their colours. */
  runs: (signal?: AbortSignal): Promise<string[]> => json("../../runs", signal),
};

export type Api = typeof api;
