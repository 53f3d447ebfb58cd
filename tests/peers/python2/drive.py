"""Drives a server through the Python SDK 2.x: `--mode legacy`, or `--mode modern` (its default)."""

import sys
import warnings
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

import anyio
import mcp.types as types
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import TypeAdapter, ValidationError
from scenario import Failed, Tap, play

warnings.simplefilter("ignore")

# Requests and notifications the SDK has no type for go out as they are.
RawRequest = types.Request[dict[str, Any] | None, str]
RawNotification = types.Notification[dict[str, Any] | None, str]
ANYTHING = TypeAdapter(dict)


class Sdk:
    def __init__(self, client):
        self._client = client
        self.era = "modern" if client.protocol_version >= "2026-07-28" else "legacy"

    def connected(self):
        session = self._client.session
        return dump(session.discover_result or session.initialize_result)

    async def request(self, method, params, *, raw, on_progress, cancel_after):
        call = self._raw if raw or method not in TYPED else self._typed
        try:
            with anyio.move_on_after(cancel_after if cancel_after is not None else float("inf")) as scope:
                result = dump(await call(method, params, on_progress))
        except MCPError as error:
            raise Failed(name=type(error).__name__, **dump(error.error)) from error
        except (ValidationError, RuntimeError) as error:
            raise Failed(name=type(error).__name__, message=str(error)) from error
        if scope.cancelled_caught:
            raise Failed(name="cancelled")
        return result

    async def notify(self, method):
        await self._client.session.send_notification(RawNotification(method=method, params=None))

    async def _typed(self, method, params, on_progress):
        return await TYPED[method](self._client, params or {}, on_progress)

    async def _raw(self, method, params, on_progress):
        request = RawRequest(method=method, params=params)
        return await self._client.session.send_request(request, ANYTHING, progress_callback=on_progress)


TYPED = {
    "ping": lambda client, _, __: client.send_ping(),
    "tools/call": lambda client, params, on_progress: client.call_tool(
        params["name"], params.get("arguments"), progress_callback=on_progress, meta=params.get("_meta")
    ),
    "tools/list": lambda client, params, _: client.list_tools(cursor=params.get("cursor")),
    "resources/list": lambda client, params, _: client.list_resources(cursor=params.get("cursor")),
    "resources/templates/list": lambda client, params, _: client.list_resource_templates(cursor=params.get("cursor")),
    "resources/read": lambda client, params, _: client.read_resource(params["uri"]),
    "resources/subscribe": lambda client, params, _: client.subscribe_resource(params["uri"]),
    "resources/unsubscribe": lambda client, params, _: client.unsubscribe_resource(params["uri"]),
    "prompts/list": lambda client, params, _: client.list_prompts(cursor=params.get("cursor")),
    "prompts/get": lambda client, params, _: client.get_prompt(params["name"], params.get("arguments")),
    "completion/complete": lambda client, params, _: client.complete(
        reference(params["ref"]), params["argument"], params.get("context", {}).get("arguments")
    ),
    "logging/setLevel": lambda client, params, _: client.set_logging_level(params["level"]),
}


def reference(ref):
    kind = types.PromptReference if ref["type"] == "ref/prompt" else types.ResourceTemplateReference
    return kind(**ref)


def dump(model):
    return model if isinstance(model, dict) else model.model_dump(mode="json", by_alias=True, exclude_none=True)


def answering(answer, method, kind):
    async def callback(*_):
        given = answer(method)
        return types.ErrorData(**given["error"]) if "error" in given else kind.model_validate(given["result"])

    return callback


def transport(command, environment, over):
    if over == "http":
        return streamable_http_client(command[0])
    if over == "sse":
        return sse_client(command[0])
    return stdio_client(StdioServerParameters(command=command[0], args=command[1:], env=environment))


@asynccontextmanager
async def tapped(streams, see):
    async with streams as (read, write, *_):
        yield Tap(read, see), write


@asynccontextmanager
async def open_client(command, environment, mode, over, see, answer):
    async with Client(
        tapped(transport(command, environment, over), see),
        mode="legacy" if mode == "legacy" else "auto",
        sampling_callback=answering(answer, "sampling/createMessage", types.CreateMessageResult),
        elicitation_callback=answering(answer, "elicitation/create", types.ElicitResult),
        list_roots_callback=answering(answer, "roots/list", types.ListRootsResult),
        client_info=types.Implementation(name="peer-driver", version="1.0.0"),
    ) as client:
        yield Sdk(client)


play(f"py2-{sys.argv[sys.argv.index('--mode') + 1]}", open_client)
