/** What kind of file, of what size. */
import { useSignal } from "@preact/signals";
import type { ClipForm } from "../../store/clipform";
import { into } from "../fields";
import { NumberInput, Select } from "./field";
import type { Problems } from "./problems";

const WIDTHS = ["480", "720", "1080"] as const;
/** In MB, with those who take no more. */
const LIMITS = [
  { value: "10", label: "10 MB (GitHub, Discord)" },
  { value: "20", label: "20 MB (mail)" },
] as const;
const OTHER = "other";

interface Props {
  readonly form: ClipForm;
  readonly problems: Problems;
  /** "480 × 360", where it is known. */
  readonly size: string | null;
}

export function FileFields({ form, problems, size }: Props) {
  const otherWidth = useSignal(false);
  const otherLimit = useSignal(false);
  const { formats, chosen, width, limit } = form;
  const missing = formats.filter((one) => !one.available);
  return (
    <>
      <Select
        label="Format"
        value={form.format.value}
        problem={problems.format}
        choices={formats.map((one) => ({
          value: one.name,
          label: one.available ? one.title : `${one.title} (not installed)`,
          disabled: !one.available,
        }))}
        choose={(name) => form.setFormat(name)}
      />
      <Select
        label="Size"
        value={otherWidth.value ? OTHER : width.value}
        problem={otherWidth.value ? null : problems.size}
        choices={[
          { value: "", label: width.value === "" && size ? `Its own: ${size}` : "Its own" },
          ...WIDTHS.map((one) => ({
            value: one,
            label: width.value === one && size && !otherWidth.value ? size : `${one} wide`,
          })),
          { value: OTHER, label: "Another width …" },
        ]}
        choose={(value) => {
          otherWidth.value = value === OTHER;
          width.value = value === OTHER ? (size?.split(" ")[0] ?? "") : value;
        }}
      />
      {otherWidth.value && (
        <NumberInput
          label="Width in pixels"
          value={width.value}
          min={1}
          max={chosen?.max_side ?? 4096}
          step={1}
          placeholder="its own"
          problem={problems.size}
          type={into(width)}
        />
      )}
      <Select
        label="Fit into"
        value={otherLimit.value ? OTHER : limit.value}
        problem={otherLimit.value ? null : problems.limit}
        choices={[
          { value: "", label: "No limit" },
          ...LIMITS,
          { value: OTHER, label: "Another limit …" },
        ]}
        choose={(value) => {
          otherLimit.value = value === OTHER;
          limit.value = value === OTHER ? "5" : value;
        }}
      />
      {otherLimit.value && (
        <NumberInput
          label="Limit in MB"
          value={limit.value}
          min={0.001}
          max={100_000}
          problem={problems.limit}
          type={into(limit)}
        />
      )}
      {chosen && !chosen.loops && form.loop.value !== "once" && (
        <p class="hint wide">Whether {chosen.title} repeats is up to the player.</p>
      )}
      {missing.map((one) => (
        <p key={one.name} class="hint wide">
          {one.hint}
        </p>
      ))}
    </>
  );
}
