// Tools that ask nothing of the client.

import { setTimeout as sleep } from "node:timers/promises";

import { load } from "../packages.mjs";
import { image, said, text, WAV } from "./samples.mjs";

const { fromJsonSchema } = load("@modelcontextprotocol/server");

const STEP_MS = 50;

const CONTENT = {
  test_simple_text: [text("This is a simple text response for testing.")],
  test_image_content: [image],
  test_audio_content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  test_embedded_resource: [
    {
      type: "resource",
      resource: {
        uri: "test://embedded-resource",
        mimeType: "text/plain",
        text: "This is an embedded resource content.",
      },
    },
  ],
  test_multiple_content_types: [
    text("Multiple content types test:"),
    image,
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: JSON.stringify({ test: "data", value: 123 }),
      },
    },
  ],
};

/** What a client or a guard in between may lose: the newer keywords of JSON Schema. */
const NEW_KEYWORDS = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: {
      $anchor: "addressDef",
      type: "object",
      properties: { street: { type: "string" }, city: { type: "string" } },
    },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
};

const MIRRORED = {
  type: "object",
  properties: {
    region: { type: "string", "x-mcp-header": "Region" },
    priority: { type: "integer", "x-mcp-header": "Priority" },
  },
};

export function addTools(server, changes) {
  for (const [name, content] of Object.entries(CONTENT)) {
    server.registerTool(name, { description: `Returns ${name.slice("test_".length)}` }, () => ({ content }));
  }

  server.registerTool("test_error_handling", { description: "Always fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });

  server.registerTool("test_tool_with_logging", { description: "Logs as it works" }, async ({ mcpReq }) => {
    await mcpReq.log("info", "Tool execution started");
    await sleep(STEP_MS);
    await mcpReq.log("info", "Tool processing data");
    await sleep(STEP_MS);
    await mcpReq.log("info", "Tool execution completed");
    return said("The tool has logged three times.");
  });

  server.registerTool("test_logging_tool", { description: "Logs once" }, async ({ mcpReq }) => {
    await mcpReq.log("info", "Logged by test_logging_tool");
    return said("The tool has logged.");
  });

  server.registerTool("test_tool_with_progress", { description: "Reports progress" }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progress) await sleep(STEP_MS);
      if (progressToken === undefined) continue;
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
    }
    return said("The tool has made its progress.");
  });

  server.registerTool("test_reconnection", { description: "Hangs up before it answers" }, async ({ http }) => {
    http?.closeSSE?.();
    await sleep(STEP_MS);
    return said("The answer came after the stream had closed.");
  });

  server.registerTool("test_trigger_tool_change", { description: "Tells that the tools have changed" }, () => {
    changes.toolsChanged();
    return said("Told.");
  });

  server.registerTool("test_trigger_prompt_change", { description: "Tells that the prompts have changed" }, () => {
    changes.promptsChanged();
    return said("Told.");
  });

  const newKeywords = {
    description: "Tool with JSON Schema 2020-12 features",
    inputSchema: fromJsonSchema(NEW_KEYWORDS),
  };
  server.registerTool("json_schema_2020_12_tool", newKeywords, (args) => said(JSON.stringify(args)));

  const mirrored = { description: "Has arguments that travel in headers too", inputSchema: fromJsonSchema(MIRRORED) };
  server.registerTool("test_x_mcp_header", mirrored, (args) => said(JSON.stringify(args)));
}
