"""What the shells complete: real bash runs our function, real zsh is typed into."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

import state
from harness import FEDNS, SystemTest, die_with_parent

SHELL_S = 20.0


def installed(program):
    path = shutil.which(program)
    if path is None:
        raise unittest.SkipTest(f"{program} is not installed")
    return path


class Completion(SystemTest):
    """The program that is completed is the one under test, by its name in the path."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "control.sock"
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "fedns").symlink_to(shutil.which(FEDNS))
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}

    def text_of(self, shell):
        done = self.fedns("completion", shell)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        path = self.folder / f"completion.{shell}"
        path.write_text(done.stdout)
        return path

    def start_control(self):
        self.write_config(f"control: {self.path}\n")
        self.write_state(state.guide())
        self.start()

    def test_other_shells_are_refused(self):
        for arguments in ([], ["fish"]):
            done = self.fedns("completion", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("bash or zsh", done.stderr)

    def commands(self):
        told = self.fedns("--help").stdout
        return re.findall(r"^  ([a-z]+) ", told, re.MULTILINE)

    def options(self, command):
        told = self.fedns(command, "--help").stdout
        return set(re.findall(r"^ {2,6}(?:-[a-z], )?(--[a-z-]+)", told, re.MULTILINE))

    # --- bash --------------------------------------------------------------------------------

    def bash(self, *words):
        """What bash would offer for the last of the words, which readline splits at = as well."""
        script = (
            f'source "{self.text_of("bash")}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
            '_fedns; [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            [installed("bash"), "--norc", "-c", script, "bash", *words], capture_output=True, text=True,
            timeout=SHELL_S, check=False, env=self.environment, cwd=self.folder,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_bash_text_is_clean(self):
        done = subprocess.run([installed("shellcheck"), "--shell=bash", self.text_of("bash")], capture_output=True,
                              text=True, timeout=SHELL_S, check=False)  # fmt: skip
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_bash_offers_every_command_and_option_and_no_other(self):
        commands = self.commands()
        self.assertGreater(len(commands), 15)
        self.assertEqual(sorted(self.bash("fedns", "")), sorted([*commands, "--help", "--version"]))
        self.assertEqual(self.bash("fedns", "rel"), ["reload"])
        for command in commands:
            offered = {word for word in self.bash("fedns", command, "--")}
            self.assertEqual(offered, self.options(command), command)

    def test_bash_offers_values(self):
        (self.folder / "one.yaml").write_text("")
        expected = (
            (["fedns", "status", "-o", ""], ["table", "wide", "json"]),
            (["fedns", "render", "-o", ""], ["zone", "json"]),
            (["fedns", "render", "--output", "=", "j"], ["json"]),
            (["fedns", "render", "--output", "="], ["zone", "json"]),
            (["fedns", "serve", "--dns-provider", "a"], ["alidns"]),
            (["fedns", "serve", "-c", "one"], ["one.yaml"]),
            (["fedns", "serve", "--federation", ""], []),
            (["fedns", "completion", ""], ["bash", "zsh"]),
            (["fedns", "force", "a/b", "c", ""], ["up", "down", "auto"]),
            (["fedns", "force", "-s", "x", "a/b", "c", "u"], ["up"]),
            (["fedns", "help", "unj"], ["unjoin"]),
            (["fedns", "nonsense", ""], []),
        )
        for words, offered in expected:
            with self.subTest(words=words):
                self.assertEqual(self.bash(*words), offered)

    def test_bash_asks_the_daemon_for_names(self):
        self.start_control()
        where = ["-s", str(self.path)]
        self.assertEqual(self.bash("fedns", "drain", *where, ""), ["beijing", "hangzhou", "shanghai"])
        self.assertEqual(self.bash("fedns", "drain", "-c", str(self.config_path), "h"), ["hangzhou"])
        self.assertEqual(self.bash("fedns", "drain", "--socket", "=", str(self.path), "b"), ["beijing"])
        self.assertEqual(self.bash("fedns", "drain", "hangzhou", *where, "--service", ""), ["default/nginx"])
        self.assertEqual(self.bash("fedns", "force", *where, "default/nginx", "s"), ["shanghai"])
        self.assertEqual(self.bash("fedns", "drain", ""), [])
        self.assertEqual(self.bash("fedns", "drain", "-s", "/nowhere", ""), [])

    def start_hostile(self):
        """Clusters whose names a shell would run, as whoever may write a Service can have them."""
        run = self.folder / "run"
        evil = [f"a$(touch${{IFS}}{run})", f"a`touch${{IFS}}{run}`", f"a;touch${{IFS}}{run}", "a'", "-s", "a\\n"]
        self.write_config(f"control: {self.path}\n")
        self.write_state(state.text(*state.CLUSTERS, state.service("b", dict.fromkeys([*evil, "able"], ["192.0.2.1"]))))
        self.start()
        return run

    def test_bash_runs_and_offers_nothing_of_a_hostile_name(self):
        run = self.start_hostile()
        where = ["-s", str(self.path)]
        self.assertEqual(self.bash("fedns", "drain", *where, ""), ["able", "beijing", "hangzhou"])
        self.assertEqual(self.bash("fedns", "drain", *where, "a"), ["able"])
        self.assertFalse(run.exists())

    # --- zsh ---------------------------------------------------------------------------------

    def zsh(self, *lines):
        """What each line becomes when Tab is hit at its end, in one zsh."""
        zsh = installed("zsh")
        functions = self.folder / "functions"
        functions.mkdir(exist_ok=True)
        shutil.copy(self.text_of("zsh"), functions / "_fedns")
        setup = (
            f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; "
            "PS1='> ' RPS1=; unsetopt prompt_cr prompt_sp; "
            "setopt no_beep no_always_last_prompt; LISTMAX=10000; "
            "shown() { print -rn -- $'\\n'\"<<$BUFFER>>\"; BUFFER=; }; zle -N shown; bindkey '^X' shown; "
            "bindkey '^I' complete-word\n"
        )
        (self.folder / ".zshrc").write_text(setup)
        screen = {"TERM": "dumb", "COLUMNS": "200", "LINES": "1000"}
        environment = {**self.environment, **screen, "ZDOTDIR": str(self.folder)}
        pid, terminal = pty.fork()
        if pid == 0:
            die_with_parent()
            os.chdir(self.folder)
            os.execve(zsh, [zsh, "-d", "-i"], environment)
        try:
            self.typed(terminal, "", "> ")
            found = [re.search(r"<<(.*?)>>", self.typed(terminal, f"{line}\t\x18", ">>"))[1] for line in lines]
        finally:
            os.close(terminal)
            os.waitpid(pid, 0)
        return found

    @staticmethod
    def typed(terminal, text, awaited):
        os.write(terminal, text.encode())
        told, end = "", time.monotonic() + SHELL_S
        while not re.search(re.escape(awaited), told.replace(text, "", 1)):
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"zsh doesn't come to {awaited!r}: {told!r}")
            told += os.read(terminal, 65536).decode(errors="replace")
        return told

    def test_zsh_completes(self):
        self.start_control()
        (self.folder / "one.yaml").write_text("")
        rows = (
            ("fedns rel", "fedns reload "),
            ("fedns render --ou", "fedns render --output="),
            ("fedns render --output=js", "fedns render --output=json "),
            ("fedns status -o wi", "fedns status -o wide "),
            ("fedns serve -c one", "fedns serve -c one.yaml "),
            ("fedns completion z", "fedns completion zsh "),
            ("fedns help unj", "fedns help unjoin "),
            ("fedns force a/b c au", "fedns force a/b c auto "),
            ("fedns init --nameserver=a=192.0.2.1 --nameser", "fedns init --nameserver=a=192.0.2.1 --nameserver="),
            ("fedns services --no", "fedns services --no-headers "),
            (f"fedns drain -s {self.path} h", f"fedns drain -s {self.path} hangzhou "),
            (f"fedns drain --socket={self.path} b", f"fedns drain --socket={self.path} beijing "),
            (f"fedns force -s {self.path} def", f"fedns force -s {self.path} default/nginx "),
        )
        self.assertEqual(self.zsh(*(line for line, _ in rows)), [whole for _, whole in rows])

    def test_zsh_runs_nothing_of_a_hostile_name(self):
        run = self.start_hostile()
        line = f"fedns drain -s {self.path} "
        self.assertEqual(self.zsh(f"{line}ab", f"{line}a$"), [f"{line}able ", f"{line}a$"])
        self.assertFalse(run.exists())

    def test_zsh_knows_every_command_and_option(self):
        text = pathlib.Path(self.text_of("zsh")).read_text()
        for command in self.commands():
            self.assertIn(f"'{command}:", text)
            part = re.search(rf"^\t{command}\)\n(.*?)\n\t\t;;", text, re.MULTILINE | re.DOTALL)[1]
            known = set(re.findall(r"['*,](--[a-z-]+)=?(?:\[|\})", part))
            self.assertEqual(known, self.options(command), command)


if __name__ == "__main__":
    unittest.main()
