/**
 * The page of a model hub on a policy.
 * (what is known of it) ⇒ (README.md with the metadata that hubs read)
 *
 * Source: huggingface.co/docs/hub/model-cards, "Model card metadata" and "Evaluation results".
 *
 * @module
 */
import { stringify } from "@std/yaml";
import { fixedText } from "../math/fixed_text.ts";

/** What a card tells. */
export interface CardContent {
  /** Name of the run. */
  readonly run: string;
  readonly task: string;
  /** The environment of that name at Gymnasium; null: it has none. */
  readonly gymnasium: string | null;
  readonly iteration: number;
  readonly steps: number;
  readonly estimator: string | null;
  readonly seed: number;
  /** Of the episodes of the evaluation, by the mean action. */
  readonly returns: { readonly mean: number; readonly deviation: number; readonly episodes: number };
  /** Observations and actions. */
  readonly sizes: readonly [observation: number, action: number];
  readonly version: string;
  /** Whether there is a film of it. */
  readonly film: "replay.mp4" | "none";
}

const metadata = ({ run, task, gymnasium, estimator, returns: { mean, deviation } }: CardContent): string => {
  const name = gymnasium ?? task;
  return stringify({
    library_name: "mscv",
    tags: [
      name,
      "reinforcement-learning",
      "deep-reinforcement-learning",
      "mscv",
      ...(estimator === null ? [] : [estimator]),
    ],
    "model-index": [{
      name: run,
      results: [{
        task: { type: "reinforcement-learning", name: "reinforcement-learning" },
        dataset: { name, type: name },
        metrics: [{
          type: "mean_reward",
          value: `${fixedText(mean, 2)} +/- ${deviation.toFixed(2)}`,
          name: "mean_reward",
          verified: false,
        }],
      }],
    }],
  });
};

/** (content) ⇒ (Markdown). */
export const modelCard = (content: CardContent): string => {
  const { run, task, gymnasium, iteration, steps, estimator, seed, returns, sizes, version, film } = content;
  const where = gymnasium === null ? `task \`${task}\`` : `${gymnasium} (\`${task}\`)`;
  const by = estimator === null ? "" : `, gradient by \`${estimator}\``;
  return `---
${metadata(content)}---

# ${run}

A Gaussian policy for ${where}, trained by mscv ${version} with trust-region updates${by}.

| | |
| --- | --- |
| return of the mean action, ${returns.episodes} episodes | ${fixedText(returns.mean, 2)} ± ${
    returns.deviation.toFixed(2)
  } (standard deviation) |
| trained for | ${iteration} iterations, ${steps.toLocaleString("en-US")} environment steps, seed ${seed} |
| observation, action | ${sizes[0]}, ${sizes[1]} numbers |

| file | |
| --- | --- |
| \`policy.onnx\` | raw \`observation\` [N, ${sizes[0]}] ⇒ \`action\` [N, ${
    sizes[1]
  }] within the control range; \`mean_action\`, \`log_std\` |
| \`policy.safetensors\` | weights as PyTorch's \`Linear\` has them, log σ, and the normaliser of observations |
| \`config.yaml\` | the whole pipeline: \`mscv train config.yaml\` trains it again |
| \`results.json\` | every episode of the evaluation |
${film === "none" ? "" : "| `replay.mp4` | an episode of the mean action |\n"}
\`\`\`python
import numpy as np, onnxruntime

policy = onnxruntime.InferenceSession("policy.onnx")
action, = policy.run(["action"], {"observation": observation[None].astype(np.float32)})
\`\`\`
`;
};
