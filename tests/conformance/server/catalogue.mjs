// Resources and prompts.

import { load } from "../packages.mjs";
import { image, PNG, text } from "./samples.mjs";

const { completable, ResourceTemplate } = load("@modelcontextprotocol/server");
const { z } = load("zod");

const CITIES = ["paris", "park", "party", "test"];

const user = (content) => ({ role: "user", content });

export function addCatalogue(server) {
  addResources(server);
  addPrompts(server);
}

function addResources(server) {
  const resource = (name, description, mimeType, content) =>
    server.registerResource(name, `test://${name}`, { description, mimeType }, (uri) => ({
      contents: [{ uri: uri.href, mimeType, ...content }],
    }));

  const words = "This is the content of the static text resource.";
  resource("static-text", "A text that stays the same", "text/plain", { text: words });
  resource("static-binary", "An image that stays the same", "image/png", { blob: PNG });
  resource("watched-resource", "A text to subscribe to", "text/plain", { text: "Watched." });

  const template = new ResourceTemplate("test://template/{id}/data", { list: undefined });
  const mimeType = "application/json";
  server.registerResource("template", template, { description: "Data by number", mimeType }, (uri, { id }) => {
    const data = { id, templateTest: true, data: `Data for ID: ${id}` };
    return { contents: [{ uri: uri.href, mimeType, text: JSON.stringify(data) }] };
  });

  server.server.setRequestHandler("resources/subscribe", () => ({}));
  server.server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function addPrompts(server) {
  const prompt = (name, description, call, args) =>
    server.registerPrompt(name, { description, ...(args && { argsSchema: z.object(args) }) }, (given) => ({
      messages: call(given).map(user),
    }));

  prompt("test_simple_prompt", "A prompt without arguments", () => [text("This is a simple prompt for testing.")]);
  prompt(
    "test_prompt_with_arguments",
    "A prompt with arguments",
    ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    {
      arg1: completable(z.string().describe("First test argument"), (start) =>
        CITIES.filter((city) => city.startsWith(start)),
      ),
      arg2: z.string().describe("Second test argument"),
    },
  );
  prompt(
    "test_prompt_with_embedded_resource",
    "A prompt around a resource",
    ({ resourceUri }) => [
      {
        type: "resource",
        resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." },
      },
      text("Please process the embedded resource above."),
    ],
    { resourceUri: z.string().describe("URI of the resource to embed") },
  );
  prompt("test_prompt_with_image", "A prompt around an image", () => [image, text("Please analyze the image above.")]);
}
