"""Plays one scenario file through a client SDK and writes down all that the client saw.

Usage of every driver: drive.py SCENARIO --out FILE [--mode MODE] -- COMMAND ARGS…
                       drive.py SCENARIO --out FILE [--mode MODE] --over http|sse -- URL
The working folder is the scenario's `${work}`.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

import anyio

PATIENCE_SECONDS = 20

# Variables the server must see besides those the SDK passes on by itself.
PASSED_ON = ("XDG_STATE_HOME", "XDG_CONFIG_HOME")


def command_line():
    split = sys.argv.index("--")
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--mode")
    parser.add_argument("--over", default="stdio")
    arguments = parser.parse_args(sys.argv[1:split])
    return arguments, sys.argv[split + 1 :]


class Journal:
    """What arrived from the server, as it was on the wire."""

    def __init__(self):
        self.frames = []

    def since(self, mark):
        news = self.frames[mark:]
        return {
            "responses": sorted((frame for frame in news if "method" not in frame), key=lambda frame: frame["id"]),
            "requests": [frame for frame in news if "method" in frame and "id" in frame],
        }

    async def until(self, mark, method, contains=""):
        with anyio.fail_after(PATIENCE_SECONDS):
            while not any(
                frame.get("method") == method and contains in json.dumps(frame) for frame in self.frames[mark:]
            ):
                await anyio.sleep(0.005)

    def notifications(self):
        """By method: when one arrives relative to other frames is the server's timing, their order per method is not."""
        by_method = {}
        for frame in self.frames:
            if "method" in frame and "id" not in frame:
                by_method.setdefault(frame["method"], []).append(frame)
        return dict(sorted(by_method.items()))


class Tap:
    """A read stream that shows every message to `see` on its way."""

    def __init__(self, stream, see):
        self._stream = stream
        self._see = see

    def __getattr__(self, name):
        return getattr(self._stream, name)

    async def receive(self):
        item = await self._stream.receive()
        if not isinstance(item, Exception):
            message = getattr(item.message, "root", item.message)
            self._see(message.model_dump(mode="json", by_alias=True, exclude_unset=True))
        return item

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self):
        await self._stream.__aenter__()
        return self

    async def __aexit__(self, *why):
        return await self._stream.__aexit__(*why)


class Surroundings:
    """The human, the model and the workspace behind the client: answers in the order the scenario gives them."""

    def __init__(self, answers, roots):
        self._standing = answers
        self._queued = {}
        self._roots = roots

    def enter(self, step):
        self._queued = {method: list(answers) for method, answers in step.get("answers", {}).items()}
        self._roots = step.get("roots", self._roots)

    def answer(self, method):
        """Either `{"result": …}` or `{"error": {"code": …, "message": …}}`."""
        if method == "roots/list":
            return {"result": {"roots": self._roots}}
        queue = self._queued.get(method)
        return queue.pop(0) if queue else self._standing[method]


class Failed(Exception):
    """An error the SDK raised for a request, in the form the transcript shows."""

    def __init__(self, **error):
        super().__init__(error)
        self.error = error


def play(name, open_client):
    """Runs the scenario and writes the transcript.

    `open_client(command, environment, mode, over, see, answer)` is an asynchronous context manager giving the SDK behind
    `era`, `connected()`, `request(method, params, raw=…, on_progress=…, cancel_after=…)` and `notify(method)`.
    """
    anyio.run(_play, name, open_client)


async def _play(name, open_client):
    arguments, command = command_line()
    scenario = json.loads(arguments.scenario.read_text())
    values = {"work": os.getcwd(), "long": "0123456789abcde\n" * 4096}
    saved = {}
    environment = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    environment |= fill(scenario.get("environment", {}), values)
    journal = Journal()
    surroundings = Surroundings(fill(scenario.get("answers", {}), values), fill(scenario.get("roots", []), values))
    spawned = watch_spawning()

    mode, over = arguments.mode, arguments.over
    async with open_client(command, environment, mode, over, journal.frames.append, surroundings.answer) as sdk:
        for awaited in of(sdk.era, scenario.get("settled", [])):
            await journal.until(0, **awaited)
        connect = {"step": "connect", "expect": "result", "outcomes": [{"result": sdk.connected()}]}
        transcript = [connect | journal.since(0)]
        for step in fill(scenario["steps"], values):
            if "only" in step and not {name, sdk.era} & set(step["only"]):
                continue
            surroundings.enter(step)
            mark = len(journal.frames)
            outcomes = await perform(sdk, fill(step, saved))
            for awaited in of(sdk.era, step.get("await", [])):
                await journal.until(mark, **awaited)
            await anyio.sleep(step.get("pause", 0) / 1000)
            for key, path in step.get("save", {}).items():
                saved[key] = pick(outcomes[0]["result"], path)
            transcript.append(label(step, sdk.era) | {"outcomes": outcomes} | journal.since(mark))
        if scenario.get("exit") != "when told" and over == "stdio":
            await hang_up(spawned[-1])
        era = sdk.era

    seen = {
        "client": name,
        "era": era,
        "steps": transcript,
        "notifications": journal.notifications(),
        "exit": scenario.get("exit", spawned[-1].returncode if over == "stdio" else None),
    }
    normal = normalise(seen, scenario.get("normalise", []), saved)
    arguments.out.write_text(json.dumps(normal, indent=1, ensure_ascii=False) + "\n")


def of(era, awaited):
    """What is said by itself only by a server that knows the session: modern clients have to ask for it."""
    return [] if era == "modern" else awaited


def label(step, era):
    expect = step.get("expect", "result")
    shown = {key: step[key] for key in ("step", "method", "params") if key in step}
    return shown | {"expect": expect[era] if isinstance(expect, dict) else expect}


async def perform(sdk, step):
    if "notify" in step:
        await sdk.notify(step["notify"])
    if "method" not in step:
        return []
    times = step.get("times", 1)
    outcomes = [None] * times

    async def one(i):
        outcomes[i] = await ask(sdk, step, fill(step.get("params"), {"i": str(i)}))

    async with anyio.create_task_group() as group:
        for i in range(times):
            group.start_soon(one, i)
    return outcomes


async def ask(sdk, step, params):
    # Of an update that comes in one read with the answer an SDK may not tell: the frames hold them all.
    shown = {"progressed": False} if step.get("progress") else {}

    async def on_progress(*_):
        shown["progressed"] = True

    try:
        result = await sdk.request(
            step["method"],
            params,
            raw=step.get("raw", False),
            on_progress=on_progress if step.get("progress") else None,
            cancel_after=step["cancel_after_ms"] / 1000 if "cancel_after_ms" in step else None,
        )
    except Failed as failed:
        return {"error": failed.error} | shown
    if "nextCursor" in result:
        shown["more"] = await ask(sdk, step, (params or {}) | {"cursor": result["nextCursor"]})
    return {"result": result} | shown


def pick(value, path):
    for key in path.split("."):
        value = value[key]
    return value


def fill(value, values):
    """Replaces each `${name}` whose value is known in every string."""
    return walk(value, lambda text: re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[0]), text))


def normalise(seen, rules, saved):
    def name_saved(text):
        for key, value in saved.items():
            text = text.replace(value, f"<{key}>")
        return text

    return scrub(walk(seen, name_saved), [rule | {"find": re.compile(rule["find"])} for rule in rules])


def scrub(value, rules):
    """Applies the rules to every string; a match also hides the values beside it that a rule calls `siblings`."""
    if isinstance(value, str):
        for rule in rules:
            value = rule["find"].sub(lambda _, put=rule["put"]: put, value)
        return value
    if isinstance(value, list):
        return [scrub(item, rules) for item in value]
    if not isinstance(value, dict):
        return value
    strings = [item for item in value.values() if isinstance(item, str)]
    hidden = {
        sibling
        for rule in rules
        if any(rule["find"].search(text) for text in strings)
        for sibling in rule.get("siblings", [])
    }
    return {key: "<random>" if key in hidden else scrub(item, rules) for key, item in value.items()}


def walk(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [walk(item, change) for item in value]
    if isinstance(value, dict):
        return {key: walk(item, change) for key, item in value.items()}
    return value


def watch_spawning():
    """Remembers the processes the SDK's stdio transport starts: it keeps how they ended to itself."""
    spawned = []
    open_process = anyio.open_process

    async def remember(*args, **options):
        process = await open_process(*args, **options)
        spawned.append(process)
        return process

    anyio.open_process = remember
    return spawned


async def hang_up(process):
    """Closes its input and lets it end in its own time; an SDK would send a signal after two seconds."""
    await process.stdin.aclose()
    with anyio.move_on_after(PATIENCE_SECONDS):
        await process.wait()
