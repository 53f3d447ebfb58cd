// The client that the conformance suite examines, directly and through the guard.
//
// Usage: main.mjs URL
//
// In every scenario it does the same: it uses each tool, resource and prompt that the server offers. The suite gives
// the protocol version, and the tool calls of scenarios that need certain ones, in the environment.

import { load } from "../packages.mjs";

const { Client, StreamableHTTPClientTransport } = load("@modelcontextprotocol/client");

const { MCP_CONFORMANCE_CONTEXT, MCP_CONFORMANCE_PROTOCOL_VERSION } = process.env;
const MODERN = "2026-07-28";
const SAMPLES = { string: "text", number: 1.5, integer: 1, boolean: true, object: {}, array: [], null: null };

const client = new Client(
  { name: "mcp-guard-conformance", version: "1.0.0" },
  {
    capabilities: { roots: {}, sampling: {}, elicitation: { form: { applyDefaults: true } } },
    versionNegotiation: { mode: MCP_CONFORMANCE_PROTOCOL_VERSION === MODERN ? "auto" : "legacy" },
  },
);
client.setRequestHandler("roots/list", () => ({ roots: [] }));
client.setRequestHandler("sampling/createMessage", () => ({
  role: "assistant",
  content: { type: "text", text: "An answer." },
  model: "none",
}));
client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));

await client.connect(new StreamableHTTPClientTransport(new URL(process.argv[2])));
const offered = client.getServerCapabilities() ?? {};
if (offered.tools) await useTools();
if (offered.resources) await useResources();
if (offered.prompts) await usePrompts();
await client.close();

async function useTools() {
  const { tools } = await client.listTools();
  const wanted = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? "{}").toolCalls;
  for (const call of wanted ?? madeUp(tools)) {
    await client.callTool(call).catch((error) => {
      // The SDK takes no modern result without its type; one scenario sends such a result, to see what comes next.
      if (error.code !== "INVALID_RESULT") throw error;
    });
  }
}

async function useResources() {
  const { resources } = await client.listResources();
  for (const { uri } of resources) await client.readResource({ uri });
}

async function usePrompts() {
  const { prompts } = await client.listPrompts();
  for (const { name } of prompts) await client.getPrompt({ name });
}

/** A call of each tool whose required arguments have a plain type. */
function madeUp(tools) {
  const calls = [];
  for (const { name, inputSchema } of tools) {
    const { properties = {}, required = [] } = inputSchema;
    const types = required.map((key) => [key, properties[key].type]);
    if (types.some(([, type]) => !(type in SAMPLES))) continue;
    const args = Object.fromEntries(types.map(([key, type]) => [key, SAMPLES[type]]));
    // What the client made of a schema is to be sent back.
    if ("schema" in args) args.schema = tools[0].inputSchema;
    calls.push({ name, arguments: args });
  }
  return calls;
}
