/* annotation_read: what it lists, what it leaves out, and what it says about that. */
#include "annotation.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heard {
	char text[8192];
	size_t size;
};

static void hear(void *arg, const struct finding *finding)
{
	struct heard *heard = arg;
	int size = snprintf(heard->text + heard->size, sizeof heard->text - heard->size, "%s %s\n",
	                    finding_reason_text(finding->reason), finding->text);
	assert_true(size > 0 && (size_t)size < sizeof heard->text - heard->size);
	heard->size += (size_t)size;
}

/* "CLUSTER=ADDRESS,HOST CLUSTER=", into `out[4096]`. */
static void print(const struct annotation *annotation, char *out)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < annotation->entry_count; i++) {
		const struct ingress_seen *entry = &annotation->entries[i];
		used += (size_t)snprintf(out + used, 4096 - used, "%s%.*s=", i == 0 ? "" : " ",
		                         BYTES_ARG(entry->cluster));
		for (size_t k = 0; k < entry->address_count; k++) {
			char text[ADDRESS_TEXT_SIZE];
			address_text(&entry->addresses[k], text);
			used += (size_t)snprintf(out + used, 4096 - used, "%s,", text);
		}
		for (size_t k = 0; k < entry->host_count; k++) {
			char text[NAME_TEXT_SIZE];
			name_text(name_bytes(&entry->hosts[k]), text);
			used += (size_t)snprintf(out + used, 4096 - used, "%s,", text);
		}
	}
}

#define NOTHING                                                                                    \
	"annotation service ns/s: the ingress annotation lists nothing, so the service has no names: "
#define LIST(items) "{\"items\":[{\"cluster\":\"c\",\"items\":" items "}]}"

static const struct {
	const char *text, *lists, *says;
} CASES[] = {
	{"{\"items\":[{\"cluster\":\"b\",\"items\":[{\"ip\":\"139.196.70.146\"}]},{\"cluster\":"
     "\"h\","
     "\"items\":[{\"ip\":\"120.55.149.69\"},{\"hostname\":\"lb.example\"}]}]}",
     "b=139.196.70.146, h=120.55.149.69,lb.example.,", ""},
	/* nothing listed, rightly */
	{"{}", "", ""},
	{" null ", "", ""},
	{"{\"items\":null}", "", ""},
	{"{\"items\":[]}", "", ""},
	{"{\"Xitems\":[7]}", "", ""},
	/* nothing listed, wrongly */
	{"", "", NOTHING "line 1, column 1: expected a JSON value, but the text ends here\n"},
	{"{\"items\":[", "",
     NOTHING "line 1, column 11: expected a JSON value, but the text ends here\n"},
	{"{\"items\":[]}x", "", NOTHING "line 1, column 13: text after the value\n"},
	{"{\"items\":[]}{}", "", NOTHING "line 1, column 13: text after the value\n"},
	{"[]", "", NOTHING "it is no JSON object\n"},
	{"7", "", NOTHING "it is no JSON object\n"},
	{"{\"items\":{}}", "", NOTHING "its `items` is no array\n"},
	{"{\"items\":\"\"}", "", NOTHING "its `items` is no array\n"},
	/* listed, nothing healthy (rule 1) */
	{LIST("null"), "c=", ""},
	{LIST("[]"), "c=", ""},
	{"{\"items\":[{\"cluster\":\"c\"}]}", "c=", ""},
	/* keys in any case; the last in text order counts */
	{"{\"ITEMS\":[{\"Cluster\":\"c\",\"iTeMs\":[{\"IP\":\"192.0.2.1\"},{\"HostName\":\"a.b\"}]}"
     "]}",
     "c=192.0.2.1,a.b.,", ""},
	{"{\"items\":[{\"cluster\":\"a\"}],\"Items\":[{\"cluster\":\"b\",\"CLUSTER\":\"c\"}]}",
     "c=", ""},
	{"{\"items\":[{\"cluster\":\"a\"}],\"Items\":[{\"cluster\":\"b\"}],\"items\":[{\"cluster\":"
     "\"c\"}]}",
     "c=", ""},
	{"{\"\\u0049tems\":[{\"cluster\":\"\\u0063\"}]}", "c=", ""},
	/* two entries of one cluster stay two here; the model adds them up */
	{"{\"items\":[{\"cluster\":\"c\",\"items\":[{\"ip\":\"192.0.2.1\"}]},{\"cluster\":\"c\"}]}",
     "c=192.0.2.1, c=", ""},
	/* bad entries, alone */
	{"{\"items\":[null,7,[],{},{\"cluster\":\"\"},{\"cluster\":7},{\"cluster\":null},{"
     "\"cluster\":\"c\"}]}",
     "c=",
     "7*annotation service ns/s: an entry of the ingress annotation names no cluster; it is "
     "left out\n"},
	{"{\"items\":[{\"cluster\":\"a\",\"items\":{}},{\"cluster\":\"c\"}]}", "c=",
     "annotation service ns/s: cluster a: its `items` is an object instead of an array; the "
     "entry is "
     "left out\n"},
	/* bad items, alone */
	{LIST("[7,{\"ip\":\"192.0.2.1\"}]"), "c=192.0.2.1,",
     "annotation service ns/s: cluster c: a number among its items, which is no address; it is "
     "left "
     "out\n"},
	{LIST("[{},{\"ip\":\"\"},{\"ip\":null,\"hostname\":\"\"}]"), "c=",
     "3*annotation service ns/s: cluster c: an item has neither `ip` nor `hostname`; it is "
     "left out\n"},
	{LIST("[{\"ip\":5},{\"ip\":\"192.0.2.1\"}]"), "c=192.0.2.1,",
     "address service ns/s: cluster c: `ip` is a number instead of a string; it is left out\n"},
	{LIST("[{\"hostname\":[]}]"), "c=",
     "host service ns/s: cluster c: `hostname` is an array instead of a string; it is left "
     "out\n"},
	/* ip wins; hostname is used where ip is absent or bad */
	{LIST("[{\"hostname\":\"a.b\",\"ip\":\"2001:db8::1\"}]"), "c=2001:db8::1,", ""},
	{LIST("[{\"hostname\":7,\"ip\":\"::ffff:192.0.2.1\"}]"), "c=192.0.2.1,", ""},
	{LIST("[{\"ip\":5,\"hostname\":\"a.b\"}]"), "c=a.b.,",
     "address service ns/s: cluster c: `ip` is a number instead of a string; it is left out\n"},
	{LIST("[{\"ip\":\"\",\"hostname\":\"a.b\"}]"), "c=a.b.,", ""},
	{LIST("[{\"hostname\":\"a..b\"}]"),
     "c=", "host service ns/s: cluster c: host name \"a..b\" is left out: *"},
	{LIST("[{\"ip\":\"a.b\"}]"),
     "c=", "address service ns/s: cluster c: address \"a.b\" is left out: *"},
	{LIST("[{\"ip\":\"a.b\",\"hostname\":\"x.y\"}]"), "c=x.y.,",
     "address service ns/s: cluster c: address \"a.b\" is left out: *"},
	{LIST("[{\"ip\":\"0.0.0.0\"},{\"ip\":\"10.0.0.1\"}]"), "c=10.0.0.1,",
     "address service ns/s: cluster c: address \"0.0.0.0\" is left out: *"},
};

static void reads_to_the_letter(void **state)
{
	(void)state;
	struct annotation *annotation = annotation_new();
	assert_non_null(annotation);
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct heard heard = {{0}, 0};
		struct findings findings = {.report = hear, .arg = &heard};
		struct why why = {{0}};
		assert_int_equal(annotation_read(annotation, bytes_of(CASES[i].text), bytes_of("ns"),
		                                 bytes_of("s"), &findings, &why),
		                 ERR_OK);
		char lists[4096], says[8192] = "";
		print(annotation, lists);
		assert_string_equal(lists, CASES[i].lists);
		/* "7*SENTENCE": as many times; "SENTENCE*": the rest is another room's. */
		const char *sentence = CASES[i].says;
		size_t times = 1, size = strlen(sentence);
		if (size > 1 && sentence[1] == '*') {
			times = (size_t)(sentence[0] - '0');
			sentence += 2;
		}
		for (size_t k = 0; k < times; k++)
			memcpy(says + strlen(says), sentence, strlen(sentence) + 1);
		if (size > 0 && sentence[strlen(sentence) - 1] == '*')
			says[strlen(says) - 1] = heard.text[strlen(says) - 1] = '\0';
		assert_string_equal(heard.text, says);
	}
	annotation_free(annotation);
}

static void more_items_than_the_model_keeps_are_left_out(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text, (size_t)1 << 20);
	assert_int_equal(buf_printf(&text, "{\"items\":[{\"cluster\":\"c\",\"items\":["), ERR_OK);
	for (unsigned i = 0; i < ANNOTATION_ADDRESSES_MAX + 10; i++)
		assert_int_equal(
			buf_printf(&text, "%s{\"ip\":\"10.0.%u.%u\"}", i == 0 ? "" : ",", i / 250, i % 250),
			ERR_OK);
	assert_int_equal(buf_printf(&text, "]}]}"), ERR_OK);
	struct annotation *annotation = annotation_new();
	assert_non_null(annotation);
	struct heard heard = {{0}, 0};
	struct findings findings = {.report = hear, .arg = &heard};
	struct why why = {{0}};
	assert_int_equal(annotation_read(annotation, buf_bytes(&text), bytes_of("ns"), bytes_of("s"),
	                                 &findings, &why),
	                 ERR_OK);
	assert_int_equal(annotation->entry_count, 1);
	assert_int_equal(annotation->entries[0].address_count, ANNOTATION_ADDRESSES_MAX);
	assert_non_null(strstr(heard.text, "limit service ns/s: cluster c: the annotation lists more"));
	annotation_free(annotation);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_to_the_letter),
		cmocka_unit_test(more_items_than_the_model_keeps_are_left_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
