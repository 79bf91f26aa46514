/** A clip's query in the words of other places: an address, a shell, Python. */
import { address } from "../api";
import type { Format, Query, Series } from "../model";

/** Stands for the folder with the logs: the page does not know where the server has it. */
const LOGDIR = "LOGDIR";

/** Switches: a shell has them without a value. */
const SWITCHES: ReadonlySet<string> = new Set(["caption", "reverse"]);

/** What a link has alone: the others say it in other words. */
const NAMED: ReadonlySet<string> = new Set(["series", "axes", "format"]);

export interface Known {
  readonly series: readonly Series[];
  readonly formats: readonly Format[];
}

type Value = string | number | boolean;

/** What a clip is made of, as it was logged; or why only the page can make it. */
interface Parts {
  readonly tag: string;
  readonly runs: readonly string[];
  readonly axes: readonly string[];
  /** Only needed where the tag is logged as several kinds. */
  readonly kind: string | null;
  readonly file: string;
  readonly fields: readonly (readonly [name: string, values: readonly Value[]])[];
}

const listOf = (value: Query[string]): readonly Value[] =>
  value === null || value === undefined ? [] : typeof value === "object" ? value : [value];

/** null: the clip shows several tags. */
function partsOf(query: Query, known: Known): Parts | null {
  const byId = new Map(known.series.map((series) => [series.id, series]));
  const found = (name: string): Series[] =>
    listOf(query[name]).flatMap((id) => byId.get(String(id)) ?? []);
  const shown = found("series");
  const first = shown[0];
  if (first === undefined) return null;
  const { tag, kind } = first;
  if (shown.some((one) => one.tag !== tag || one.kind !== kind)) return null;
  const runs = shown.map((one) => one.run);
  const axes = found("axes").map((one) => one.run);
  const suffix = known.formats.find((one) => one.name === query.format)?.suffix ?? "";
  return {
    tag,
    runs,
    axes: axes.every((run) => runs.includes(run)) && axes.length === runs.length ? [] : axes,
    kind: known.series.some((one) => one.tag === tag && one.kind !== kind) ? kind : null,
    file: `clip${suffix}`,
    fields: Object.entries(query)
      .map(([name, value]) => [name, listOf(value)] as const)
      .filter(([name, values]) => !NAMED.has(name) && values.length > 0),
  };
}

/** A word that POSIX shells take as it is. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** The command that writes the same clip; null where one command cannot. */
export function clipCommand(query: Query, known: Known): string | null {
  const parts = partsOf(query, known);
  if (parts === null) return null;
  // As one word: a value of its own that begins with a dash would be taken for an option.
  const option = (name: string, value: Value) =>
    shellWord(`--${name.replaceAll("_", "-")}=${value}`);
  const words = [
    option("tag", parts.tag),
    ...parts.runs.map((run) => option("run", run)),
    ...(parts.kind ? [option("kind", parts.kind)] : []),
    ...parts.axes.map((run) => option("axes", run)),
    ...parts.fields.flatMap(([name, values]) =>
      SWITCHES.has(name) ? [`--${name}`] : values.map((value) => option(name, value)),
    ),
  ];
  return `tb-animate export ${LOGDIR} -o ${parts.file} ${words.join(" ")}`;
}

/** The same as a call of the Python package. */
export function clipPython(query: Query, known: Known): string | null {
  const parts = partsOf(query, known);
  if (parts === null) return null;
  // What JSON calls a text or a list, Python does, too.
  const literal = (values: readonly Value[]) =>
    JSON.stringify(values.length === 1 ? values[0] : values);
  const named = [
    ["tag", JSON.stringify(parts.tag)],
    ["run", literal(parts.runs)],
    ...(parts.kind ? [["kind", JSON.stringify(parts.kind)]] : []),
    ...(parts.axes.length > 0 ? [["axes", JSON.stringify(parts.axes)]] : []),
    ...parts.fields.map(([name, values]) => [name, SWITCHES.has(name) ? "True" : literal(values)]),
  ];
  const lines = named.map(([name, value]) => `    ${name}=${value},\n`);
  return (
    `import tb_animate\n\ntb_animate.export_clip(\n` +
    `    "${LOGDIR}",\n    "${parts.file}",\n${lines.join("")})\n`
  );
}

/** The clip's own address. */
export const clipLink = (query: Query, base: string): string =>
  new URL(address("clip", query), base).href;
