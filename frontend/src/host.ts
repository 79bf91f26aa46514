/** TensorBoard around the page: reload button, theme, address. All of it may be absent. */
import type { Theme } from "./model";

const DATA_RELOADED = "experimental.DataReloaded";

/** Calls `listener` whenever TensorBoard reloads, by its button or by itself. */
export function onReload(listener: () => void): () => void {
  if (window.parent === window) return () => {};
  const channel = new MessageChannel();
  channel.port1.onmessage = (event: MessageEvent<string>) => {
    const message = JSON.parse(event.data) as { type: string; id: number; isReply: boolean };
    if (message.isReply) return;
    if (message.type === DATA_RELOADED) listener();
    // The other side waits for a reply to each of its messages.
    const reply = { type: message.type, id: message.id, payload: null, error: null, isReply: true };
    channel.port1.postMessage(JSON.stringify(reply));
  };
  window.parent.postMessage("experimental.bootstrap", "*", [channel.port2]);
  return () => channel.port1.close();
}

/** The document around the frame, or null where it may not be looked at. */
function outside(): Document | null {
  try {
    return window.parent === window ? null : window.parent.document;
  } catch {
    return null;
  }
}

/**
 * TensorBoard's own typeface: its page declares it, a frame does not inherit it.
 * Returns the declarations with addresses that hold in here.
 */
export function fontFaces(): string {
  const page = outside();
  if (!page) return "";
  const faces: string[] = [];
  for (const sheet of page.styleSheets) {
    let rules: CSSRuleList;
    try {
      rules = sheet.cssRules;
    } catch {
      continue; // A sheet of another origin may not be read.
    }
    const base = sheet.href ?? page.baseURI;
    // TensorBoard names its fonts from the root, which is wrong under a path prefix.
    const relative = (url: string) => url.replace(/^\/(?!\/)/, "./");
    for (const rule of rules) {
      if (rule instanceof (page.defaultView as typeof globalThis & Window).CSSFontFaceRule) {
        const absolute = (_: string, url: string) => `url("${new URL(relative(url), base).href}")`;
        faces.push(rule.cssText.replace(/url\("([^"]+)"\)/g, absolute));
      }
    }
  }
  return faces.join("\n");
}

/** Calls `listener` with the theme, now and at every change. */
export function watchTheme(listener: (theme: Theme) => void): () => void {
  const body = outside()?.body;
  if (body) {
    const tell = () => listener(body.classList.contains("dark-mode") ? "dark" : "light");
    const observer = new MutationObserver(tell);
    observer.observe(body, { attributes: true, attributeFilter: ["class"] });
    tell();
    return () => observer.disconnect();
  }
  const query = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => listener(query.matches ? "dark" : "light");
  query.addEventListener("change", tell);
  tell();
  return () => query.removeEventListener("change", tell);
}

/** Under this name a page leaves something for itself in the tab. */
const LEFT = "tb_animate.left";
const HOME = "animate";

/**
 * The address: that of TensorBoard's page where this one is a tab of it, else its own. In a
 * notebook TensorBoard's page itself is a frame, and its address is the one to hand on.
 */
export class Address {
  readonly #window: Window;
  readonly #within: boolean;

  constructor() {
    this.#within = outside()?.querySelector("tb-webapp") != null;
    this.#window = this.#within ? window.parent : window;
  }

  get hash(): string {
    return this.#window.location.hash;
  }

  set hash(hash: string) {
    const { history, location } = this.#window;
    const url = new URL(location.href);
    // TensorBoard opens the tab that the part without a key names.
    const parts = hash.slice(1).split("&");
    const named = !this.#within || parts.some((part) => part !== "" && !part.includes("="));
    url.hash = named ? hash : [HOME, ...parts].join("&");
    try {
      history.replaceState(history.state, "", url.href);
    } catch {
      // Safari refuses when it is too much: the next change brings it.
    }
  }

  get href(): string {
    return this.#window.location.href;
  }

  watch(listener: () => void): void {
    // TensorBoard's page outlives this one.
    const controller = new AbortController();
    this.#window.addEventListener("hashchange", listener, { signal: controller.signal });
    window.addEventListener("pagehide", ({ persisted }) => {
      if (!persisted) controller.abort();
    });
  }

  get left(): unknown {
    const [navigation] = this.#window.performance.getEntriesByType("navigation");
    if ((navigation as PerformanceNavigationTiming | undefined)?.type !== "reload") return null;
    try {
      return JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
    } catch {
      return null;
    }
  }

  onLeave(leave: () => unknown): void {
    window.addEventListener("pagehide", () => {
      try {
        sessionStorage.setItem(LEFT, JSON.stringify(leave()));
      } catch {
        // Storage can be full or forbidden: then it begins where the address says.
      }
    });
  }
}

export const reducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
