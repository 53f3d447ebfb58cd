// Tools and a prompt that ask something of the client. Each returns what it asks for; the SDK sends legacy clients
// a request for it, and calls the tool again with the answers.

import { load } from "../packages.mjs";
import { said } from "./samples.mjs";

const { acceptedContent, fromJsonSchema, inputRequired, inputResponse } = load("@modelcontextprotocol/server");

const object = (properties, required = Object.keys(properties)) => ({ type: "object", properties, required });
const STRING = { type: "string" };

const elicit = (message, properties) => inputRequired.elicit({ message, requestedSchema: object(properties) });
const sample = (text, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens });

const DEFAULTS = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true },
};

const OPTIONS = ["option1", "option2", "option3"];
const titled = (word) =>
  ["First", "Second", "Third"].map((nth, i) => ({ const: `value${i + 1}`, title: `${nth} ${word}` }));

const ENUMS = {
  untitledSingle: { type: "string", enum: OPTIONS },
  titledSingle: { type: "string", oneOf: titled("Option") },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"],
  },
  untitledMulti: { type: "array", items: { type: "string", enum: OPTIONS } },
  titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
};

const PERSON = {
  username: { type: "string", description: "User's response" },
  email: { type: "string", description: "User's email address" },
};

export function addAsking(server, seal) {
  const tool = (name, description, call, properties) => {
    const config = { description, ...(properties && { inputSchema: fromJsonSchema(object(properties)) }) };
    server.registerTool(name, config, properties ? call : (context) => call({}, context));
  };

  /** A tool that asks once, and says what it makes of the answers. */
  const asks = (name, description, requests, say, properties) =>
    tool(
      name,
      description,
      (args, { mcpReq }) => {
        const inputRequests = requests(args);
        const missing = Object.entries(inputRequests).some(([key]) => !answered(mcpReq.inputResponses, key));
        return missing ? inputRequired({ inputRequests }) : said(say(mcpReq.inputResponses));
      },
      properties,
    );

  /** The same with state that only the server can have written. */
  const remembers = (name, description, inputRequests, words) =>
    tool(name, description, async (_, { mcpReq }) => {
      if (mcpReq.requestState() === name) return said(words);
      return inputRequired({ inputRequests, requestState: await seal.mint(name) });
    });

  const completed = ({ form }) =>
    `Elicitation completed: action=${form.action}, content=${JSON.stringify(form.content)}`;
  asks(
    "test_sampling",
    "Asks the client's model",
    ({ prompt }) => ({ model: sample(prompt) }),
    ({ model }) => `LLM response: ${model.content.text}`,
    { prompt: STRING },
  );
  asks(
    "test_elicitation",
    "Asks the user",
    ({ message }) => ({ user: elicit(message, PERSON) }),
    ({ user }) => `User response: ${JSON.stringify(user)}`,
    { message: STRING },
  );
  asks(
    "test_elicitation_sep1034_defaults",
    "Proposes answers",
    () => ({ form: elicit("Confirm the values", DEFAULTS) }),
    completed,
  );
  asks("test_elicitation_sep1330_enums", "Offers choices", () => ({ form: elicit("Choose", ENUMS) }), completed);
  asks(
    "test_missing_capability",
    "Needs a client with a model",
    () => ({ model: sample("Hello?") }),
    () => "Answered.",
  );
  asks(
    "test_streaming_elicitation",
    "Asks in its answer",
    () => ({ user: elicit("Go on?", { ok: { type: "boolean" } }) }),
    () => "Gone on.",
  );

  const userName = () => ({ user_name: elicit("What is your name?", { name: STRING }) });
  asks("test_input_required_result_elicitation", "Asks for a name", userName, (responses) => {
    return `Hello, ${acceptedContent(responses, "user_name")?.name ?? "whoever you are"}!`;
  });
  asks(
    "test_input_required_result_sampling",
    "Asks the model for a capital",
    () => ({ capital_question: sample("What is the capital of France?") }),
    ({ capital_question }) => capital_question.content.text,
  );
  asks(
    "test_input_required_result_list_roots",
    "Asks for the roots",
    () => ({ client_roots: inputRequired.listRoots() }),
    ({ client_roots }) => `Roots: ${client_roots.roots.map(({ uri }) => uri).join(", ")}`,
  );

  const confirm = { confirm: elicit("Please confirm", { ok: { type: "boolean" } }) };
  remembers("test_input_required_result_request_state", "Remembers by state", confirm, "state-ok");
  remembers("test_input_required_result_tampered_state", "Refuses state that was changed", confirm, "state-ok");
  remembers(
    "test_input_required_result_multiple_inputs",
    "Asks three things at once",
    { ...userName(), greeting: sample("Generate a greeting", 50), client_roots: inputRequired.listRoots() },
    "All three answered.",
  );

  tool("test_input_required_result_multi_round", "Asks twice", async (_, { mcpReq }) => {
    const round = mcpReq.requestState() ?? 0;
    const questions = [
      { step1: elicit("Step 1: What is your name?", { name: STRING }) },
      { step2: elicit("Step 2: What is your favorite color?", { color: STRING }) },
    ];
    if (round === questions.length) return said("Both answered.");
    return inputRequired({ inputRequests: questions[round], requestState: await seal.mint(round + 1) });
  });

  tool("test_input_required_result_capabilities", "Asks what the client can answer", (_, { mcpReq }) => {
    const declared =
      mcpReq.envelope?.["io.modelcontextprotocol/clientCapabilities"] ?? server.server.getClientCapabilities();
    const inputRequests = {
      ...(declared?.elicitation && userName()),
      ...(declared?.sampling && { greeting: sample("Generate a greeting", 50) }),
    };
    const left = Object.keys(inputRequests).some((key) => !answered(mcpReq.inputResponses, key));
    return left ? inputRequired({ inputRequests }) : said("Nothing left to ask.");
  });

  server.registerPrompt("test_input_required_result_prompt", { description: "Asks for its context" }, ({ mcpReq }) => {
    const context = acceptedContent(mcpReq.inputResponses, "user_context")?.context;
    if (context === undefined) {
      const user_context = elicit("What context should the prompt use?", { context: STRING });
      return inputRequired({ inputRequests: { user_context } });
    }
    return { messages: [{ role: "user", content: { type: "text", text: `Use this context: ${context}` } }] };
  });
}

const answered = (responses, key) => inputResponse(responses, key).kind !== "missing";
