/** What one should know about the logs and the server, above the cards. */
import { useSignal } from "@preact/signals";
import { formatBytes } from "../format";
import type { LogWarning } from "../model";
import type { Store } from "../store";

const place = ({ run, file, offset }: LogWarning): string =>
  [run && `run ${run}`, file, offset === null ? "" : `byte ${offset.toLocaleString("en-US")}`]
    .filter(Boolean)
    .join(", ");

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
            {warnings.length === 1
              ? "One log file is damaged; the rest plays."
              : `${warnings.length} places in the logs are damaged; the rest plays.`}
          </button>
          {!folded.value && (
            <ul>
              {warnings.map((warning) => (
                <li key={place(warning)}>
                  {place(warning)}: {warning.message}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </>
  );
}
