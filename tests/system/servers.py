"""Other name servers, told to serve one zone: each writes its configuration into `folder` and returns its command.

The zone's master file is `folder`/../zone. `more` is text to add: for NSD behind the zone's section, else to the
server's own. tests/bench measures these beside fedns, and rules.py holds the protocol tests against them.
"""

import shutil


def gdnsd(folder, port, zone):
    (folder / "zones").mkdir()
    shutil.copy(folder.parent / "zone", folder / "zones" / zone)
    (folder / "config").write_text(
        f"options => {{ listen => [ 127.0.0.1:{port} ], udp_threads = 1, tcp_threads = 1,"
        f" run_dir = {folder}/run, state_dir = {folder}/state, zones_default_ttl = 180 }}\n"
    )
    return ["gdnsd", "-c", folder, "start"]


def nsd(folder, port, zone, more=""):
    (folder / "nsd.conf").write_text(
        f'server:\n ip-address: 127.0.0.1@{port}\n server-count: 1\n rrl-ratelimit: 0\n username: ""\n zonesdir: "{folder}"\n'
        f' database: ""\n pidfile: "{folder}/pid"\n xfrdfile: "{folder}/xfrd"\n zonelistfile: "{folder}/list"\n'
        f'remote-control:\n control-enable: no\nzone:\n name: {zone}\n zonefile: "{folder.parent}/zone"\n{more}'
    )
    return ["nsd", "-d", "-c", folder / "nsd.conf"]


def knotd(folder, port, zone, more=""):
    (folder / "knot.conf").write_text(
        f"server:\n  rundir: {folder}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  tcp-workers: 1\n"
        f"  background-workers: 1\n{more}database:\n  storage: {folder}\nzone:\n - domain: {zone}\n"
        f"   file: {folder.parent}/zone\n   zonefile-sync: -1\n   journal-content: none\n"
    )
    return ["knotd", "-c", folder / "knot.conf"]


def named(folder, port, zone, more=""):
    (folder / "named.conf").write_text(
        f'options {{ directory "{folder}"; pid-file "{folder}/pid"; session-keyfile "{folder}/key";\n'
        f" listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;{more} }};\n"
        f'controls {{ }};\nzone "{zone}" {{ type master; file "{folder.parent}/zone"; }};\n'
    )
    return ["named", "-g", "-n", "1", "-c", folder / "named.conf"]
