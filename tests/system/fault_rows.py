"""The table of faults: what an API server, or what is in front of it, does to a list or to a watch."""

import dataclasses
import json

import fake_faults as faults

KINDS = {"services": "Service", "slices": "EndpointSlice"}
SOON = {"retryAfterSeconds": 1}
ANY, MAYBE = "", "(maybe)"  # troubles


@dataclasses.dataclass
class Row:
    """`make(kind)` gives the faults anew; `watch`: they happen to watches; `trouble`: the log's words of it."""

    name: str
    watch: bool
    make: callable
    trouble: str = None  # None: nothing is said, as it is mended at once
    requests_max: int = 14  # while it lasts: more is hammering
    page_max: int = None  # objects a page, however many are asked for
    restart_s: float = None  # the server is away for so long as well
    bookmarks: bool = True
    forgets: bool = False  # what is deleted is deleted without an event
    seconds_min: float = 0.0  # it can't have been asked again before


def lists(name, make=None, trouble=None, **more):
    return Row(name, False, lambda _kind: faults_of(make), trouble, **more)


def watches(name, make=None, trouble=None, **more):
    return Row(name, True, lambda _kind: faults_of(make), trouble, **more)


def faults_of(make):
    """It gives one or several; None: none."""
    made = [] if make is None else make()
    return made if isinstance(made, list) else [made]


def told(name, words, ends=False, **more):
    """A watch that begins with `words`, or with those of its kind."""
    return Row(name, True, lambda kind: [faults.stream(words(kind) if callable(words) else words, ends=ends)], **more)


def filler(size_mib):
    return {"filler": "x" * (size_mib << 20)}


def with_huge(page):
    """An object as large as no server lets in, among those of a list."""
    big = json.loads(json.dumps(page["items"][0]))
    big["metadata"] |= {"name": "huge", "annotations": filler(5)}
    return page | {"items": [big, *page["items"]]}


def event(kind, type_word="ADDED", **metadata):
    version = {"Service": "v1", "EndpointSlice": "discovery.k8s.io/v1"}.get(kind, "v1")
    metadata = {"name": "stranger", "namespace": "default", "resourceVersion": "50"} | metadata
    obj = {"kind": kind, "apiVersion": version, "metadata": metadata}
    if kind is None:
        del obj["kind"]
    return json.dumps({"type": type_word, "object": obj}) + "\n"


def refusals(make_row, times):
    """HTTP statuses that are an answer to lists as well as to watches."""
    for code, headers, trouble in (
        (500, (), "HTTP 500: InternalError: because"),
        (503, ("Retry-After: 1",), "HTTP 503"),
        (504, (), "HTTP 504: Timeout"),
        (429, ("Retry-After: 1",), "HTTP 429: TooManyRequests"),
        (401, (), "HTTP 401: Unauthorized"),
        (302, ("Location: http://127.0.0.1:1/elsewhere",), "HTTP 302"),
        (400, (), "HTTP 400"),
        (418, (), "HTTP 418"),
    ):
        yield make_row(f"HTTP {code}", lambda c=code, h=headers: faults.refusal(c, *h, times=times), trouble=trouble)
    yield make_row("HTTP 500 in HTML", lambda: faults.text("<html>Oops", "text/html", 500), trouble="HTTP 500")
    yield make_row("HTTP 429 without Retry-After", lambda: faults.refusal(429), trouble="HTTP 429")
    yield make_row("HTTP 429, more in the Status", lambda: faults.refusal(429, details=SOON), trouble="HTTP 429")
    yield make_row("closed without a reply", lambda: faults.broken(times=times), trouble=MAYBE)
    yield make_row("reset without a reply", lambda: faults.broken(reset=True), trouble=MAYBE)
    yield make_row("no HTTP", lambda: faults.broken(b"SSH-2.0-OpenSSH_9.2\r\n"), trouble=ANY)
    yield make_row("half a head", lambda: faults.broken(b"HTTP/1.1 200 OK\r\nContent-Ty"), trouble=MAYBE)
    yield make_row("no word for a second, then the end", lambda: faults.silent(1.0), trouble=MAYBE)


def list_rows():
    yield from refusals(lists, 2)
    for cut in (0, 1, 30, 150, 400, 900):
        yield lists(f"cut after {cut} octets", lambda c=cut: faults.having(cut_after=c), trouble="list /")
    yield lists("cut again and again", lambda: faults.having(3, cut_after=200), trouble="list /")
    yield lists("HTTP 410", lambda: faults.refusal(410, times=2), trouble="HTTP 410")
    yield lists("each octet a chunk", lambda: faults.having(chunk=1))
    yield lists("chunks of seven octets", lambda: faults.having(chunk=7))
    yield lists("a pause in the middle", lambda: faults.having(stall_after=200, stall_s=2.0))
    yield lists("gzip of one member", lambda: faults.having(members=1))
    yield lists("gzip of one member, cut", lambda: faults.having(members=1, cut_after=100), trouble="list /")
    yield lists("gzip of many members", lambda: faults.having(members=5), trouble="list /")
    yield lists("gzip of many members, always", lambda: faults.having(None, members=5), page_max=2, trouble="list /")
    yield lists("valid HTTP, half the JSON", lambda: faults.shortened(300), trouble="list /")
    yield lists("valid HTTP, the last bracket missing", lambda: faults.shortened(-1), trouble="list /")
    yield lists("no octet of JSON", lambda: faults.shortened(0), trouble="list /")
    yield lists("the end of the connection is the end", faults.unsized)
    yield lists("the same, too early", lambda: faults.unsized(400), trouble="list /")
    yield lists("HTML", lambda: faults.text("<html><body>Please log in", "text/html"), trouble="list /")
    yield lists("plain text as content type", lambda: faults.having(content_type="text/plain"))
    yield lists("a Table", lambda: faults.reply(faults.table_of), trouble='kind "Table"')
    yield lists("a Status, though HTTP 200", lambda: faults.text(faults.status_of(500)), trouble='kind "Status"')
    yield lists("no kind", lambda: faults.rewritten(lambda page: page | {"kind": ""}), trouble="list /")
    yield lists("no version", lambda: faults.rewritten(lambda page: page | {"metadata": {}}), trouble="resourceVersion")
    yield lists("an object of 5 MiB among others", lambda: faults.rewritten(with_huge))
    yield lists("pretty-printed", lambda: faults.having(rewrite=lambda text: json.dumps(json.loads(text), indent=2)))
    yield lists("many pages", lambda: faults.having(None, page_max=2))
    yield lists("empty pages", lambda: [faults.having(3, page_max=0), faults.having(None, page_max=1)])
    yield lists("a continue token that expired", lambda: page_expired(1), page_max=2)
    yield lists("continue tokens that always expire", lambda: page_expired(None), page_max=2, requests_max=20)
    yield lists("a page lost", lambda: page_fault(faults.broken(b"HTTP/1.1 200 OK\r\n")), page_max=2, trouble="list /")
    yield lists("a page refused", lambda: page_fault(faults.refusal(500)), page_max=2, trouble="HTTP 500")


def page_fault(fault):
    """Happens to pages behind the first."""
    takes = fault.takes
    fault.takes = lambda request: "continue" in request.query and takes(request)
    return fault


def page_expired(times):
    def drop(exchange):
        exchange.api.store.drop_pages(exchange.request.table)

    return page_fault(faults.Fault(drop, times))


def watch_rows():
    yield from refusals(watches, 2)
    for reason in ("Expired", "Gone", ""):
        yield watches(f"HTTP 410 {reason}", lambda r=reason: faults.refusal(410, reason=r))
        yield told(f"ERROR 410 {reason}", faults.error(410, reason), ends=True)
    yield watches("410 again and again", lambda: faults.refusal(410, times=3), trouble="HTTP 410")
    yield told("ERROR 500", faults.error(500), ends=True, trouble="HTTP 500: InternalError")
    yield told("ERROR 504", faults.error(504), ends=True, trouble="HTTP 504")
    yield told("ERROR 429", faults.error(429, details=SOON), ends=True, trouble="HTTP 429")
    yield told("ERROR, and the stream goes on", faults.error(500), trouble="HTTP 500")
    yield told("ERROR that is no Status", '{"type":"ERROR","object":{"kind":"Pod"}}\n', trouble="no Status")
    for cut in (0, 1, 9, 100, 350, 420):
        yield watches(f"cut after {cut} octets", lambda c=cut: faults.having(cut_after=c), trouble=MAYBE)
    yield watches("each octet a chunk", lambda: faults.having(chunk=1))
    yield watches("chunks of seven octets", lambda: faults.having(chunk=7))
    yield watches("a pause in the middle of an event", lambda: faults.having(stall_after=120, stall_s=2.0))
    yield watches("ends as soon as it began", lambda: faults.stream(ends=True, times=3), trouble="watch /")
    yield watches("HTML", lambda: faults.text("<html><body>Please log in", "text/html"), trouble="watch /")
    yield watches("gzip that nobody asked for", faults.gzipped_stream, trouble="watch /")
    yield watches("a server that restarts", restart_s=0.7, trouble=ANY)
    yield watches("a server that is away for longer", restart_s=3.0, trouble=ANY)
    yield from told_rows()


def told_rows():
    """What stands in the stream before the events."""
    yield told("an event of a type of the future", '{"type":"RENAMED","object":{"kind":"x"}}\n')
    yield told("an event that is no object", "[]\n", trouble="watch /")
    yield told("an event without an object", '{"type":"ADDED"}\n', trouble="without type and object")
    yield told("a lonely bracket", "}\n", trouble="watch /")
    yield told("broken JSON inside", '{"type":"ADDED","object":{"kind":]}}\n', trouble="watch /")
    yield told("no kind", event(None), trouble="an event about a")
    yield told("a Table", event("Table"), trouble="an event about a Table")
    yield told("no resourceVersion", lambda kind: event(kind, resourceVersion=""), trouble="resourceVersion")
    yield told("an event of 5 MiB", lambda kind: event(kind, annotations=filler(5)), trouble="watch /")
    yield told("an event of 9 MiB", lambda kind: event(kind, annotations=filler(9)), trouble="watch /")
    yield told("an unknown object deleted", lambda kind: event(kind, "DELETED"))
    yield told("white space between events", lambda kind: " \n\r\t" + event(kind, "MODIFIED") + "\n\n")
