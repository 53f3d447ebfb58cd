// The packages are installed outside of the source tree; MCP_GUARD_PEERS names the folder.

import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads a package that `package-lock.json` names. */
export const load = createRequire(join(process.env.MCP_GUARD_PEERS, "conformance", "package.json"));
