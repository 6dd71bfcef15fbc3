/* SPDX-License-Identifier: MIT */
/*
 * https_get_tool URL CA HTTP TLS: one GET through libcurl as libcore has it. CA is a file or "-" for the default, HTTP
 * 1.1 or 2, TLS the highest version to offer, 1.2 or 1.3. Prints the status, what was spoken, and the body; on failure
 * curl's code and words, and ends with 1.
 */
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

struct answer {
	CURL *curl;
	const char *tls;
	size_t size;
	char body[4096];
};

static size_t receive(char *data, size_t one, size_t count, void *context)
{
	struct answer *answer = context;
	const size_t size = one * count;
	struct curl_tlssessioninfo *session = NULL;

	if (size > sizeof answer->body - 1 - answer->size)
		return 0;
	memcpy(answer->body + answer->size, data, size);
	answer->size += size;
	if (curl_easy_getinfo(answer->curl, CURLINFO_TLS_SSL_PTR, &session) == CURLE_OK && session->internals)
		answer->tls = SSL_get_version(session->internals);
	return size;
}

int main(int argc, char **argv)
{
	char error[CURL_ERROR_SIZE] = "";
	struct answer answer = {.tls = "none"};
	long status = 0, version = 0;

	if (argc != 5 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(answer.curl = curl_easy_init()))
		return 2;
	CURL *curl = answer.curl;
	curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
	if (strcmp(argv[2], "-") != 0) {
		curl_easy_setopt(curl, CURLOPT_CAINFO, argv[2]);
		curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	}
	const long wanted = strcmp(argv[3], "2") == 0 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1;
	const long most = strcmp(argv[4], "1.2") == 0 ? CURL_SSLVERSION_MAX_TLSv1_2 : CURL_SSLVERSION_MAX_TLSv1_3;
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, wanted);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 | most);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	const CURLcode code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	if (code != CURLE_OK) {
		printf("error %d: %s\n", (int)code, error[0] ? error : curl_easy_strerror(code));
		return 1;
	}
	printf("%ld HTTP/%s %s\n%s\n", status, version == CURL_HTTP_VERSION_2 ? "2" : "1.1", answer.tls, answer.body);
	return 0;
}
