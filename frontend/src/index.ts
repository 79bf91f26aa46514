/** What TensorBoard imports and calls when the tab is opened. */
import { effect } from "@preact/signals";
import { h, render as mount } from "preact";
import { api } from "./api";
import { App } from "./app";
import { Address, fontFaces, onReload, reducedMotion, watchTheme } from "./host";
import { createStore } from "./store";
import { AddressBar } from "./store/addressbar";
import style from "./style.css?inline";

export function render(): void {
  const sheet = document.createElement("style");
  sheet.textContent = `${fontFaces()}\n${style}`;
  document.head.append(sheet);
  document.title = "Animate";
  document.documentElement.lang = "en";

  const store = createStore(api);
  watchTheme((theme) => {
    store.theme.value = theme;
  });
  onReload(() => void store.refresh());

  // TensorBoard keeps the frame of another tab alive, with no height.
  const sleep = () => {
    const wasAsleep = store.asleep.value;
    store.asleep.value = document.hidden || window.innerHeight === 0;
    // Who opens the tab wants its keys to work, without a click into it first.
    if (wasAsleep && !store.asleep.value) window.focus();
  };
  document.addEventListener("visibilitychange", sleep);
  window.addEventListener("resize", sleep);
  sleep();
  window.focus();

  const address = new AddressBar(store, new Address());
  if (!address.stands && !reducedMotion()) {
    const stop = effect(() => {
      if (store.player.ticks.value.length < 2) return;
      queueMicrotask(() => {
        stop();
        store.player.play();
      });
    });
  }

  void store.refresh();
  mount(h(App, { store, address }), document.body);
}
