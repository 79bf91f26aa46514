import { expect, it } from "vitest";
import { usualPicks, validates } from "../src/store/picks";

it.each([
  // Keras' callback, whose runs are `train` and `validation`.
  [
    ["epoch_accuracy", "epoch_learning_rate", "epoch_loss", "evaluation_loss_vs_iterations"],
    ["epoch_loss", "epoch_accuracy"],
  ],
  [
    ["train/loss", "train/acc", "val/loss", "val/aux_loss", "val/acc", "lr"],
    ["val/loss", "val/acc"],
  ],
  [
    ["Loss/train", "Loss/test", "Accuracy/test"],
    ["Loss/test", "Accuracy/test"],
  ],
  [["train_loss_step", "valLoss", "loss"], ["valLoss"]],
  [["rollout/ep_rew_mean", "eval/mean_reward"], ["eval/mean_reward"]],
  [["lr", "grad_norm", "loss_scale"], []],
  [[], []],
])("picks of %j by itself %j", (tags, picks) => {
  expect(usualPicks(tags)).toEqual(picks);
  expect(usualPicks([...tags].reverse())).toEqual(picks);
});

it("knows the runs that validate others", () => {
  const runs = ["validation", "lr=0.1/val", "a/eval_env", "val/train", "test/1", "contest", "Val"];
  expect(runs.filter(validates)).toEqual(["validation", "lr=0.1/val", "a/eval_env", "Val"]);
});
