"""What an answer looks like: JSON or XML, its headers, an error's body."""

import json
from xml.sax.saxutils import escape

from alidns.service import Reply

HOST = "alidns.aliyuncs.com"
JSON, XML = "application/json;charset=utf-8", "text/xml;charset=utf-8"


def _headers(kind, request_id):
    return [
        ("Content-Type", kind),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "*"),
        ("X-Acs-Request-Id", request_id),
        ("X-Acs-Trace-Id", request_id.replace("-", "").lower()),
    ]


def xml(name, value):
    if isinstance(value, dict):
        return f"<{name}>{''.join(xml(key, inner) for key, inner in value.items())}</{name}>"
    if isinstance(value, list):
        return "".join(xml(name, inner) for inner in value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _octets(form, root, members):
    if form == "XML":
        return f"<?xml version='1.0' encoding='UTF-8'?>{xml(root, members)}".encode()
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def good(form, action, request_id, members):
    """A 200; RequestId stands among the members, first."""
    body = _octets(form, f"{action}Response", {"RequestId": request_id} | members)
    return Reply(200, body, _headers(XML if form == "XML" else JSON, request_id))


def bad(form, request_id, refused, host=HOST):
    """The body of an error; `host` is where the client thought that it asks."""
    members = {"RequestId": request_id, "HostId": host, "Code": refused.code, "Message": refused.message}
    query = f"q={refused.code}&product=Alidns&requestId={request_id}"
    if form == "JSON":
        members |= {"Recommend": f"https://api.aliyun.com/troubleshoot?{query}"} | refused.more
    return Reply(refused.status, _octets(form, "Error", members), _headers(XML if form == "XML" else JSON, request_id))
