#include "probe_frame.h"

#include <string.h>

/* Of a status line; d: a digit. */
static const char FORM[] = "HTTP/1.d ddd";
#define FORM_SIZE       (sizeof FORM - 1)
#define FORM_VERSION_AT 7

#define CHUNK_MAX (UINT64_C(1) << 48) /* more is no size of a chunk, nor a length, of anybody's */

static bool among(const char *set, uint8_t octet)
{
	return octet != '\0' && strchr(set, octet) != NULL;
}

static size_t broken(struct probe_frame *frame, enum frame_state how)
{
	frame->state = (uint8_t)how;
	return 1;
}

bool frame_broken(const struct probe_frame *frame)
{
	return frame->state >= FRAME_NO_HTTP;
}

bool frame_in_body(const struct probe_frame *frame)
{
	return frame->state >= FRAME_BODY && !frame_broken(frame);
}

bool frame_keeps(const struct probe_frame *frame, uint64_t left_max)
{
	if (frame_broken(frame) || frame->close || frame->old)
		return false;
	if (frame->state == FRAME_BODY && !frame->sized && !frame->chunked)
		return false;
	return frame->state < FRAME_BODY || frame->left <= left_max;
}

/* --- the head ------------------------------------------------------------------------------ */

/* RFC 9112 section 4: "HTTP/1.1 200 OK"; the reason may be missing, even with its space. False:
 * that is none. */
static bool status_octet(struct probe_frame *frame, uint8_t octet)
{
	size_t at = frame->line_size++;
	if (at == FORM_SIZE)
		return (octet == ' ' || octet == '\r' || octet == '\n') && frame->status >= 100;
	if (FORM[at] != 'd')
		return octet == (uint8_t)FORM[at];
	if (octet < '0' || octet > '9')
		return false;
	if (at > FORM_VERSION_AT)
		frame->status = (uint16_t)(frame->status * 10 + (octet - '0'));
	else
		frame->old = octet == '0';
	return true;
}

/* RFC 9110 section 15.2: others follow. After 101 nothing of HTTP does. */
static bool interim(const struct probe_frame *frame)
{
	return frame->status < 200 && frame->status != 101;
}

static size_t status_read(struct probe_frame *frame, uint8_t octet)
{
	if (!status_octet(frame, octet))
		return broken(frame, FRAME_NO_HTTP);
	if (frame->line_size <= FORM_SIZE)
		return 1;
	frame->known = !interim(frame);
	frame->state = FRAME_LINE;
	/* of the rest of this line nothing is looked at: it is as one that is too long */
	frame->line_size = octet == '\n' ? 0 : FRAME_LINE_MAX + 1;
	return 1;
}

/* Is it the field `name`? Its value without the space around. */
static bool field(const struct probe_frame *frame, const char *name, struct bytes *value)
{
	size_t size = strlen(name), end = frame->line_size;
	struct bytes begun = {(const uint8_t *)frame->line, size};
	if (end > FRAME_LINE_MAX)
		end = FRAME_LINE_MAX;
	if (end <= size || frame->line[size] != ':' || !bytes_equal_nocase(begun, bytes_of(name)))
		return false;
	for (size++; size < end && (frame->line[size] == ' ' || frame->line[size] == '\t');)
		size++;
	while (end > size && among(" \t\r", (uint8_t)frame->line[end - 1]))
		end--;
	*value = (struct bytes){(const uint8_t *)frame->line + size, end - size};
	return true;
}

static bool length_read(struct probe_frame *frame, struct bytes value)
{
	uint64_t length;
	if (frame->line_size > FRAME_LINE_MAX || !bytes_number(value, CHUNK_MAX, &length) ||
	    (frame->sized && frame->left != length))
		return false;
	frame->sized = true;
	frame->left = length;
	return true;
}

/* False: it can't be known where the body ends. Other codings than chunks are not undone: the body
 * is then whatever comes. */
static bool line_read(struct probe_frame *frame)
{
	struct bytes value;
	if (field(frame, "content-length", &value))
		return length_read(frame, value);
	if (field(frame, "connection", &value))
		frame->close |= !bytes_equal_nocase(value, bytes_of("keep-alive"));
	if (!field(frame, "transfer-encoding", &value))
		return true;
	frame->chunked =
		frame->line_size <= FRAME_LINE_MAX && bytes_equal_nocase(value, bytes_of("chunked"));
	frame->close |= !frame->chunked;
	return true;
}

static void head_end(struct probe_frame *frame)
{
	uint32_t head = frame->head;
	if (!frame->known) {
		*frame = (struct probe_frame){.head = head};
		return;
	}
	frame->head = 0;
	if (frame->chunked) {
		frame->left = 0;
		frame->state = FRAME_SIZE;
		/* RFC 9112 section 6.3: an error, or somebody who plays tricks; the chunks count */
		frame->close |= frame->sized;
	} else if (frame->status == 204 || frame->status == 304 || (frame->sized && frame->left == 0)) {
		frame->left = 0;
		frame->state = FRAME_WHOLE;
	} else {
		frame->state = FRAME_BODY;
	}
}

static void line_add(struct probe_frame *frame, uint8_t octet)
{
	if (frame->line_size < FRAME_LINE_MAX)
		frame->line[frame->line_size] = (char)octet;
	if (frame->line_size <= FRAME_LINE_MAX)
		frame->line_size++;
}

static bool line_empty(const struct probe_frame *frame)
{
	return frame->line_size == 0 || (frame->line_size == 1 && frame->line[0] == '\r');
}

static size_t head_read(struct probe_frame *frame, uint8_t octet)
{
	if (++frame->head > PROBE_HEAD_MAX)
		return broken(frame, FRAME_HEAD_LONG);
	if (frame->state == FRAME_STATUS)
		return status_read(frame, octet);
	if (octet != '\n') {
		line_add(frame, octet);
		return 1;
	}
	if (line_empty(frame))
		head_end(frame);
	else if (frame->known && !line_read(frame))
		return broken(frame, FRAME_NO_FRAME);
	frame->line_size = 0;
	return 1;
}

/* --- the body ------------------------------------------------------------------------------ */

static int digit_of(uint8_t octet)
{
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	octet = octet_lower(octet);
	return octet >= 'a' && octet <= 'f' ? octet - 'a' + 10 : -1;
}

/* "1f;name=value" and the end of the line. The line counts its digits, then what is behind. */
static size_t size_read(struct probe_frame *frame, uint8_t octet)
{
	int digit = frame->extended ? -1 : digit_of(octet);
	if (digit >= 0) {
		frame->left = frame->left * 16 + (uint64_t)digit;
		frame->line_size = 1;
		return frame->left > CHUNK_MAX ? broken(frame, FRAME_NO_FRAME) : 1;
	}
	if (frame->line_size == 0 || (!frame->extended && !among(" \t;\r\n", octet)))
		return broken(frame, FRAME_NO_FRAME);
	frame->extended = octet != '\n';
	if (octet == '\n') {
		frame->line_size = 0;
		frame->state = frame->left == 0 ? FRAME_TRAILER : FRAME_BODY;
	}
	return 1;
}

static size_t behind_read(struct probe_frame *frame, uint8_t octet)
{
	if (octet == '\n') {
		frame->line_size = 0;
		frame->state = FRAME_SIZE;
	} else if (octet != '\r' || frame->line_size++ != 0) {
		return broken(frame, FRAME_NO_FRAME);
	}
	return 1;
}

static size_t trailer_read(struct probe_frame *frame, uint8_t octet)
{
	if (octet != '\n')
		line_add(frame, octet);
	else if (line_empty(frame))
		frame->state = FRAME_WHOLE;
	else
		frame->line_size = 0;
	return 1;
}

static size_t between_read(struct probe_frame *frame, uint8_t octet)
{
	if (++frame->head > FRAME_CHUNKS_MAX)
		return broken(frame, FRAME_NO_FRAME);
	if (frame->state == FRAME_SIZE)
		return size_read(frame, octet);
	return frame->state == FRAME_BEHIND ? behind_read(frame, octet) : trailer_read(frame, octet);
}

static size_t run_read(struct probe_frame *frame, struct bytes more, struct bytes *body)
{
	size_t size = more.size;
	if (!frame->chunked && !frame->sized) {
		*body = more;
		return size;
	}
	if (size > frame->left)
		size = (size_t)frame->left;
	*body = (struct bytes){more.data, size};
	frame->left -= size;
	if (frame->left == 0) {
		frame->state = frame->chunked ? FRAME_BEHIND : FRAME_WHOLE;
		frame->line_size = 0;
	}
	return size;
}

size_t frame_read(struct probe_frame *frame, struct bytes more, struct bytes *body)
{
	size_t at = 0;
	*body = (struct bytes){NULL, 0};
	while (at < more.size && frame->state < FRAME_BODY) {
		bool known = frame->known;
		at += head_read(frame, more.data[at]);
		if (frame->known != known)
			return at;
	}
	while (at < more.size && frame->state > FRAME_BODY && frame->state < FRAME_WHOLE)
		at += between_read(frame, more.data[at]);
	if (at < more.size && frame->state == FRAME_BODY)
		at += run_read(frame, (struct bytes){more.data + at, more.size - at}, body);
	return at;
}
