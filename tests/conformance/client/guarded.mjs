// Starts the guard before the server at URL, and the client before the guard.
//
// Usage: guarded.mjs URL, with MCP_GUARD in the environment: the program to start

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("main.mjs", import.meta.url));

const upstream = ["serve", "--listen", "127.0.0.1:0", "--upstream", process.argv[2]];
const guard = spawn(process.env.MCP_GUARD, upstream, { stdio: ["ignore", "pipe", "pipe"] });
const url = await Promise.race([guard.stdout, guard.stderr].map(firstUrl));

const client = spawn(process.execPath, [CLIENT, url], { stdio: "inherit" });
[process.exitCode] = await once(client, "exit");
guard.kill("SIGTERM");

/** Resolves to the first address of a server that is printed, and passes everything on. */
function firstUrl(stream) {
  return new Promise((resolve) => {
    createInterface(stream).on("line", (line) => {
      console.error(line);
      const url = line.match(/http:\/\/127\.0\.0\.1:\d+\/mcp/)?.[0];
      if (url) resolve(url);
    });
  });
}
