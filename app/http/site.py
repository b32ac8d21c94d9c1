"""Where this installation is for who asks it. The `Host` that a request names is not believed.

It is believed only on the machine itself and in private networks, where people try things out by address.
"""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from app.http.services import services


def base_url(request: Request) -> str:
    """The beginning of links, without a slash at the end: the public URL, else the address that was reached."""
    public = services(request).public_url
    if public is not None:
        return public
    root = request.scope.get("root_path", "")
    host = request.headers.get("host", "")
    if _is_near(host):
        return f"{request.scope['scheme']}://{host}{root}"
    name, port = request.scope.get("server") or ("localhost", None)
    name = f"[{name}]" if ":" in name else name
    return f"{request.scope['scheme']}://{name}{f':{port}' if port else ''}{root}"


def is_secure(request: Request) -> bool:
    """Whether cookies go by TLS alone: not where one tries things out in the clear, or the public URL says so."""
    public = services(request).public_url
    if public is not None:
        return public.startswith("https:")
    return request.scope["scheme"] == "https" or not _is_near(request.headers.get("host", ""))


def is_own_page(request: Request) -> bool:
    """Whether a page of this origin asks, as browsers say it; what is no browser says nothing of the kind."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return True
    own = {request.headers.get("host"), urlsplit(services(request).public_url or "").netloc}
    return urlsplit(origin).netloc in own - {"", None}


def _is_near(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_private
    except ValueError:  # a name, or nonsense
        return False
