// Drives a server through the TypeScript SDK v1.

import { peer, play, processOf, transportTo } from "./scenario.mjs";

const { Client } = peer("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = peer("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = peer("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { SSEClientTransport } = peer("@modelcontextprotocol/sdk/client/sse.js");
const { InMemoryTaskStore } = peer("@modelcontextprotocol/sdk/experimental/tasks");
const types = peer("@modelcontextprotocol/sdk/types.js");

const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

const TYPED = {
  ping: (client, _params, options) => client.ping(options),
  "tools/call": (client, params, options) => client.callTool(params, undefined, options),
  "tools/list": (client, params, options) => client.listTools(params, options),
  "resources/list": (client, params, options) => client.listResources(params, options),
  "resources/templates/list": (client, params, options) => client.listResourceTemplates(params, options),
  "resources/read": (client, params, options) => client.readResource(params, options),
  "resources/subscribe": (client, params, options) => client.subscribeResource(params, options),
  "resources/unsubscribe": (client, params, options) => client.unsubscribeResource(params, options),
  "prompts/list": (client, params, options) => client.listPrompts(params, options),
  "prompts/get": (client, params, options) => client.getPrompt(params, options),
  "completion/complete": (client, params, options) => client.complete(params, options),
  "logging/setLevel": (client, params, options) => client.setLoggingLevel(params.level, options),
};

const TRANSPORTS = { stdio: StdioClientTransport, http: StreamableHTTPClientTransport, sse: SSEClientTransport };

await play("ts-v1", ({ server, over, see, answer }) => {
  const transport = transportTo(server, over, TRANSPORTS);
  transport.onmessage = see;
  const child = processOf(transport, over);
  const client = new Client(
    { name: "peer-driver", version: "1.0.0" },
    { capabilities: CAPABILITIES, taskStore: new InMemoryTaskStore() },
  );

  // A request that asks for a task is answered with one that is finished by the time the server looks at it.
  const respond = async (request, extra) => {
    const { result, error } = answer(request.method);
    if (error) throw new types.McpError(error.code, error.message);
    if (!request.params?.task) return result;
    const task = { ...(await extra.taskStore.createTask({ ttl: request.params.task.ttl })) };
    await extra.taskStore.storeTaskResult(task.taskId, "completed", result);
    return { task };
  };
  client.setRequestHandler(types.ListRootsRequestSchema, respond);
  client.setRequestHandler(types.CreateMessageRequestSchema, respond);
  client.setRequestHandler(types.ElicitRequestSchema, respond);

  return {
    async connect() {
      await client.connect(transport);
      return {
        era: "legacy",
        serverInfo: client.getServerVersion(),
        capabilities: client.getServerCapabilities(),
        instructions: client.getInstructions(),
      };
    },
    request(method, params, { raw, ...options }) {
      const typed = raw ? undefined : TYPED[method];
      return typed ? typed(client, params, options) : client.request({ method, params }, types.ResultSchema, options);
    },
    notify: (method) => client.notification({ method }),
    close: () => client.close(),
    process: child,
  };
});
