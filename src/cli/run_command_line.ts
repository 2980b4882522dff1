/**
 * Arguments ⇒ a command, run to its exit code.
 *
 * @module
 */
import * as NodeServices from "@effect/platform-node/NodeServices";
import * as CliError from "effect/cli/CliError";
import * as CliOutput from "effect/cli/CliOutput";
import * as Command from "effect/cli/Command";
import * as Console from "effect/Console";
import * as Effect from "effect/Effect";
import * as Runtime from "effect/Runtime";
import process from "node:process";
import configuration from "../../deno.json" with { type: "json" };
import { withoutStorageUrls } from "../sweep/storage_url.ts";
import type { Application } from "./application.ts";
import { ablateCommand } from "./ablate_command.ts";
import { checkCommand } from "./check_command.ts";
import { evalCommand } from "./eval_command.ts";
import { exportCommand } from "./export_command.ts";
import { listenForEndings } from "./endings.ts";
import { type Ending, endingText, exitCode, failureText } from "./exit.ts";
import { estimatorsCommand, stagesCommand, tasksCommand } from "./list_commands.ts";
import { labCommand } from "./lab_command.ts";
import { renderCommand } from "./render_command.ts";
import { comparePhysicsCommand } from "./compare_physics_command.ts";
import { replayCommand } from "./replay_command.ts";
import { reportCommand } from "./report_command.ts";
import { runnerCommand } from "./runner_command.ts";
import { schemaCommand } from "./schema_command.ts";
import { withoutMark } from "../sandbox/typed.ts";
import { standardConsole } from "./standard_output.ts";
import { statusCommand } from "./status_command.ts";
import { watchCommand } from "./watch_command.ts";
import { trainCommand } from "./train_command.ts";
import { loadModule } from "../files/load_module.ts";

/** Flags that users of other tools look for ⇒ ours, by command. */
const otherNames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  train: { "--name": "--run", "--id": "--run", "--out": "--runs", "--epochs": "--iterations" },
  ablate: { "--runs": "--out", "--workers": "--slots" },
};

/** (error of the command line) ⇒ the same; of a flag that other tools have, with the one that does it here. */
const withOurName = (error: CliError.CliError): CliError.CliError => {
  if (error._tag !== "UnrecognizedOption" || error.suggestions.length > 0) return error;
  const { option, command } = error, ours = otherNames[command?.at(-1) ?? ""]?.[option];
  return ours === undefined
    ? error
    : new CliError.UnrecognizedOption({ option, suggestions: [ours], ...command && { command } });
};

/** (wrong usage) ⇒ the first example of a command that something is missing of; of other faults nothing. */
const exampleFor = ({ errors, helpDoc }: CliOutput.Presenter.InvalidInvocation): string => {
  const lacks = errors.some(({ _tag }) => _tag === "MissingOption" || _tag === "MissingArgument");
  const example = lacks ? helpDoc.examples?.[0] : undefined;
  return example === undefined ? "" : `For example: ${example.command}\n`;
};

/** Wrong usage shows what is wrong and where help is, on stderr, instead of the whole help on stdout. */
const presenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.gen(function* () {
        const formatter = yield* CliOutput.Formatter;
        yield* Console.error(withoutStorageUrls(formatter.formatErrors(event.errors.map(withOurName)).trim()));
        yield* Console.error(`\n${exampleFor(event)}See --help for what is possible.`);
      })
      : CliOutput.defaultPresenter.present(event),
});

/** (application) ⇒ the command `mscv` with its sub-commands. */
export const commandLine = (application: Application) =>
  Command.make("mscv").pipe(
    Command.withDescription("Reinforcement learning with multi-step control variates, from composable stages"),
    Command.withSubcommands([
      trainCommand(application),
      evalCommand(application),
      exportCommand(application),
      labCommand(application),
      ablateCommand(application),
      runnerCommand(),
      statusCommand(),
      checkCommand(application),
      tasksCommand(application),
      stagesCommand(application),
      estimatorsCommand(application),
      reportCommand(application),
      schemaCommand(application),
      replayCommand(application),
      comparePhysicsCommand(),
      renderCommand(application),
      watchCommand(application),
    ]),
    Command.withExamples([
      { command: "deno task train", description: "Watch a policy learn" },
      { command: "deno task eval runs/<id>", description: "Measure what it learned" },
    ]),
  );

/** What runners of sweeps start; it is of no use to people, so that no help shows it. */
const internal = (application: Application, args: ReadonlyArray<string>) =>
  args.length === 1 && args[0] === "cell"
    ? Effect.flatMap(
      Effect.promise(() =>
        loadModule<typeof import("../sweep/run_cell.ts")>(import.meta.resolve("../sweep/run_cell.ts"))
      ),
      ({ runCell }) => runCell(application.load),
    )
    : null;

/** Runs to the end, or until something from outside ends it, which interrupts; then the process ends with its exit code. */
const runToEnd = (command: Effect.Effect<unknown, unknown>): void => {
  let ending: Ending | null = null;
  const run = Runtime.makeRunMain(({ fiber }) => {
    const stopListening = listenForEndings((by) => {
      ending = by;
      fiber.interruptUnsafe(fiber.id);
    });
    fiber.addObserver((exit) => {
      stopListening();
      const text = ending === null ? null : endingText(ending);
      if (text !== null) standardConsole.error(text);
      const code = exitCode(exit, ending);
      if (code !== 0 || ending !== null) process.exit(code);
    });
  });
  run(command, { disableErrorReporting: true });
};

/** Runs the command named by the arguments and ends the process. */
export const runApplication = (application: Application, given: ReadonlyArray<string>): void => {
  const args = withoutMark(given);
  (internal(application, args) ?? Command.runWith(commandLine(application), { version: configuration.version })(args))
    .pipe(
      Effect.tapCause((cause) => {
        const text = failureText(cause);
        return text === null ? Effect.void : Console.error(text);
      }),
      Effect.provide(presenter),
      Effect.provide(NodeServices.layer),
      Effect.provideService(Console.Console, standardConsole),
      runToEnd,
    );
};
