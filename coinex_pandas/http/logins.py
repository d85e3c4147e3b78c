"""Who a request without a signature says it comes from: nobody, unless its address or netrc names somebody for it."""

from __future__ import annotations

import netrc
import os
from pathlib import Path
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from requests.utils import get_auth_from_url

__all__ = ["NoLogin", "login_for"]

_FILES = ("~/.netrc", "~/_netrc")


class NoLogin(AuthBase):
    """Sends a request as it is; without it, ``requests`` sends the default entry of netrc to any host."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request."""
        return request


def login_for(address: str, *, netrc_too: bool) -> AuthBase:
    """Return the login of an address.

    Parameters
    ----------
    address : str
        The venue's; a user and password in it are its login.
    netrc_too : bool
        Whether netrc counts: only the entry of this very host, for the default entry is meant for other machines.
    """
    user, password = get_auth_from_url(address)
    if user or password:
        return HTTPBasicAuth(user, password)
    entry = _entry(urlsplit(address).hostname or "") if netrc_too else None
    return NoLogin() if entry is None else HTTPBasicAuth(*entry)


def _entry(host: str) -> tuple[str, str] | None:
    """Return the user and password of a host's own entry in netrc."""
    names = (os.environ["NETRC"],) if "NETRC" in os.environ else _FILES
    path = next((path for path in (Path(name).expanduser() for name in names) if path.exists()), None)
    if path is None or host == "default":  # so the default entry is filed
        return None
    try:
        entry = netrc.netrc(path).hosts.get(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return None if entry is None else (entry[0] or entry[1] or "", entry[2] or "")
