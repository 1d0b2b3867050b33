"""Both signatures of the RPC APIs. All works on decoded octets: how a client escaped its parameters is its business.

Parameters are lists of (name, value), both octets.
"""

import base64
import hashlib
import hmac
import urllib.parse

PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
ACS3 = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


def escape(octets):
    """As both signatures have it: every octet but the unreserved ones, upper case."""
    octets = octets.encode() if isinstance(octets, str) else octets
    return "".join(chr(octet) if octet in PLAIN else f"%{octet:02X}" for octet in octets)


def decode(text, form):
    """(name, value) pairs of a query, or of a form, where + is a blank."""
    pairs = []
    for part in text.split("&") if text else []:
        name, _equals, value = part.partition("=")
        if form:
            name, value = name.replace("+", " "), value.replace("+", " ")
        pairs.append((urllib.parse.unquote_to_bytes(name), urllib.parse.unquote_to_bytes(value)))
    return pairs


def canonical(pairs):
    return "&".join(f"{escape(name)}={escape(value)}" for name, value in sorted(pairs))


def v1(method, pairs, secret):
    """HMAC-SHA1 over query and form together; returns the signature and what was signed."""
    text = f"{method}&%2F&" + escape(canonical([pair for pair in pairs if pair[0] != b"Signature"]))
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode(), text


def acs3(method, path, query, headers, signed, body, secret):
    """HMAC-SHA256; `headers` by lower-case name, `signed` their names in order. As v1()."""
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    payload = hashlib.sha256(body).hexdigest()
    request = "\n".join([method, path, canonical(query), lines, ";".join(signed), payload])
    text = f"{ACS3}\n" + hashlib.sha256(request.encode("utf-8", "surrogateescape")).hexdigest()
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(), text


def must_sign(headers):
    """The names that an ACS3 signature has to hold."""
    return {name for name in headers if name in ("host", "content-type") or name.startswith("x-acs-")}
