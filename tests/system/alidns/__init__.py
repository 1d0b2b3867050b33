"""A local Alibaba Cloud DNS (Alidns 2015-01-09) for tests: see README.md; `alidns.server.Alidns` is the way in."""
