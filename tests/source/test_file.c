/* file_read and state_load: which files are read, and that a bad one changes nothing. */
#include "folder.h"
#include "rig.h"

static void reads_a_whole_file(void **state)
{
	(void)state;
	struct folder folder;
	struct buf text;
	struct why why;
	folder_make(&folder);
	static const char *const TEXTS[] = {"", "x", "some\ntext\n"};
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		folder_write(&folder, "file", TEXTS[i]);
		assert_int_equal(file_read(folder_path(&folder, "file"), 10, &text, &why), ERR_OK);
		assert_true(bytes_equal(buf_bytes(&text), bytes_of(TEXTS[i])));
		buf_free(&text);
	}
	folder_remove(&folder);
}

static void refuses_what_is_no_regular_file_of_good_size(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	folder_write(&folder, "large", "0123456789a");
	assert_int_equal(mkfifo(folder_path(&folder, "fifo"), 0600), 0);
	assert_int_equal(symlink("nowhere", folder_path(&folder, "link")), 0);
	const struct {
		const char *name;
		enum err err;
		const char *why;
	} cases[] = {
		{"large", ERR_LIMIT, "large: above 0 MiB (10 octets), the most that is read"},
		{"fifo", ERR_IO, "fifo: not a regular file"},
		{".", ERR_IO, "/.: not a regular file"},
		{"missing", ERR_IO, "missing: open: No such file or directory"},
		{"link", ERR_IO, "link: open: No such file or directory"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf text;
		struct why why = {{0}};
		const char *path = folder_path(&folder, cases[i].name);
		assert_int_equal(file_read(path, 10, &text, &why), cases[i].err);
		assert_null(text.data);
		assert_int_equal(strncmp(why.text, path, strlen(path)), 0);
		assert_non_null(strstr(why.text, cases[i].why));
	}
	folder_remove(&folder);
}

static void a_file_above_the_maximum_is_not_read(void **state)
{
	(void)state;
	struct folder folder;
	struct rig rig;
	folder_make(&folder);
	rig_init(&rig);
	folder_write(&folder, "large", "");
	const char *path = folder_path(&folder, "large");
	assert_int_equal(truncate(path, (off_t)300 << 20), 0); /* sparse */
	assert_int_equal(state_load(path, rig.model, RIG_NOW_MS, &rig.findings, &rig.why), ERR_LIMIT);
	assert_non_null(strstr(rig.why.text, "above 256 MiB"));
	rig_clear(&rig);
	folder_remove(&folder);
}

#define STATE(cluster)                                                                             \
	"[\n{\"apiVersion\":\"federation/"                                                             \
	"v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"" cluster "\"}}"

static void a_bad_file_leaves_the_model_as_it_was(void **state)
{
	(void)state;
	struct folder folder;
	struct rig rig;
	folder_make(&folder);
	rig_init(&rig);
	const char *path = folder_path(&folder, "state.json");
	folder_write(&folder, "state.json", STATE("a") "]");
	assert_int_equal(state_load(path, rig.model, RIG_NOW_MS, &rig.findings, &rig.why), ERR_OK);
	folder_write(&folder, "state.json", STATE("b"));
	assert_int_equal(state_load(path, rig.model, RIG_NOW_MS, &rig.findings, &rig.why), ERR_INVALID);
	char why[PATH_MAX];
	(void)snprintf(why, sizeof why,
	               "%s: line 2, column 77: expected ',' or ']', but the text ends here", path);
	assert_string_equal(rig.why.text, why);
	assert_null(rig.findings.file);
	assert_non_null(strstr(rig_text(&rig), "\"name\":\"a\""));
	assert_null(strstr(rig_text(&rig), "\"name\":\"b\""));
	folder_write(&folder, "state.json", STATE("c") "]");
	assert_int_equal(state_load(path, rig.model, RIG_NOW_MS, &rig.findings, &rig.why), ERR_OK);
	assert_null(strstr(rig_text(&rig), "\"name\":\"a\""));
	rig_clear(&rig);
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_file),
		cmocka_unit_test(refuses_what_is_no_regular_file_of_good_size),
		cmocka_unit_test(a_file_above_the_maximum_is_not_read),
		cmocka_unit_test(a_bad_file_leaves_the_model_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
