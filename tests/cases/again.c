/* Runs the program's main() once for each line that it is given, each time in a process forked off:
 * the start of a program with sanitizers costs more than a case does, and this one is started
 * once for all cases.
 *
 * A line is STDOUT, STDERR and the arguments, all with a tab between; a line with the exit status
 * answers it, 128 and more: the signal that ended it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_SIZE_MAX 8192
#define FIELDS_MAX    16
#define DEADLINE_S    20
#define NOT_BEGUN     125

/* The linker calls main() of the program the first, and ours the second (--wrap). */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static void stream_to(int fd, const char *path, int flags)
{
	int file = open(path, flags | O_CLOEXEC, 0600);
	if (file < 0 || dup2(file, fd) < 0)
		_exit(NOT_BEGUN);
	(void)close(file);
}

/* Does not come back. */
static void child_run(char *program, char **fields, int count)
{
	char *argv[FIELDS_MAX + 1] = {program};
	for (int i = 2; i < count; i++)
		argv[i - 1] = fields[i];
	stream_to(STDIN_FILENO, "/dev/null", O_RDONLY);
	stream_to(STDOUT_FILENO, fields[0], O_WRONLY | O_CREAT | O_TRUNC);
	stream_to(STDERR_FILENO, fields[1], O_WRONLY | O_CREAT | O_TRUNC);
	(void)alarm(DEADLINE_S);
	exit(__real_main(count - 1, argv));
}

/* Without stdio: what it had read ahead, the child would have too. */
static int line_read(char *line)
{
	size_t size = 0;
	while (size < LINE_SIZE_MAX && read(STDIN_FILENO, line + size, 1) == 1) {
		if (line[size] == '\n') {
			line[size] = '\0';
			return 1;
		}
		size++;
	}
	return 0;
}

static int fields_split(char *line, char **fields)
{
	int count = 0;
	while (line != NULL && count < FIELDS_MAX)
		fields[count++] = strsep(&line, "\t");
	return line == NULL ? count : 0;
}

int __wrap_main(int argc, char **argv)
{
	static char line[LINE_SIZE_MAX];
	char *fields[FIELDS_MAX];
	(void)argc;
	while (line_read(line)) {
		int status = 0, count = fields_split(line, fields);
		if (count < 3)
			return EXIT_FAILURE;
		pid_t child = fork();
		if (child == 0)
			child_run(argv[0], fields, count);
		if (child < 0 || waitpid(child, &status, 0) != child)
			return EXIT_FAILURE;
		(void)dprintf(STDOUT_FILENO, "%d\n",
		              WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	}
	return EXIT_SUCCESS;
}
