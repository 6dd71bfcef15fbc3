/* SPDX-License-Identifier: MIT */
/* certificate_tool CERT KEY: writes a certificate for localhost and its key. */
#include "net/certificate.h"

int main(int argc, char **argv)
{
	return argc == 3 && certificate_make(argv[1], argv[2]) ? 0 : 1;
}
