// Drives a server through the TypeScript SDK v2: `--mode legacy` (its default), `--mode auto` or `--mode modern`.

import { peer, play, processOf, transportTo } from "./scenario.mjs";

const { Client, ProtocolError, SSEClientTransport, StreamableHTTPClientTransport } = peer(
  "@modelcontextprotocol/client",
);
const { StdioClientTransport } = peer("@modelcontextprotocol/client/stdio");

const CAPABILITIES = {
  roots: { listChanged: true },
  sampling: {},
  elicitation: { form: {}, url: {} },
};

// Results of methods the SDK has no type for are taken as they come.
const ANYTHING = { "~standard": { version: 1, vendor: "peer-driver", validate: (value) => ({ value }) } };

const TYPED = {
  ping: (client, _params, options) => client.ping(options),
  "tools/call": (client, params, options) => client.callTool(params, options),
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
const MODES = { legacy: "legacy", auto: "auto", modern: { pin: "2026-07-28" } };

const mode = process.argv[process.argv.indexOf("--mode") + 1];

await play(`ts-v2-${mode}`, ({ server, mode, over, see, answer }) => {
  const transport = transportTo(server, over, TRANSPORTS);
  transport.onmessage = see;
  const child = processOf(transport, over);
  const client = new Client(
    { name: "peer-driver", version: "1.0.0" },
    { capabilities: CAPABILITIES, versionNegotiation: { mode: MODES[mode] } },
  );
  for (const method of ["roots/list", "sampling/createMessage", "elicitation/create"]) {
    client.setRequestHandler(method, async () => {
      const { result, error } = answer(method);
      if (error) throw new ProtocolError(error.code, error.message);
      return result;
    });
  }

  return {
    async connect() {
      await client.connect(transport);
      return {
        era: client.getProtocolEra(),
        protocolVersion: client.getNegotiatedProtocolVersion(),
        serverInfo: client.getServerVersion(),
        capabilities: client.getServerCapabilities(),
        instructions: client.getInstructions(),
        discovered: client.getDiscoverResult(),
      };
    },
    request(method, params, { raw, ...options }) {
      const typed = raw ? undefined : TYPED[method];
      return typed ? typed(client, params, options) : client.request({ method, params }, ANYTHING, options);
    },
    notify: (method) => client.notification({ method }),
    close: () => client.close(),
    process: child,
  };
});
