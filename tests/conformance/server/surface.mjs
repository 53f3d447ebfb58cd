// One MCP server with everything the scenarios of the conformance suite ask for.

import { randomBytes } from "node:crypto";

import { load } from "../packages.mjs";
import { addAsking } from "./asking.mjs";
import { addCatalogue } from "./catalogue.mjs";
import { addTasks, TASKS } from "./tasks.mjs";
import { addTools } from "./tools.mjs";

const { createRequestStateCodec, McpServer } = load("@modelcontextprotocol/server");

// A client may bring its state to any server of this process.
const seal = createRequestStateCodec({ key: randomBytes(32) });

/**
 * A server for one session of a legacy client, or for one request of a modern one. `changes` tells whoever listens
 * elsewhere that a list has changed.
 */
export function surface({ era }, changes) {
  const server = new McpServer(
    { name: "mcp-guard-conformance", version: "1.0.0" },
    {
      capabilities: {
        logging: {},
        completions: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        ...(era === "modern" && { extensions: { [TASKS]: {} } }),
      },
      instructions: "A server that shows each feature of the protocol once.",
      requestState: { verify: seal.verify },
    },
  );
  addTools(server, {
    toolsChanged: () => (changes ? changes.toolsChanged() : server.sendToolListChanged()),
    promptsChanged: () => (changes ? changes.promptsChanged() : server.sendPromptListChanged()),
  });
  addAsking(server, seal);
  addCatalogue(server);
  if (era === "modern") addTasks(server);
  return server;
}
