"""A certificate authority for one test, by the command `openssl`, and contexts made of it."""

import shutil
import ssl
import subprocess
import unittest


def authority(folder):
    """Make ca.crt, server.crt and server.key in `folder`; for 127.0.0.1, localhost and the API's own name."""
    if shutil.which("openssl") is None:
        raise unittest.SkipTest("openssl is not installed")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:alidns.aliyuncs.com,DNS:sts.aliyuncs.com"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority")
    signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-subj", "/CN=test", "-addext", names]
    _openssl(folder, "req", "-x509", *key, "-keyout", "server.key", "-out", "server.crt", *signed)
    return folder / "ca.crt"


def _openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def context(folder):
    """The server's side; authority() has been there."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(folder / "server.crt", folder / "server.key")
    return made
