import { assertEquals, assertThrows } from "@std/assert";
import { readFileSync } from "node:fs";
import { eventRecord, fileHeader, readEvents } from "../../src/interchange/tf_events.ts";

const folder = "fixtures/tensorboard"; // written by TensorBoard itself
const records: Readonly<Record<string, string>> = JSON.parse(readFileSync(`${folder}/records.json`, "utf8"));
const hex = (data: Uint8Array) => data.toHex();
const began = 1.7e9;

Deno.test("event files: records have the bytes that TensorBoard writes for the same events", () => {
  assertEquals(hex(fileHeader(began)), records.head);
  const simple = { "rollout/ep_rew_mean": -60.5, "train/loss": 1e-5 };
  assertEquals(hex(eventRecord({ wallTime: began + 0.25, step: 5000, scalars: simple })), records.simple);
  const large = { wallTime: began + 1, step: 2 ** 40, scalars: { "rollout/ep_rew_mean": 3 } };
  assertEquals(hex(eventRecord(large)), records.large);
  const text = { wallTime: began, step: 0, scalars: {}, texts: { pipeline: "# hopper" } };
  assertEquals(hex(eventRecord(text)), records.text);
});

Deno.test("event files: TensorBoard's own are read, whether scalars are simple values or tensors", () => {
  const file = new Uint8Array(readFileSync(`${folder}/scalars.tfevents`));
  assertEquals(readEvents(file), [
    { wallTime: began + 0.25, step: 5000, scalars: { "rollout/ep_rew_mean": -60.5, "train/loss": Math.fround(1e-5) } },
    { wallTime: began + 1, step: 2 ** 40, scalars: { "rollout/ep_rew_mean": 3 } },
    { wallTime: began + 2, step: 7, scalars: { loss: 0.5 } },
    { wallTime: began + 3, step: 8, scalars: { loss: 0.75, double: 0.1 } },
  ]);
  assertEquals(readEvents(file.subarray(0, file.length - 3)).length, 3); // the last record is being written
});

Deno.test("event files: damage is told, never a wrong number", () => {
  const whole = new Uint8Array(readFileSync(`${folder}/scalars.tfevents`));
  for (let at = 0; at < whole.length; at += 3) {
    const damaged = Uint8Array.from(whole);
    damaged[at] ^= 0x40;
    assertThrows(() => readEvents(damaged), Error, "checksum");
  }
  assertThrows(() => readEvents(new TextEncoder().encode("r,l,t")), Error, "too short");
  assertThrows(() => readEvents(new TextEncoder().encode("no event file at all")), Error, "checksum");
});
