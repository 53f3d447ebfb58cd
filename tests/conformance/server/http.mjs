// Streamable HTTP: sessions for legacy clients, no state for modern ones, both on one path.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";

import { load } from "../packages.mjs";
import { surface } from "./surface.mjs";

const { createMcpHandler, isLegacyRequest, WebStandardStreamableHTTPServerTransport } =
  load("@modelcontextprotocol/server");
const { localhostHostValidation, localhostOriginValidation, toNodeHandler } = load("@modelcontextprotocol/node");

const RETRY_MS = 100;

/** Serves one era or both on a loopback port and resolves to the URL. */
export async function listen(port, era) {
  const fromLocalhost = [localhostHostValidation(), localhostOriginValidation()];
  const answer = toNodeHandler({ fetch: router(era) });
  const server = createServer((request, response) => {
    if (fromLocalhost.every((check) => check(request, response))) answer(request, response);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

function router(era) {
  const legacy = sessions();
  // The handler makes a server for each request, so it alone knows who listens for changes.
  const modern = createMcpHandler((request) => surface(request, modern.notify), { legacy: "reject" });
  if (era === "legacy") return legacy;
  if (era === "modern") return modern.fetch;
  return async (request) => ((await isLegacyRequest(request)) ? legacy(request) : modern.fetch(request));
}

function sessions() {
  const open = new Map();

  async function begin() {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => open.set(id, transport),
      onsessionclosed: (id) => open.delete(id),
      eventStore: eventStore(),
      retryInterval: RETRY_MS,
    });
    await surface({ era: "legacy" }).connect(transport);
    return transport;
  }

  return async (request) => {
    const id = request.headers.get("mcp-session-id");
    const transport = id === null ? await begin() : open.get(id);
    if (transport) return transport.handleRequest(request);
    const error = { code: -32001, message: "Session not found" };
    return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
  };
}

/** What was sent in one session, to be sent again to a client that comes back. */
function eventStore() {
  const events = [];
  return {
    async storeEvent(stream, message) {
      events.push({ stream, message });
      return String(events.length - 1);
    },
    async getStreamIdForEventId(id) {
      return events[id]?.stream;
    },
    async replayEventsAfter(last, { send }) {
      const { stream } = events[last];
      for (const [id, event] of events.entries()) {
        if (id > last && event.stream === stream && Object.keys(event.message).length)
          await send(String(id), event.message);
      }
      return stream;
    },
  };
}
