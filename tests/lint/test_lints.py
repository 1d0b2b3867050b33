#!/usr/bin/env python3
"""Each lint passes a good tree and names what is wrong in a bad one. Samples are written here, not kept as files, so
that no search through the tree meets them."""

import os
import tempfile
import unittest

import banned
import failures
import include_rule
import sizes
import words

HEADER = '#include "fedns/base.h"\n'
OPEN = "TO" + "DO"
AWAY = "/ho" + "me/alice/fedns"


def found(lint, files):
    """The lint's findings over a tree of `files`, as "path:line" texts."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return [f"{path}:{line}" for path, line, _ in lint.check(root)]


def function(lines, heading="static int deep(int a,\n                int b)\n"):
    """A C function of `lines` lines in all."""
    body = lines - heading.count("\n") - 2
    return heading + "{\n" + "\ta += b;\n" * body + "}\n"


class IncludeRule(unittest.TestCase):
    def good(self, path, text, **more):
        self.assertEqual(found(include_rule, {path: text, **more}), [])

    def bad(self, path, text, line=1, **more):
        self.assertEqual(found(include_rule, {path: text, **more}), [f"{path}:{line}"])

    def test_lower_rooms_and_own_headers_are_seen(self):
        self.good("src/compile/a.c", '#include "fedns/model.h"\n#include "fedns/compile.h"\n')
        self.good("src/cli/a.c", '#include "fedns/daemon.h"\n#include "fedns/config.h"\n#include "fedns/answer.h"\n')
        self.good("src/dns/a.c", '#include "b.h"\n', **{"src/dns/b.h": HEADER})
        self.good("include/fedns/serve.h", "#include <sys/socket.h>\n#include <fedns/answer.h>\n")

    def test_higher_rooms_are_not_seen(self):
        self.bad("src/model/a.c", HEADER + '#include "fedns/compile.h"\n', 2)
        self.bad("include/fedns/dns.h", '#include "fedns/model.h"\n')
        self.bad("src/daemon/a.c", "#include <fedns/cli.h>\n")

    def test_rooms_of_one_rank_do_not_see_one_another(self):
        self.bad("src/source/a.c", '#include "fedns/serve.h"\n')
        self.bad("src/serve/a.c", '#include "fedns/source.h"\n')

    def test_headers_with_names_of_their_own_have_a_home(self):
        self.bad("src/net/a.c", '#include "fedns/config.h"\n')
        self.bad("src/answer/a.c", '#include "fedns/resolver.h"\n')
        self.good("src/model/a.c", '#include "fedns/findings.h"\n#include "fedns/address.h"\n')

    def test_a_private_header_is_the_rooms_own(self):
        self.bad("src/answer/a.c", '#include "b.h"\n', **{"src/dns/b.h": HEADER})
        self.bad("src/answer/a.c", '#include "../dns/b.h"\n', **{"src/dns/b.h": HEADER})
        self.bad("include/fedns/dns.h", '#include "b.h"\n', **{"src/dns/b.h": HEADER})

    def test_pure_rooms_stay_pure(self):
        for name in ("uv", "ares", "jansson", "yaml", "pthread", "time", "sys/socket", "curl/curl", "unistd"):
            self.bad("src/answer/a.c", f"#include <{name}.h>\n")
        self.bad("src/base/bytes.c", "#include <arpa/inet.h>\n")
        self.good("src/base/address.c", "#include <arpa/inet.h>\n")
        self.good("src/net/a.c", "#include <uv.h>\n#include <time.h>\n")
        self.good("src/compile/a.c", "#include <stdlib.h>\n#include <string.h>\n")

    def test_the_log_is_for_ranks_from_five(self):
        self.bad("src/answer/a.c", '#include "fedns/log.h"\n')
        self.good("src/net/a.c", '#include "fedns/log.h"\n')
        self.good("src/base/log.c", '#include "fedns/log.h"\n#include <unistd.h>\n')

    def test_ldns_stays_inside_dns(self):
        self.good("src/dns/a.c", "#include <ldns/ldns.h>\n")
        self.bad("src/answer/a.c", "#include <ldns/ldns.h>\n")

    def test_pure_rooms_do_not_print(self):
        self.bad("src/model/a.c", 'void f(void)\n{\n\tprintf("x");\n}\n', 3)
        self.bad("src/model/a.c", 'void f(void)\n{\n\tfputs("x", out);\n}\n', 3)
        self.good("src/model/a.c", 'void f(char *t)\n{\n\tsnprintf(t, 3, "printf(");\n}\n/* no printf( here */\n')
        self.good("src/cli/a.c", 'void f(void)\n{\n\tprintf("x");\n}\n')

    def test_every_file_has_a_room(self):
        self.bad("src/misc/a.c", HEADER)
        self.bad("src/a.c", HEADER)
        self.bad("include/fedns/misc.h", HEADER)


class Banned(unittest.TestCase):
    def test_calls_are_found_in_code(self):
        for name in banned.BANNED:
            text = f"void f(void)\n{{\n\t{name} (0);\n}}\n"
            self.assertEqual(found(banned, {"src/base/a.c": text}), ["src/base/a.c:3"], name)

    def test_words_in_comments_strings_and_longer_names_are_not(self):
        text = '/* strcpy(a) */ // gets()\nconst char *a = "atoi(b)"; int x = my_strcpy(a) + snprintf(a, 1, b);\n'
        self.assertEqual(found(banned, {"src/base/a.c": text}), [])

    def test_tests_do_not_sleep_but_system_tests_may(self):
        text = "void f(void)\n{\n\tsle" + "ep(1);\n}\n"
        self.assertEqual(found(banned, {"tests/net/test_a.c": text}), ["tests/net/test_a.c:3"])
        self.assertEqual(found(banned, {"tests/system/a.c": text}), [])


class Sizes(unittest.TestCase):
    def test_files(self):
        for path in ("src/base/a.c", "tests/base/test_a.c", "tests/a.py"):
            self.assertEqual(found(sizes, {path: "\n" * 500}), [])
            self.assertEqual(found(sizes, {path: "\n" * 501}), [f"{path}:501"])
        self.assertEqual(found(sizes, {"conf/a.json": "\n" * 900}), [])

    def test_functions(self):
        before = "#include <a.h>\nstruct a {\n\tint b;\n};\n\n/* why\n * so */\n"
        self.assertEqual(found(sizes, {"src/base/a.c": before + function(60)}), [])
        self.assertEqual(found(sizes, {"src/base/a.c": before + function(61)}), ["src/base/a.c:8"])
        two = function(60) + "\n" + function(61, "enum err f(void)\n")
        self.assertEqual(found(sizes, {"src/base/a.c": two}), ["src/base/a.c:62"])

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = 'static void f(void)\n{\n\tg("\\n}", \'}\');\n/*\n}\n*/\n' + "\tg();\n" * 55 + "}\n"
        self.assertEqual(found(sizes, {"src/base/a.c": text}), ["src/base/a.c:1"])


class Words(unittest.TestCase):
    def test_work_left_open(self):
        self.assertEqual(found(words, {"src/base/a.c": f"\n/* {OPEN}: more */\n"}), ["src/base/a.c:2"])
        self.assertEqual(found(words, {"src/base/a.c": f"/* {OPEN}S are {OPEN.lower()} */\n"}), [])

    def test_paths_of_one_machine(self):
        self.assertEqual(found(words, {"conf/a.yaml": f"file: {AWAY}\n"}), ["conf/a.yaml:1"])
        text = "see https://example.net/home/alice and $HOME/x, ../work/x, /var/lib/fedns, /run/fedns\n"
        self.assertEqual(found(words, {"README.md": text}), [])


class Failures(unittest.TestCase):
    """The table of what fails, its tests, and the README's."""

    HEAD = "## What fails, and what is served then\n\n| what happens | what is served | shown by |\n|---|---|---|\n"
    README = "### When things go wrong\n\n| what happens | what is served |\n|---|---|\n"
    TEST = "class A:\n    def test_it(self):\n        pass\n"
    ROW = "| a | b | `system/test_a.py: test_it` |\n"

    def found(self, page, readme="", **more):
        files = {"conf/doc/operations.md": page, "README.md": self.README + readme, "tests/system/test_a.py": self.TEST}
        return found(failures, {**files, **more})

    def test_rows_with_tests_that_are_there(self):
        story = "| c | d | `system/test_a.py: test_it`<br>`cases/health/c.story` |\n"
        more = {"tests/cases/health/c.story": "", "tests/a/test_b.c": "static void works(void **state)\n{\n}\n"}
        unit = "| e | f | `a/test_b.c: works` |\n"
        self.assertEqual(self.found(self.HEAD + self.ROW + story + unit, "| c | d |\n", **more), [])

    def test_tests_that_are_not_there(self):
        gone = ("`system/test_a.py: test_other`", "`system/test_c.py: test_it`", "`cases/health/d.story`")
        for cell in (*gone, "`system/test_a.py`", "", "x"):
            self.assertIn("conf/doc/operations.md:5", self.found(f"{self.HEAD}| a | b | {cell} |\n"), cell)

    def test_a_readme_that_tells_otherwise(self):
        for row in ("| a | c |\n", "| z | b |\n"):
            self.assertEqual(self.found(self.HEAD + self.ROW, row), ["README.md:5"])

    def test_a_table_that_is_gone(self):
        self.assertEqual(self.found("# Operating\n"), ["conf/doc/operations.md:1"])


if __name__ == "__main__":
    unittest.main()
