/** The exports, the latest first: how far each is, and what can be done with it. */
import { formatBytes, plural } from "../../format";
import { CloseIcon, DownloadIcon } from "../../icons";
import type { Store } from "../../store";
import { type Clip, type ClipState, isOver } from "../../store/clips";

export function ExportList({ store }: { store: Store }) {
  const clips = store.clips.all.value;
  if (clips.length === 0) return null;
  return (
    <ul class="exports" aria-label="Exports">
      {[...clips].reverse().map((clip) => (
        <Row key={clip.key} clip={clip} remove={() => store.clips.remove(clip)} />
      ))}
    </ul>
  );
}

function Row({ clip, remove }: { clip: Clip; remove: () => void }) {
  const state = clip.state.value;
  return (
    <li class={state.state === "failed" ? "failed" : ""}>
      <span class="name" title={clip.title}>
        {clip.title}
      </span>
      <Outcome state={state} />
      <span class="actions">
        {state.state === "done" && (
          <button
            type="button"
            class="icon"
            aria-label={`Save ${clip.title} again`}
            title="Save again"
            onClick={() => clip.save()}
          >
            <DownloadIcon />
          </button>
        )}
        {isOver(state) ? (
          <button
            type="button"
            class="icon"
            aria-label={`Put ${clip.title} away`}
            title="Put away"
            onClick={remove}
          >
            <CloseIcon />
          </button>
        ) : (
          <button type="button" class="link" aria-label={`Cancel ${clip.title}`} onClick={remove}>
            Cancel
          </button>
        )}
      </span>
    </li>
  );
}

function Outcome({ state }: { state: ClipState }) {
  switch (state.state) {
    case "waiting":
      return <small role="status">Waits for {plural(Math.max(1, state.ahead), "export")}</small>;
    case "running":
      return (
        <span class="outcome" role="status">
          <progress
            aria-label="Progress of the clip"
            max={Math.max(1, state.total)}
            value={state.done}
          />
          <small>
            {state.done} of {state.total || "…"} pictures · {formatBytes(state.bytes)}
          </small>
        </span>
      );
    case "done":
      return (
        <small role="status">
          Downloaded {state.name} · {formatBytes(state.bytes)}
          {state.notes && ` · ${state.notes}`}
        </small>
      );
    case "failed":
      return (
        <small class="problem" role="alert">
          {state.message}
        </small>
      );
  }
}
