/** A pill that opens a small panel above it. */
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

/** From the pill to the panel, and from the panel to the window's sides, in CSS pixels. */
const GAP = 6;

interface Props {
  /** What it is for. */
  readonly label: string;
  /** How it is set, in words. */
  readonly set: string;
  readonly title: string;
  /** What stands on the pill. */
  readonly text: ComponentChildren;
  /** Whether it is set to something that one should notice. */
  readonly on?: boolean;
  readonly children: ComponentChildren;
}

export function Menu({ label, set, title, text, on = false, children }: Props) {
  const pill = useRef<HTMLButtonElement>(null);
  const id = useId();

  const place = (panel: HTMLElement) => {
    const box = pill.current?.getBoundingClientRect();
    if (!box) return;
    const most = window.innerWidth - panel.offsetWidth - GAP;
    panel.style.left = `${Math.max(GAP, Math.min(box.left, most))}px`;
    panel.style.bottom = `${window.innerHeight - box.top + GAP}px`;
  };

  return (
    <>
      <button
        ref={pill}
        type="button"
        class={on ? "pill menu on" : "pill menu"}
        aria-label={`${label}: ${set}`}
        title={title}
        popoverTarget={id}
      >
        {text}
        <span aria-hidden="true">▾</span>
      </button>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be told from its choices. */}
      <div
        id={id}
        popover="auto"
        class="panel"
        role="group"
        aria-label={label}
        onToggle={(event) => {
          if (event.newState !== "open") return;
          const panel = event.currentTarget;
          place(panel);
          panel.querySelector<HTMLElement>("input:checked, input")?.focus();
        }}
      >
        {children}
      </div>
    </>
  );
}
