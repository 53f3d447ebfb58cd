// The tasks extension: tools that answer with a task, and what a client does with it. Legacy clients, and clients
// that do not know the extension, wait for the result instead.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { load } from "../packages.mjs";
import { said, text } from "./samples.mjs";

const { acceptedContent, fromJsonSchema, inputRequired, MissingRequiredClientCapabilityError, ProtocolError } =
  load("@modelcontextprotocol/server");
const { z } = load("zod");

export const TASKS = "io.modelcontextprotocol/tasks";
const TTL_MS = 600_000;
const POLL_MS = 100;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

const NAME = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };
const CONFIRM = { type: "object", properties: { confirm: { type: "boolean" } }, required: ["confirm"] };

/** Tasks outlive the request that made them, and so the server that answered it. */
const tasks = new Map();

class Task {
  id = randomUUID();
  status = "working";
  createdAt = new Date().toISOString();
  lastUpdatedAt = this.createdAt;
  outcome = {};
  questions = {};
  answers = {};
  stopped = new AbortController();

  constructor(work) {
    tasks.set(this.id, this);
    work(this).then(
      (result) => this.settle("completed", { result }),
      ({ code = INTERNAL_ERROR, message }) => this.settle("failed", { error: { code, message } }),
    );
  }

  get over() {
    return ["completed", "failed", "cancelled"].includes(this.status);
  }

  settle(status, outcome = {}) {
    if (!this.over) this.turn(status, outcome);
  }

  turn(status, outcome = {}) {
    this.status = status;
    this.outcome = outcome;
    this.lastUpdatedAt = new Date().toISOString();
  }

  pause = (milliseconds) => sleep(milliseconds, undefined, { signal: this.stopped.signal });

  /** Resolves to the answers when the client has given all of them. */
  ask(questions) {
    this.questions = { ...questions };
    this.turn("input_required");
    return new Promise((resolve) => (this.resume = resolve));
  }

  answer(responses) {
    for (const [key, response] of Object.entries(responses)) {
      if (!(key in this.questions)) continue;
      delete this.questions[key];
      this.answers[key] = response;
    }
    if (this.status !== "input_required" || Object.keys(this.questions).length) return;
    this.turn("working");
    this.resume(this.answers);
  }

  cancel() {
    this.settle("cancelled");
    this.stopped.abort();
  }

  summary() {
    const { id, status, createdAt, lastUpdatedAt } = this;
    return { taskId: id, status, createdAt, lastUpdatedAt, ttlMs: TTL_MS, pollIntervalMs: POLL_MS };
  }

  detail() {
    const asking = this.status === "input_required" && { inputRequests: this.questions };
    return { ...this.summary(), ...asking, ...this.outcome };
  }
}

/** Work for which nobody keeps a task: there is nobody to ask. */
const alone = {
  pause: sleep,
  ask: () => Promise.reject(new Error("This tool needs a client that knows tasks")),
};

const knowsTasks = ({ mcpReq }) =>
  TASKS in (mcpReq.envelope?.["io.modelcontextprotocol/clientCapabilities"]?.extensions ?? {});

export function addTasks(server) {
  const tool = (name, description, properties, call) => {
    const inputSchema = fromJsonSchema({ type: "object", properties });
    server.registerTool(name, { description, inputSchema }, call);
  };
  const job = (name, description, properties, work) =>
    tool(name, description, properties, (args, context) => begin((task) => work(task, args), context));

  tool("greet", "Greets at once", { name: { type: "string" } }, ({ name }) => said(`Hello, ${name}!`));
  job(
    "slow_compute",
    "Takes its time",
    { seconds: { type: "number" }, label: { type: "string" } },
    async (task, args) => {
      await task.pause(args.seconds * 1000);
      return said(`Computed ${args.label ?? "it"} for ${args.seconds} s.`);
    },
  );
  job("failing_job", "Works, and fails", {}, async (task) => {
    await task.pause(1000);
    return { content: [text("The job failed.")], isError: true };
  });
  job("protocol_error_job", "Breaks down", {}, async () => {
    throw new Error("The job broke down.");
  });
  job("confirm_delete", "Asks before it goes on", { filename: { type: "string" } }, async (task, { filename }) => {
    const message = `Delete ${filename}?`;
    const { confirm } = await task.ask({ confirm: inputRequired.elicit({ message, requestedSchema: CONFIRM }) });
    return said(`${confirm.action}: ${filename}`);
  });
  job("multi_input", "Asks two things at once", {}, async (task) => {
    const name = inputRequired.elicit({ message: "What name?", requestedSchema: NAME });
    const confirm = inputRequired.elicit({ message: "Is that so?", requestedSchema: CONFIRM });
    await task.ask({ name, confirm });
    return said("Both answered.");
  });
  tool("test_tool_with_task", "Asks, then works", {}, (_, context) => {
    const name = acceptedContent(context.mcpReq.inputResponses, "user_name")?.name;
    if (name !== undefined) return begin(async () => said(`Worked for ${name}.`), context);
    const user_name = inputRequired.elicit({ message: "What is your name?", requestedSchema: NAME });
    return inputRequired({ inputRequests: { user_name } });
  });

  const about = (method, answer) =>
    server.server.setRequestHandler(method, { params: z.object({ taskId: z.string() }) }, ({ taskId }, context) => {
      if (!knowsTasks(context)) {
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [TASKS]: {} } } });
      }
      const task = tasks.get(taskId);
      if (!task) throw new ProtocolError(INVALID_PARAMS, "No such task");
      return answer(task, context.mcpReq) ?? {};
    });
  about("tasks/get", (task) => task.detail());
  about("tasks/update", (task, { inputResponses }) => task.answer(inputResponses));
  about("tasks/cancel", (task) => task.cancel());
}

function begin(work, context) {
  return knowsTasks(context) ? { resultType: "task", ...new Task(work).summary() } : work(alone);
}
