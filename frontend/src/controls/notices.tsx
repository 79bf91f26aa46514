/** What one should know about the logs and the server, above the cards. */
import { useSignal } from "@preact/signals";
import { formatBytes } from "../format";
import type { LogWarning } from "../model";
import type { Store } from "../store";

const place = ({ run, file, offset }: LogWarning): string =>
  [run && `run ${run}`, file, offset === null ? "" : `byte ${offset.toLocaleString("en-US")}`]
    .filter(Boolean)
    .join(", ");

/** What stands above the list of warnings, which is folded away. */
const headline = (warnings: readonly LogWarning[]): string => {
  const damaged = warnings.every(({ offset }) => offset !== null);
  if (warnings.length > 1) {
    return damaged
      ? `${warnings.length} places in the logs are damaged; the rest plays.`
      : `${warnings.length} things about the logs to know; what can be read plays.`;
  }
  return damaged
    ? "One log file is damaged; the rest plays."
    : "Not all of the logs could be read; the rest plays.";
};

export function Notices({ store }: { store: Store }) {
  const folded = useSignal(true);
  const listing = store.listing.value;
  const warnings = listing?.warnings ?? [];
  const progress = listing?.progress;
  const reading = progress && progress.done < progress.total;
  return (
    <>
      {store.trouble.value && (
        <p class="notice error" role="alert">
          {store.trouble.value} Trying again …
        </p>
      )}
      {reading && (
        <p class="notice" role="status">
          <progress aria-label="Logs read" max={progress.total} value={progress.done} />
          Reading the logs: {formatBytes(progress.done)} of {formatBytes(progress.total)}
        </p>
      )}
      {warnings.length > 0 && (
        <div class="notice warn">
          <button
            type="button"
            class="link"
            aria-expanded={!folded.value}
            onClick={() => {
              folded.value = !folded.value;
            }}
          >
            {headline(warnings)}
          </button>
          {!folded.value && (
            <ul>
              {warnings.map((warning) => (
                <li key={place(warning)}>
                  {[place(warning), warning.message].filter(Boolean).join(": ")}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </>
  );
}
