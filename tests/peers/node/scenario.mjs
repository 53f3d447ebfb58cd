// Plays one scenario file through a client SDK and writes down all that the client saw.
//
// Usage of every driver: drive SCENARIO --out FILE [--mode MODE] -- COMMAND ARGS…
//                        drive SCENARIO --out FILE [--mode MODE] --over http|sse -- URL
// The working folder is the scenario's `${work}`; MCP_GUARD_PEERS names the folder `setup` filled.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Loads a package from the installed peers: the drivers themselves live elsewhere. */
export const peer = createRequire(join(process.env.MCP_GUARD_PEERS, "node", "package.json"));

const PATIENCE_MS = 20_000;

/** Variables the server must see besides those the SDK passes on by itself. */
const PASSED_ON = ["XDG_STATE_HOME", "XDG_CONFIG_HOME"];

export function commandLine() {
  const words = process.argv.slice(2);
  const split = words.indexOf("--");
  const [command, ...args] = words.slice(split + 1);
  const [scenario, ...options] = words.slice(0, split);
  const option = (name) => options[options.indexOf(name) + 1];
  return {
    scenario: JSON.parse(readFileSync(scenario, "utf8")),
    out: option("--out"),
    mode: options.includes("--mode") ? option("--mode") : undefined,
    over: options.includes("--over") ? option("--over") : "stdio",
    server: { command, args, stderr: "inherit" },
  };
}

/** What arrived from the server, as it was on the wire. */
class Journal {
  frames = [];

  see = (frame) => this.frames.push(structuredClone(frame));

  mark = () => this.frames.length;

  since = (mark) => ({
    responses: this.frames
      .slice(mark)
      .filter((frame) => frame.method === undefined)
      .sort((one, other) => one.id - other.id),
    requests: this.frames.slice(mark).filter((frame) => frame.method !== undefined && frame.id !== undefined),
  });

  async until(mark, { method, contains = "" }) {
    const deadline = Date.now() + PATIENCE_MS;
    const arrived = () =>
      this.frames.slice(mark).some((frame) => frame.method === method && JSON.stringify(frame).includes(contains));
    while (!arrived()) {
      if (Date.now() > deadline) throw new Error(`the server never sent ${method} ${contains}`);
      await sleep(5);
    }
  }

  // When a notification arrives relative to other frames is the server's timing; their order per method is not.
  notifications() {
    const byMethod = {};
    for (const frame of this.frames) {
      if (frame.method !== undefined && frame.id === undefined) (byMethod[frame.method] ??= []).push(frame);
    }
    return Object.fromEntries(Object.entries(byMethod).sort());
  }
}

/** The human, the model and the workspace behind the client: answers in the order the scenario gives them. */
class Surroundings {
  constructor(answers, roots) {
    this.standing = answers;
    this.queued = {};
    this.roots = roots;
  }

  enter(step) {
    this.queued = structuredClone(step.answers ?? {});
    if (step.roots) this.roots = step.roots;
  }

  /** Resolves to `{ result }` or `{ error: { code, message } }`. */
  answer = (method) => {
    if (method === "roots/list") return { result: { roots: this.roots } };
    const queue = this.queued[method];
    return queue?.length ? queue.shift() : this.standing[method];
  };
}

/**
 * Runs the scenario. `open` gets the server's parameters, `see` and `answer` and returns the SDK behind:
 * `{ connect(), request(method, params, options), notify(method), close(), process }`, the last from `processOf`.
 */
export async function play(name, open) {
  const { scenario, out, mode, over, server } = commandLine();
  const values = { work: process.cwd(), long: "0123456789abcde\n".repeat(4096) };
  const saved = {};
  const steps = fill(scenario.steps, values);
  const environment = Object.fromEntries(PASSED_ON.map((key) => [key, process.env[key]]).filter(([, value]) => value));
  const journal = new Journal();
  const surroundings = new Surroundings(fill(scenario.answers ?? {}, values), fill(scenario.roots ?? [], values));

  const sdk = open({
    server: { ...server, env: { ...environment, ...fill(scenario.environment ?? {}, values) } },
    mode,
    over,
    see: journal.see,
    answer: surroundings.answer,
  });
  const { era, ...connected } = await sdk.connect();
  for (const awaited of of(era, scenario.settled)) await journal.until(0, awaited);
  const transcript = [{ step: "connect", expect: "result", outcomes: [{ result: connected }], ...journal.since(0) }];

  for (const step of steps) {
    if (step.only && !step.only.includes(name) && !step.only.includes(era)) continue;
    surroundings.enter(step);
    const mark = journal.mark();
    const outcomes = await perform(sdk, fill(step, saved));
    for (const awaited of of(era, step.await)) await journal.until(mark, awaited);
    if (step.pause) await sleep(step.pause);
    for (const [key, path] of Object.entries(step.save ?? {})) saved[key] = pick(outcomes[0].result, path);
    transcript.push({ ...label(step, era), outcomes, ...journal.since(mark) });
  }
  if (scenario.exit !== "when told" || over !== "stdio") await sdk.process.hangUp();
  await sdk.close();

  const exit = scenario.exit ?? sdk.process.status();
  const seen = { client: name, era, steps: transcript, notifications: journal.notifications(), exit };
  writeFileSync(out, JSON.stringify(normalise(seen, scenario.normalise ?? [], saved), null, 1) + "\n");
  process.exit(0);
}

/** What is said by itself only by a server that knows the session: modern clients have to ask for it. */
const of = (era, awaited = []) => (era === "modern" ? [] : awaited);

function label({ step, method, params, expect = "result" }, era) {
  return { step, method, params, expect: typeof expect === "object" ? expect[era] : expect };
}

async function perform(sdk, step) {
  if (step.notify) await sdk.notify(step.notify);
  if (!step.method) return [];
  const calls = Array.from({ length: step.times ?? 1 }, (_, i) => ask(sdk, step, fill(step.params, { i: String(i) })));
  return Promise.all(calls);
}

async function ask(sdk, step, params) {
  // Of an update that comes in one read with the answer an SDK may not tell: the frames hold them all.
  let progressed = false;
  const options = { raw: step.raw };
  if (step.progress) options.onprogress = () => (progressed = true);
  if (step.cancel_after_ms) options.signal = AbortSignal.timeout(step.cancel_after_ms);
  const shown = () => (step.progress ? { progressed } : {});
  try {
    const result = await sdk.request(step.method, params, options);
    const more = result.nextCursor ? await ask(sdk, step, { ...params, cursor: result.nextCursor }) : undefined;
    return { result, ...shown(), ...(more && { more }) };
  } catch ({ name, code, message, data }) {
    return { error: { name, code, message, data }, ...shown() };
  }
}

function pick(value, path) {
  return path.split(".").reduce((inner, key) => inner?.[key], value);
}

/** Replaces each `${name}` whose value is known in every string. */
function fill(value, values) {
  return walk(value, (text) => text.replace(/\$\{(\w+)\}/g, (whole, key) => values[key] ?? whole));
}

function normalise(seen, rules, saved) {
  const patterns = rules.map(({ find, put, siblings = [] }) => ({ find: new RegExp(find, "g"), put, siblings }));
  const named = walk(seen, (text) =>
    Object.entries(saved).reduce((changed, [key, value]) => changed.replaceAll(value, `<${key}>`), text),
  );
  return scrub(named, patterns);
}

/** Applies the patterns to every string; a match also hides the values beside it that a rule calls `siblings`. */
function scrub(value, patterns) {
  if (typeof value === "string") return patterns.reduce((text, { find, put }) => text.replace(find, () => put), value);
  if (Array.isArray(value)) return value.map((item) => scrub(item, patterns));
  if (value === null || typeof value !== "object") return value;
  const strings = Object.values(value).filter((item) => typeof item === "string");
  const hidden = patterns
    .filter(({ find, siblings }) => siblings.length && strings.some((text) => text.search(find) >= 0))
    .flatMap(({ siblings }) => siblings);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, hidden.includes(key) ? "<random>" : scrub(item, patterns)]),
  );
}

function walk(value, change) {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => walk(item, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, change)]));
}

/** The SDK's transport `over` stdio, HTTP or HTTP+SSE to a server, or to the URL in the place of a command. */
export function transportTo({ command, ...server }, over, { stdio, http, sse }) {
  if (over === "stdio") return new stdio({ command, ...server });
  return over === "sse" ? new sse(new URL(command)) : new http(new URL(command));
}

/** Ends the session at a server that is reached by URL: to go away is not to end it. */
async function leave(transport) {
  if (transport.sessionId) await transport.terminateSession?.();
}

/** The process behind an SDK's stdio transport: the SDKs keep to themselves how it ended. Others have none. */
export function processOf(transport, over) {
  if (over !== "stdio") return { hangUp: () => leave(transport), status: () => null };
  let running;
  let ended;
  let status = null;
  const start = transport.start.bind(transport);
  transport.start = async () => {
    await start();
    running = transport._process;
    ended = new Promise((resolve) => running.once("exit", resolve));
    running.once("exit", (code, signal) => (status = code ?? signal));
  };
  return {
    /** Closes its input and lets it end in its own time; an SDK would send a signal after two seconds. */
    async hangUp() {
      running.stdin.end();
      await Promise.race([ended, sleep(PATIENCE_MS)]);
    },
    status: () => status,
  };
}
