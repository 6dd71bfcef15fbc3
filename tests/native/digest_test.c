/* SPDX-License-Identifier: MIT */
/* compare/digests: a tree listed with digests, on any schedule; the manifest appears whole, or can be gone on with. */
#include "base/digest.h"
#include "check.h"
#include "core.h"
#include "files.h"
#include "io/durable.h"
#include "manifest/source.h"
#include "pool/pool.h"
#include "runs.h"


#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 4096 };

static const char *at(const char *name)
{
	return check_text("%s/%s", check_folder(), name);
}

/** What a run came to; `text` is freed by digested_free(). */
struct digested {
	struct core_digest_summary sum;
	/** `KIND PATH [SIZE] [first digits of the digest] [-> TARGET] [!CODE]`, one line each. */
	char *text;
	struct records records;
};

static char *lines_of(const struct records *records)
{
	static const char *const kinds[] = {"none", "file", "dir", "symlink", "fifo", "socket", "block", "char", "unknown"};
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	CHECK(f);
	for (size_t pos = 0; pos < records->len;) {
		struct core_rec_digest r;
		memcpy(&r, records->data + pos, sizeof r);
		const uint8_t *rec = records->data + pos;
		CHECK_EQ(r.head.type, CORE_REC_DIGEST);
		CHECK(r.kind < sizeof kinds / sizeof *kinds);
		CHECK((r.error != 0) == (r.message.len > 0));
		CHECK(r.digest.len == 0 || r.digest.len == MANIFEST_DIGEST);
		fprintf(f, "%s %.*s", kinds[r.kind], (int)r.path.len, rec + r.path.off);
		if (r.size != UINT64_MAX)
			fprintf(f, " %llu", (unsigned long long)r.size);
		if (r.digest.len > 0)
			fprintf(f, " %02x%02x%02x", rec[r.digest.off], rec[r.digest.off + 1], rec[r.digest.off + 31]);
		if (r.target.len > 0)
			fprintf(f, " -> %.*s", (int)r.target.len, rec + r.target.off);
		if (r.error)
			fprintf(f, " !%d", r.error);
		fputc('\n', f);
		pos += r.head.bytes;
	}
	fclose(f);
	return out;
}

/** What is done while it runs; NULL for nothing. */
typedef void meanwhile(core_run *run, unsigned steps);

static struct digested digest(const char *root, struct core_digest_opts opts, const char *output, meanwhile *during)
{
	struct digested d = {.text = NULL};
	uint64_t tokens[8];
	uint32_t n, state;
	core_pump *pump;
	core_run *run;

	opts.size = sizeof opts;
	opts.output = (const uint8_t *)output;
	opts.output_len = output ? strlen(output) : 0;
	if (output && opts.format == 0)
		opts.format = CORE_MANIFEST_SUITE;
	CHECK_EQ(core_pump_new(&pump), 0);
	CHECK_EQ(core_digest_new(&run, pump, 1, (const uint8_t *)root, strlen(root), &opts), 0);
	for (unsigned steps = 0;; steps++) {
		state = runs_drain(run, &d.records);
		if ((state & (CORE_RUN_ENDED | CORE_RUN_RECORDS)) == CORE_RUN_ENDED)
			break;
		if (during)
			during(run, steps);
		if ((state & CORE_RUN_RECORDS) || pool_test_step())
			continue;
		if (core_pump_wait(pump, 20000) != 1)
			FAIL("the run stands still");
		core_pump_ready(pump, tokens, 8, &n);
	}
	CHECK_EQ(core_digest_result(run, &d.sum), 0);
	core_run_del(run);
	do
		core_pump_ready(pump, tokens, 8, &n);
	while (n == 8);
	core_pump_del(pump);
	d.text = lines_of(&d.records);
	return d;
}

static void digested_free(struct digested *d)
{
	free(d->text);
	runs_forget(&d->records);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *data = calloc(1, 1 << 20);

	CHECK(data);
	if (!f) {
		free(data);
		return NULL;
	}
	*len = fread(data, 1, (1 << 20) - 1, f);
	fclose(f);
	return data;
}

static int exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* A tree of `files` files with noise, a link, a FIFO, and directories; two seconds old, so that it can be known again. */
static const char *make_tree(const char *name, unsigned files)
{
	const char *root = at(name);

	files_remove(root);
	files_mkdir(root);
	files_mkdir(check_text("%s/d", root));
	files_mkdir(check_text("%s/d/e", root));
	files_link("../d", check_text("%s/link", root));
	CHECK_EQ(mkfifo(check_text("%s/pipe", root), 0600), 0);
	for (unsigned i = 0; i < files; i++) {
		size_t len = i % 3 == 0 ? i : (size_t)i * 37 % 20000;
		uint8_t *noise = files_noise(i, len + 1);
		files_write(check_text("%s/%sf%03u", root, i % 4 == 0 ? "" : i % 4 == 1 ? "d/" : "d/e/", i), noise, len);
		free(noise);
	}
	return root;
}

static const char *digits(enum digest_kind kind, const void *data, size_t len)
{
	struct hasher *h = hasher_new(kind);
	uint8_t out[DIGEST_MAX];

	hasher_add(h, data, len);
	hasher_end(h, out);
	hasher_free(h);
	return check_text("%02x%02x%02x", out[0], out[1], out[31]);
}

static void kinds(void)
{
	const char *root = at("kinds");

	files_mkdir(root);
	files_mkdir(check_text("%s/d", root));
	files_write_text(check_text("%s/d/f", root), "hello");
	files_write_text(check_text("%s/d.x", root), "");
	files_write_text(check_text("%s/locked", root), "x");
	files_link("d/f", check_text("%s/l", root));
	files_link("nowhere", check_text("%s/m", root));
	CHECK_EQ(mkfifo(check_text("%s/p", root), 0600), 0);
	const char *b3 = digits(DIGEST_BLAKE3, "hello", 5), *sha = digits(DIGEST_SHA256, "hello", 5);
	const char *empty = digits(DIGEST_BLAKE3, "", 0), *x = digits(DIGEST_BLAKE3, "x", 1);

	CHECK_EQ(pool_start(), 0);
	struct digested d = digest(root, (struct core_digest_opts){.jobs = 2}, NULL, NULL);
	CHECK_TEXT(d.text, check_text("dir d\nfile d.x 0 %s\nfile d/f 5 %s\nsymlink l -> d/f\n"
				      "file locked 1 %s\nsymlink m -> nowhere\nfifo p\n", empty, b3, x));
	digested_free(&d);
	d = digest(root, (struct core_digest_opts){.algorithm = CORE_DIGEST_SHA256}, NULL, NULL);
	CHECK(strstr(d.text, check_text("file d/f 5 %s\n", sha)));
	CHECK_EQ(d.sum.entries, 7);
	CHECK_EQ(d.sum.files, 3);
	CHECK_EQ(d.sum.unknown, 0);
	CHECK_EQ(d.sum.bytes_read, 6);
	digested_free(&d);
	/* Followed links are what they lead to; one that leads nowhere stays a link. */
	d = digest(root, (struct core_digest_opts){.flags = CORE_COMPARE_FOLLOW}, NULL, NULL);
	CHECK(strstr(d.text, check_text("file l 5 %s\n", b3)));
	CHECK(strstr(d.text, "symlink m -> nowhere\n"));
	digested_free(&d);
	d = digest(root, (struct core_digest_opts){.flags = CORE_COMPARE_SKIP_EMPTY_DIRS}, NULL, NULL);
	CHECK(!strstr(d.text, "dir d"));
	digested_free(&d);
	runs_settle();
}

/* Given paths alone: those of the list, in order, and one that is missing. */
static void named(void)
{
	const char *root = make_tree("named", 20);
	static const char paths[] = "f004\0d/f001\0missing\0d";

	CHECK_EQ(pool_start(), 0);
	struct digested d = digest(root, (struct core_digest_opts){.paths = (const uint8_t *)paths, .paths_len = sizeof paths},
				   NULL, NULL);
	CHECK_EQ(d.sum.error, 0);
	CHECK(strncmp(d.text, "dir d\nfile d/f001 37 ", 21) == 0);
	CHECK(strstr(d.text, "\nfile f004 148 "));
	CHECK(strstr(d.text, " missing !"));
	CHECK_EQ(d.sum.entries, 4);
	CHECK_EQ(d.sum.unknown, 1);
	digested_free(&d);
	runs_settle();
}

/* However many threads there are, the lines are the same. */
static void threads(void)
{
	const char *root = make_tree("schedules", 300);

	CHECK_EQ(pool_start(), 0);
	struct digested first = digest(root, (struct core_digest_opts){.jobs = 1, .chunk_bytes = CHUNK}, NULL, NULL);
	CHECK_EQ(first.sum.files, 300);
	for (unsigned i = 0; i < check_rounds(60); i++) {
		struct digested d = digest(root, (struct core_digest_opts){.jobs = i % 9, .chunk_bytes = CHUNK}, NULL, NULL);
		CHECK_TEXT(d.text, first.text);
		CHECK_EQ(d.sum.bytes_read, first.sum.bytes_read);
		digested_free(&d);
	}
	digested_free(&first);
	runs_settle();
}

/* Every schedule gives the same lines. */
static void schedules(void)
{
	const char *root = make_tree("scheduled", 300);
	struct digested first = {.text = NULL};

	for (uint64_t seed = 1; seed <= check_rounds(60); seed++) {
		pool_test_begin(seed);
		struct digested d = digest(root, (struct core_digest_opts){.jobs = (uint32_t)seed % 6, .chunk_bytes = CHUNK}, NULL, NULL);
		CHECK_EQ(d.sum.files, 300);
		if (!first.text) {
			first = d;
		} else {
			CHECK_TEXT(d.text, first.text);
			digested_free(&d);
		}
		pool_test_end();
		runs_clean(0);
	}
	digested_free(&first);
}

static unsigned cancel_after;

static void cancel(core_run *run, unsigned steps)
{
	if (steps == cancel_after)
		core_run_cancel(run);
}

static uint64_t cancel_entries;

static void cancel_later(core_run *run, unsigned steps)
{
	struct core_progress p;

	(void)steps;
	core_run_progress(run, &p);
	if (p.entries >= cancel_entries)
		core_run_cancel(run);
}

/* A cancelled run ends at once, leaves no descriptor open, and what it wrote can be gone on with. */
static void cancelled(void)
{
	const char *root = make_tree("cancelled", 60), *out = at("cancelled.list");
	unsigned cut = 0;

	for (uint64_t seed = 1; seed <= check_rounds(80); seed++) {
		cancel_after = (unsigned)seed * 2;
		pool_test_begin(seed);
		struct digested d = digest(root, (struct core_digest_opts){.jobs = (uint32_t)seed % 5, .chunk_bytes = CHUNK}, out, cancel);
		CHECK(d.sum.error == CORE_ECANCELLED || d.sum.error == 0);
		CHECK_EQ(exists(out), d.sum.error == 0);
		CHECK(d.sum.error == 0 || exists(check_text("%s.partial", out)) == (d.sum.entries > 0));
		cut += d.sum.error != 0;
		digested_free(&d);
		unlink(out);
		unlink(check_text("%s.partial", out));
		pool_test_end();
		runs_clean(0);
	}
	CHECK(cut > 0);
}

/* --------------------------------------------------------------- manifests */

static const char *contents(const char *path)
{
	size_t len = 0;
	char *data = read_file(path, &len);

	if (!data)
		FAIL("%s is not there", path);
	const char *text = check_text("%s", data);
	free(data);
	return text;
}

static void manifests(void)
{
	const char *root = at("written"), *out = at("written.list");
	const struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000, .tv_nsec = 5}};

	files_mkdir(root);
	files_mkdir(check_text("%s/d", root));
	files_write_text(check_text("%s/a", root), "a");
	files_write_text(check_text("%s/d/\n", root), "");
	files_link("a", check_text("%s/l", root));
	static const char *const all[] = {"a", "d/\n", "d", "l"};
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(utimensat(AT_FDCWD, check_text("%s/%s", root, all[i]), old, AT_SYMLINK_NOFOLLOW), 0);
	CHECK_EQ(pool_start(), 0);
	struct digested d = digest(root, (struct core_digest_opts){.algorithm = CORE_DIGEST_SHA256}, out, NULL);
	CHECK_EQ(d.sum.error, 0);
	digested_free(&d);
	const char *text = contents(out);
	static const char begin[] = "{\"v\":1,\"type\":\"suite-manifest\",\"algorithm\":\"sha256\",\"created\":\"2";
	CHECK(strncmp(text, begin, sizeof begin - 1) == 0);
	CHECK_TEXT(strchr(text, '\n') + 1,
		   "{\"path\":\"a\",\"kind\":\"file\",\"size\":1,\"mtime\":\"1970-01-01T00:16:40.000000005Z\",\"digest\":"
		   "\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\"}\n"
		   "{\"path\":\"d\",\"kind\":\"dir\",\"mtime\":\"1970-01-01T00:16:40.000000005Z\"}\n"
		   "{\"path\":\"d/\\u000a\",\"kind\":\"file\",\"size\":0,\"mtime\":\"1970-01-01T00:16:40.000000005Z\",\"digest\":"
		   "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}\n"
		   "{\"path\":\"l\",\"kind\":\"symlink\",\"mtime\":\"1970-01-01T00:16:40.000000005Z\",\"target\":\"a\"}\n"
		   "{\"v\":1,\"type\":\"end\",\"entries\":4}\n");
	CHECK(!exists(check_text("%s.partial", out)) && !exists(check_text("%s.new", out)));
	d = digest(root, (struct core_digest_opts){.algorithm = CORE_DIGEST_SHA256, .format = CORE_MANIFEST_SHA256SUM}, out, NULL);
	CHECK_TEXT(contents(out), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a\n"
				  "\\e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  d/\\n\n");
	digested_free(&d);
	/* This one has no way to write such a name: what was there stays. */
	d = digest(root, (struct core_digest_opts){.algorithm = CORE_DIGEST_SHA256, .format = CORE_MANIFEST_HASHDEEP}, out, NULL);
	CHECK_EQ(d.sum.error, CORE_EUNSUPPORTED);
	CHECK(strncmp(contents(out), "ca97", 4) == 0);
	digested_free(&d);
	unlink(check_text("%s.partial", out));
	unlink(check_text("%s/d/\n", root));
	d = digest(root, (struct core_digest_opts){.algorithm = CORE_DIGEST_SHA256, .format = CORE_MANIFEST_HASHDEEP}, out, NULL);
	CHECK_TEXT(strstr(contents(out), "\n1,"), "\n1,ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb,a\n");
	digested_free(&d);
	runs_settle();
}

/* Written into the tree it lists, the manifest is no part of it, nor is what it is made from. */
static void inside(void)
{
	const char *root = make_tree("inside", 30);
	const char *out = check_text("%s/d/LIST", root);

	CHECK_EQ(pool_start(), 0);
	struct digested first = digest(root, (struct core_digest_opts){.jobs = 2}, NULL, NULL);
	for (unsigned i = 0; i < 3; i++) {
		struct digested d = digest(root, (struct core_digest_opts){.jobs = 2, .resume = i == 2}, out, NULL);
		CHECK_EQ(d.sum.error, 0);
		CHECK_TEXT(d.text, first.text);
		CHECK_EQ(d.sum.entries, 34);
		CHECK(!strstr(contents(out), "LIST"));
		digested_free(&d);
	}
	digested_free(&first);
	runs_settle();
}

static void place(const char *path, time_t when)
{
	const struct timespec t[2] = {{.tv_sec = when}, {.tv_sec = when}};

	CHECK_EQ(utimensat(AT_FDCWD, path, t, AT_SYMLINK_NOFOLLOW), 0);
}

/* An interrupted run is gone on with: what did not change is not read again, what did is. */
static void resumed(void)
{
	const char *root = make_tree("resumed", 200), *out = at("resumed.list"), *partial = check_text("%s.partial", out);
	struct core_digest_opts how = {.jobs = 3, .chunk_bytes = CHUNK};
	const struct timespec while_young = {.tv_sec = 2, .tv_nsec = 300000000};

	nanosleep(&while_young, NULL);
	/* Before there are threads: they would go on while the cancel is on its way. */
	pool_test_begin(7);
	cancel_entries = 40;
	struct digested cut = digest(root, how, out, cancel_later);
	pool_test_end();
	struct digested whole = digest(root, how, NULL, NULL);
	CHECK_EQ(cut.sum.error, CORE_ECANCELLED);
	CHECK(cut.sum.entries >= 40 && cut.sum.entries < 200);
	CHECK(exists(partial) && !exists(out));
	/* Its last line may be cut off. */
	struct stat st;
	CHECK_EQ(stat(partial, &st), 0);
	CHECK_EQ(truncate(partial, st.st_size - 3), 0);
	/* Another digest: not to be mixed. */
	how.resume = 1;
	how.algorithm = CORE_DIGEST_SHA256;
	struct digested other = digest(root, how, out, NULL);
	CHECK_EQ(other.sum.error, CORE_EUSAGE);
	digested_free(&other);
	how.algorithm = 0;
	/* The same size and time, but written to: the inode's own time tells. */
	files_write_text(check_text("%s/d/f001", root), "0123456789012345678901234567890123456");
	place(check_text("%s/d/f001", root), st.st_mtime - 100);
	struct digested d = digest(root, how, out, NULL);
	CHECK_EQ(d.sum.error, 0);
	CHECK(d.sum.reused > 10 && d.sum.reused < cut.sum.entries);
	CHECK(d.sum.bytes_avoided > 0);
	CHECK_EQ(d.sum.bytes_read + d.sum.bytes_avoided, whole.sum.bytes_read);
	CHECK(strcmp(d.text, whole.text) != 0);
	CHECK(exists(out) && !exists(partial) && !exists(check_text("%s.partial.old", out)));
	struct digested fresh = digest(root, (struct core_digest_opts){.jobs = 1}, NULL, NULL);
	CHECK_TEXT(d.text, fresh.text);
	CHECK(!strstr(contents(out), "inode"));
	/* Without being told to, nothing is reused. */
	struct digested again = digest(root, (struct core_digest_opts){.jobs = 1}, out, NULL);
	CHECK_EQ(again.sum.reused, 0);
	digested_free(&again);
	digested_free(&fresh);
	digested_free(&d);
	digested_free(&cut);
	digested_free(&whole);
	runs_settle();
}

/* Interrupted again and again, it gets to the end all the same: what one run found the next one keeps. */
static void resumed_often(void)
{
	const char *root = make_tree("often", 150), *out = at("often.list");
	const struct timespec while_young = {.tv_sec = 2, .tv_nsec = 300000000};
	struct core_digest_opts how = {.jobs = 2, .chunk_bytes = CHUNK, .resume = 1};
	uint64_t read = 0;
	unsigned runs = 0;
	struct digested d;

	nanosleep(&while_young, NULL);
	do {
		CHECK(++runs < 100);
		pool_test_begin(runs);
		cancel_entries = 40 * runs;
		d = digest(root, how, out, cancel_later);
		read += d.sum.bytes_read;
		digested_free(&d);
		pool_test_end();
	} while (d.sum.error == CORE_ECANCELLED);
	CHECK_EQ(d.sum.error, 0);
	CHECK(runs > 2);
	struct digested fresh = digest(root, (struct core_digest_opts){.jobs = 1}, NULL, NULL);
	/* A few files are read again that were being read when a run ended. */
	CHECK(read < 2 * fresh.sum.bytes_read);
	check_note("%u runs, %llu of %llu bytes", runs, (unsigned long long)read, (unsigned long long)fresh.sum.bytes_read);
	digested_free(&fresh);
	CHECK(exists(out) && !exists(check_text("%s.partial", out)) && !exists(check_text("%s.partial.old", out)));
	runs_settle();
}

/* Killed at any moment: what is under the name is whole, or not there. */
static void killed(void)
{
	const char *root = make_tree("killed", 120), *out = at("killed.list");
	unsigned whole = 0, none = 0;

	for (unsigned i = 0; i < check_rounds(40); i++) {
		unlink(out);
		pid_t pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			CHECK_EQ(pool_start(), 0);
			struct digested d = digest(root, (struct core_digest_opts){.jobs = 3, .resume = i % 2}, out, NULL);
			_exit(d.sum.error == 0 ? 0 : 1);
		}
		const struct timespec a_while = {.tv_nsec = (long)(i * 200000)};
		nanosleep(&a_while, NULL);
		kill(pid, SIGKILL);
		int status;
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!exists(out)) {
			none++;
			continue;
		}
		whole++;
		CHECK(strstr(contents(out), "\n{\"v\":1,\"type\":\"end\",\"entries\":124}\n"));
	}
	check_note("%u whole, %u not there", whole, none);
	/* And then it works. */
	CHECK_EQ(pool_start(), 0);
	struct digested d = digest(root, (struct core_digest_opts){.resume = 1}, out, NULL);
	CHECK_EQ(d.sum.error, 0);
	digested_free(&d);
	runs_settle();
}

static void refused(void)
{
	const char *root = make_tree("refused", 3);
	core_pump *pump;
	core_run *run;

	CHECK_EQ(core_pump_new(&pump), 0);
	const struct core_digest_opts bad[] = {
		{.size = 1},
		{.size = sizeof *bad, .flags = CORE_COMPARE_LOCATE},
		{.size = sizeof *bad, .algorithm = 3},
		{.size = sizeof *bad, .resume = 1},
		{.size = sizeof *bad, .format = CORE_MANIFEST_SUITE},
		{.size = sizeof *bad, .chunk_bytes = 1},
		{.size = sizeof *bad, .output = (const uint8_t *)"x", .output_len = 1},
		{.size = sizeof *bad, .output = (const uint8_t *)"x", .output_len = 1, .format = CORE_MANIFEST_SUMS},
		{.size = sizeof *bad, .output = (const uint8_t *)"x", .output_len = 1, .format = CORE_MANIFEST_SHA256SUM},
		{.size = sizeof *bad, .output = (const uint8_t *)"x", .output_len = 1, .format = CORE_MANIFEST_B3SUM,
		 .algorithm = CORE_DIGEST_SHA256},
		{.size = sizeof *bad, .output = (const uint8_t *)"", .output_len = 0, .format = CORE_MANIFEST_SUITE},
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK_EQ(core_digest_new(&run, pump, 1, (const uint8_t *)root, strlen(root), &bad[i]), CORE_EUSAGE);
	CHECK_EQ(core_digest_new(&run, pump, 1, (const uint8_t *)"", 0, NULL), CORE_EUSAGE);
	core_pump_del(pump);

	struct digested d = digest(at("nowhere"), (struct core_digest_opts){.jobs = 1}, NULL, NULL);
	CHECK_EQ(d.sum.error, CORE_ENOT_FOUND);
	digested_free(&d);
	d = digest(check_text("%s/f000", root), (struct core_digest_opts){.jobs = 1}, NULL, NULL);
	CHECK_EQ(d.sum.error, CORE_EUNSUPPORTED);
	digested_free(&d);
	d = digest(root, (struct core_digest_opts){.jobs = 1}, at("no/where/list"), NULL);
	CHECK_EQ(d.sum.error, CORE_EWRITE);
	digested_free(&d);
	d = digest(root, (struct core_digest_opts){.jobs = 1}, root, NULL);
	CHECK_EQ(d.sum.error, CORE_EUNSUPPORTED);
	digested_free(&d);
	runs_settle();
}

/* Two runs that write the same file: one of them says so. */
static void both(void)
{
	const char *root = make_tree("both", 3), *out = at("both.list");
	struct durable mine;
	struct err e;

	durable_init(&mine);
	CHECK_EQ(durable_begin(&mine, out, ".partial", 1, &e), 0);
	for (uint32_t resume = 0; resume < 2; resume++) {
		struct digested d = digest(root, (struct core_digest_opts){.jobs = 1, .resume = resume}, out, NULL);
		CHECK_EQ(d.sum.error, CORE_EWRITE);
		digested_free(&d);
	}
	durable_drop(&mine);
	struct digested d = digest(root, (struct core_digest_opts){.jobs = 1}, out, NULL);
	CHECK_EQ(d.sum.error, 0);
	digested_free(&d);
	runs_settle();
}

/* No more descriptors than a few. */
static void few_descriptors(void)
{
	const char *root = make_tree("few", 300);
	struct rlimit lim;

	CHECK_EQ(pool_start(), 0);
	struct digested want = digest(root, (struct core_digest_opts){.jobs = 8}, NULL, NULL);
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = 20;
	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &lim), 0);
	for (unsigned i = 0; i < check_rounds(10); i++) {
		struct digested d = digest(root, (struct core_digest_opts){.jobs = 8}, i % 2 ? at("few.list") : NULL, NULL);
		CHECK_EQ(d.sum.error, 0);
		CHECK_TEXT(d.text, want.text);
		digested_free(&d);
	}
	digested_free(&want);
	runs_settle();
}

int main(void)
{
	TEST("every kind is listed", kinds);
	TEST("paths that were given", named);
	TEST("any number of threads lists the same", threads);
	TEST("every schedule lists the same", schedules);
	TEST("a run that is cancelled", cancelled);
	TEST("manifests are written", manifests);
	TEST("a manifest in its own tree", inside);
	TEST("an interrupted run is resumed", resumed);
	TEST("a run that is interrupted often", resumed_often);
	TEST("a process that is killed", killed);
	TEST("what cannot be done", refused);
	TEST("two runs and one manifest", both);
	TEST("few descriptors", few_descriptors);
	return check_end();
}
