// The server that the conformance suite examines, directly and through the guard.
//
// Usage: main.mjs --transport http|stdio [--port PORT] [--era both|legacy|modern]
//
// Over HTTP it listens on loopback, on a free port if PORT is 0, and prints its URL as the first line.

import { parseArgs } from "node:util";

import { load } from "../packages.mjs";
import { listen } from "./http.mjs";
import { surface } from "./surface.mjs";

const { serveStdio, StdioServerTransport } = load("@modelcontextprotocol/server/stdio");

const { transport, port, era } = parseArgs({
  options: {
    transport: { type: "string" },
    port: { type: "string", default: "0" },
    era: { type: "string", default: "both" },
  },
}).values;

if (transport === "http") {
  console.log(await listen(Number(port), era));
  // Whoever started it holds the other end: it goes when they go.
  process.stdin.on("end", () => process.exit(0)).resume();
} else if (era === "legacy") {
  await surface({ era }).connect(new StdioServerTransport());
} else {
  serveStdio(surface, { legacy: era === "modern" ? "reject" : "serve" });
}
