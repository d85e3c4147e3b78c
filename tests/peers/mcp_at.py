"""Run coinex-mcp-server over stdio, told another address and nothing else: ``python mcp_at.py http://127.0.0.1:8765``."""

import sys

from coinex_mcp_server import main as server

ADDRESS = sys.argv.pop(1)


class Client(server.CoinExClient):
    """The server's own client; its address is an attribute that the server has no setting for."""

    def __init__(self, *args, **keywords):
        super().__init__(*args, **keywords)
        self.base_url = ADDRESS


if __name__ == "__main__":
    server.CoinExClient = Client
    server.main()
