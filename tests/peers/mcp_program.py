"""A program that talks to an MCP server as assistants do: one JSON-RPC message a line, over stdin and stdout."""

import json
import os
import subprocess
import sys
from pathlib import Path

_LAUNCHER = Path(__file__).with_name("mcp_at.py")
_PROTOCOL = "2025-03-26"


class McpProgram:
    """The running server; ``call`` uses one of its tools.

    Parameters
    ----------
    exchange : Sandbox
        Where its client shall ask, with the key of the first account.
    folder : Path
        Where it runs: it would read a ``.env`` from there.
    """

    def __init__(self, exchange, folder):
        address = exchange.http.removesuffix("/v2")
        key = {"COINEX_ACCESS_ID": exchange.key.access_id, "COINEX_SECRET_KEY": exchange.key.secret_key}
        self._process = subprocess.Popen(
            [sys.executable, str(_LAUNCHER), address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | key | {"NO_PROXY": "127.0.0.1"},
            cwd=folder,
            text=True,
        )
        self._last_id = 0

    def __enter__(self):
        me = {"name": "tests", "version": "1"}
        self._ask("initialize", {"protocolVersion": _PROTOCOL, "capabilities": {}, "clientInfo": me})
        self._say({"method": "notifications/initialized"})
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.terminate()
        self._process.wait(100)

    def tools(self):
        """Return the names of what it can do."""
        return {tool["name"] for tool in self._ask("tools/list", {})["tools"]}

    def call(self, tool, **arguments):
        """Return the exchange's whole answer as the tool passes it on."""
        found = self._ask("tools/call", {"name": tool, "arguments": arguments})
        text = found["content"][0]["text"]
        if found.get("isError"):
            raise AssertionError(text)
        return json.loads(text)

    def data(self, tool, **arguments):
        """Return the data of an answer that is no refusal."""
        answer = self.call(tool, **arguments)
        assert 0 == answer["code"], answer
        return answer["data"]

    def _ask(self, method, params):
        self._last_id += 1
        self._say({"id": self._last_id, "method": method, "params": params})
        while line := self._process.stdout.readline():
            told = json.loads(line)
            if told.get("id") == self._last_id:
                return told["result"]
        raise AssertionError(f"the server ended, with {self._process.wait(100)}")

    def _say(self, message):
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
        self._process.stdin.flush()
