/** Which frames, how fast, and what comes after the last. */
import { formatStep } from "../../format";
import { HOLD_LIMITS } from "../../playhead";
import { type ClipForm, wholeOf } from "../../store/clipform";
import { Check, into, LOOP_CHOICES } from "../fields";
import { NumberInput, Select } from "./field";
import type { Problems } from "./problems";

export function Timing({ form, problems }: { form: ClipForm; problems: Problems }) {
  const steps = form.steps.value;
  const [first, last] = [steps[0], steps.at(-1)];
  return (
    <>
      <NumberInput
        label="From step"
        value={form.from.value}
        step={1}
        placeholder={first === undefined ? "" : formatStep(first)}
        problem={problems.range}
        type={into(form.from)}
      />
      <NumberInput
        label="To step"
        value={form.to.value}
        step={1}
        placeholder={last === undefined ? "" : formatStep(last)}
        type={into(form.to)}
      />
      <NumberInput
        label="Frames per second"
        value={Number.isNaN(form.fps.value) ? "" : form.fps.value}
        min={0.1}
        max={form.chosen?.max_fps ?? 60}
        required
        problem={problems.pace}
        type={(text) => {
          form.fps.value = text === "" ? Number.NaN : Number(text);
        }}
      />
      <NumberInput
        label="Every … frame"
        value={Number.isNaN(form.every.value) ? "" : form.every.value}
        min={1}
        step={1}
        required
        problem={problems.every}
        type={(text) => {
          form.every.value = wholeOf(text) ?? Number.NaN;
        }}
      />
      <Select
        label="Loop"
        value={form.loop.value}
        choices={LOOP_CHOICES}
        choose={into(form.loop)}
      />
      <NumberInput
        label="Hold the last frame, in seconds"
        value={form.hold.value}
        {...HOLD_LIMITS}
        type={(text) => {
          form.hold.value = Number(text) || 0;
        }}
      />
      <div class="wide pair">
        <Check label="Backwards" value={form.reverse.value} choose={into(form.reverse)} />
        <Check label="Tween between frames" value={form.tween.value} choose={into(form.tween)} />
      </div>
    </>
  );
}
