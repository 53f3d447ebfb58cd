"""Drives a server through the Python SDK 1.x."""

import sys
import warnings
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

import anyio
import mcp.types as types
from mcp import ClientSession, McpError, StdioServerParameters, stdio_client
from mcp.client.experimental.task_handlers import ExperimentalTaskHandlers
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl, ValidationError
from scenario import Failed, Tap, play

warnings.simplefilter("ignore")

# Requests and notifications the SDK has no type for go out as they are.
RawRequest = types.Request[dict[str, Any] | None, str]
RawNotification = types.Notification[dict[str, Any] | None, str]


class Tasks:
    """Answers requests that ask for a task with one that is finished by the time the server looks at it."""

    def __init__(self, answer):
        self._answer = answer
        self._results = {}

    def handlers(self):
        return ExperimentalTaskHandlers(
            augmented_sampling=lambda *_: self._create("sampling/createMessage"),
            augmented_elicitation=lambda *_: self._create("elicitation/create"),
            get_task=self._get,
            get_task_result=self._result,
        )

    async def _create(self, method):
        task = f"{len(self._results) + 1:032x}"
        self._results[task] = self._answer(method)["result"]
        return types.CreateTaskResult(task=self._task(task, "working"))

    async def _get(self, _context, params):
        return types.GetTaskResult(**self._task(params.taskId, "completed").model_dump())

    async def _result(self, _context, params):
        return types.GetTaskPayloadResult(**self._results[params.taskId])

    @staticmethod
    def _task(task, status):
        now = datetime.now(timezone.utc)
        return types.Task(taskId=task, status=status, createdAt=now, lastUpdatedAt=now, ttl=60_000)


class Sdk:
    era = "legacy"

    def __init__(self, session, initialized):
        self._session = session
        self._initialized = initialized

    def connected(self):
        return dump(self._initialized)

    async def request(self, method, params, *, raw, on_progress, cancel_after):
        call = self._raw if raw or method not in TYPED else self._typed
        try:
            if cancel_after is None:
                return dump(await call(method, params, on_progress))
            return dump(await self._cancelled(call, method, params, cancel_after))
        except McpError as error:
            raise Failed(name=type(error).__name__, **dump(error.error)) from error
        except (ValidationError, RuntimeError) as error:
            raise Failed(name=type(error).__name__, message=str(error)) from error

    async def notify(self, method):
        await self._session.send_notification(RawNotification(method=method, params=None))

    async def _typed(self, method, params, on_progress):
        return await TYPED[method](self._session, params or {}, on_progress)

    async def _raw(self, method, params, on_progress):
        request = RawRequest(method=method, params=params)
        return await self._session.send_request(request, types.Result, progress_callback=on_progress)

    async def _cancelled(self, call, method, params, cancel_after):
        """This SDK does not tell the server by itself that its caller has gone."""
        with anyio.move_on_after(cancel_after) as scope:
            result = await call(method, params, None)
        if not scope.cancelled_caught:
            return result
        request = self._session._request_id - 1
        notification = types.CancelledNotification(
            params=types.CancelledNotificationParams(requestId=request, reason="no longer wanted")
        )
        await self._session.send_notification(types.ClientNotification(notification))
        raise Failed(name="cancelled")


def page(params):
    return types.PaginatedRequestParams(**params) if params else None


TYPED = {
    "ping": lambda session, _, __: session.send_ping(),
    "tools/call": lambda session, params, on_progress: session.call_tool(
        params["name"], params.get("arguments"), progress_callback=on_progress, meta=params.get("_meta")
    ),
    "tools/list": lambda session, params, _: session.list_tools(params=page(params)),
    "resources/list": lambda session, params, _: session.list_resources(params=page(params)),
    "resources/templates/list": lambda session, params, _: session.list_resource_templates(params=page(params)),
    "resources/read": lambda session, params, _: session.read_resource(AnyUrl(params["uri"])),
    "resources/subscribe": lambda session, params, _: session.subscribe_resource(AnyUrl(params["uri"])),
    "resources/unsubscribe": lambda session, params, _: session.unsubscribe_resource(AnyUrl(params["uri"])),
    "prompts/list": lambda session, params, _: session.list_prompts(params=page(params)),
    "prompts/get": lambda session, params, _: session.get_prompt(params["name"], params.get("arguments")),
    "completion/complete": lambda session, params, _: session.complete(
        reference(params["ref"]), params["argument"], params.get("context", {}).get("arguments")
    ),
    "logging/setLevel": lambda session, params, _: session.set_logging_level(params["level"]),
}


def reference(ref):
    kind = types.PromptReference if ref["type"] == "ref/prompt" else types.ResourceTemplateReference
    return kind(**ref)


def dump(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


def answering(answer, method, kind):
    async def callback(*_):
        given = answer(method)
        return types.ErrorData(**given["error"]) if "error" in given else kind(**given["result"])

    return callback


def transport(command, environment, over):
    if over == "http":
        return streamable_http_client(command[0])
    if over == "sse":
        return sse_client(command[0])
    return stdio_client(StdioServerParameters(command=command[0], args=command[1:], env=environment))


@asynccontextmanager
async def open_client(command, environment, _mode, over, see, answer):
    async with transport(command, environment, over) as (read, write, *_):
        async with ClientSession(
            Tap(read, see),
            write,
            sampling_callback=answering(answer, "sampling/createMessage", types.CreateMessageResult),
            elicitation_callback=answering(answer, "elicitation/create", types.ElicitResult),
            list_roots_callback=answering(answer, "roots/list", types.ListRootsResult),
            client_info=types.Implementation(name="peer-driver", version="1.0.0"),
            experimental_task_handlers=Tasks(answer).handlers(),
        ) as session:
            yield Sdk(session, await session.initialize())


play("py1", open_client)
