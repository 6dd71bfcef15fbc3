/* SPDX-License-Identifier: MIT */
/*
 * What libcurl 8.22 reads instead of a configure run: only macros its sources test, each with what it was checked
 * against. Linux, gcc or clang, 64 bits; "Linux" and "BSD" mean that glibc 2.17 and musl 1.2 both have it. TLS, HTTP/2
 * and compression are chosen by definitions in the recipe.
 *
 * Left out on purpose: arc4random (needs glibc 2.36), gethostbyname_r (getaddrinfo is used), fsetxattr and the like
 * (only its command line program has them).
 */

/* HTTP and HTTPS alone, and of HTTP only what a library needs: no files, mail, or state on disk. */
#define CURL_DISABLE_DICT 1                  /* protocol not used */
#define CURL_DISABLE_FILE 1                  /* protocol not used */
#define CURL_DISABLE_FTP 1                   /* protocol not used */
#define CURL_DISABLE_GOPHER 1                /* protocol not used */
#define CURL_DISABLE_IMAP 1                  /* protocol not used */
#define CURL_DISABLE_LDAP 1                  /* protocol not used */
#define CURL_DISABLE_LDAPS 1                 /* protocol not used */
#define CURL_DISABLE_MQTT 1                  /* protocol not used */
#define CURL_DISABLE_POP3 1                  /* protocol not used */
#define CURL_DISABLE_RTSP 1                  /* protocol not used */
#define CURL_DISABLE_SMTP 1                  /* protocol not used */
#define CURL_DISABLE_TELNET 1                /* protocol not used */
#define CURL_DISABLE_TFTP 1                  /* protocol not used */
#define CURL_DISABLE_WEBSOCKETS 1            /* protocol not used */
#define CURL_DISABLE_ALTSVC 1                /* keeps or reads files of its own */
#define CURL_DISABLE_HSTS 1                  /* keeps or reads files of its own */
#define CURL_DISABLE_NETRC 1                 /* keeps or reads files of its own */
#define CURL_DISABLE_KERBEROS_AUTH 1         /* login not used */
#define CURL_DISABLE_NEGOTIATE_AUTH 1        /* login not used */
#define CURL_DISABLE_HTTPSIG 1               /* login not used */
#define CURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG 1/* the system's openssl.cnf may name modules that are not built */
#define CURL_CA_PATH "/etc/ssl/certs"        /* Debian, Alpine, SUSE; a caller that knows better sets CURLOPT_CAINFO */
#define CURL_OS "Linux"                      /* part of curl_version() */
#define CURL_EXTERN_SYMBOL                   /* nothing of it leaves the library */

/* Types. */
#define HAVE_BOOL_T 1                        /* C99 */
#define HAVE_STDBOOL_H 1                     /* C99 */
#define HAVE_ATOMIC 1                        /* C11 */
#define HAVE_STDATOMIC_H 1                   /* C11 */
#define HAVE_SA_FAMILY_T 1                   /* POSIX.1-2008 */
#define HAVE_STRUCT_SOCKADDR_STORAGE 1       /* POSIX.1-2008 */
#define HAVE_STRUCT_TIMEVAL 1                /* POSIX.1-2008 */
#define HAVE_SUSECONDS_T 1                   /* POSIX.1-2008 */
#define HAVE_SOCKADDR_IN6_SIN6_SCOPE_ID 1    /* POSIX.1-2008 */
#define SIZEOF_INT 4                         /* x86-64 and aarch64 */
#define SIZEOF_CURL_OFF_T 8                  /* x86-64 and aarch64 */
#define SIZEOF_CURL_SOCKET_T 4               /* x86-64 and aarch64 */
#define SIZEOF_LONG 8                        /* Linux on x86-64 and aarch64 */
#define SIZEOF_OFF_T 8                       /* Linux on x86-64 and aarch64 */
#define SIZEOF_SIZE_T 8                      /* Linux on x86-64 and aarch64 */
#define SIZEOF_TIME_T 8                      /* Linux on x86-64 and aarch64 */

/* Headers. */
#define HAVE_LOCALE_H 1                      /* C99 */
#define HAVE_ARPA_INET_H 1                   /* POSIX.1-2008 */
#define HAVE_DIRENT_H 1                      /* POSIX.1-2008 */
#define HAVE_FCNTL_H 1                       /* POSIX.1-2008 */
#define HAVE_LIBGEN_H 1                      /* POSIX.1-2008 */
#define HAVE_NETDB_H 1                       /* POSIX.1-2008 */
#define HAVE_NETINET_IN_H 1                  /* POSIX.1-2008 */
#define HAVE_NETINET_TCP_H 1                 /* POSIX.1-2008 */
#define HAVE_NET_IF_H 1                      /* POSIX.1-2008 */
#define HAVE_POLL_H 1                        /* POSIX.1-2008 */
#define HAVE_PWD_H 1                         /* POSIX.1-2008 */
#define HAVE_STRINGS_H 1                     /* POSIX.1-2008 */
#define HAVE_SYS_RESOURCE_H 1                /* POSIX.1-2008 */
#define HAVE_SYS_SELECT_H 1                  /* POSIX.1-2008 */
#define HAVE_SYS_TYPES_H 1                   /* POSIX.1-2008 */
#define HAVE_SYS_UN_H 1                      /* POSIX.1-2008 */
#define HAVE_UNISTD_H 1                      /* POSIX.1-2008 */
#define HAVE_UTIME_H 1                       /* POSIX.1-2008 */
#define HAVE_IFADDRS_H 1                     /* BSD */
#define HAVE_NETINET_IP_H 1                  /* BSD */
#define HAVE_NETINET_UDP_H 1                 /* BSD */
#define HAVE_SYS_IOCTL_H 1                   /* BSD */
#define HAVE_SYS_PARAM_H 1                   /* BSD */
#define HAVE_SYS_POLL_H 1                    /* BSD */
#define HAVE_LINUX_TCP_H 1                   /* Linux */
#define HAVE_SYS_EVENTFD_H 1                 /* Linux */

/* Functions. */
#define HAVE_SETLOCALE 1                     /* C99 */
#define HAVE_SIGNAL 1                        /* C99 */
#define HAVE_ALARM 1                         /* POSIX.1-2008 */
#define HAVE_BASENAME 1                      /* POSIX.1-2008 */
#define HAVE_FCNTL 1                         /* POSIX.1-2008 */
#define HAVE_FCNTL_O_NONBLOCK 1              /* POSIX.1-2008 */
#define HAVE_FNMATCH 1                       /* POSIX.1-2008 */
#define HAVE_FREEADDRINFO 1                  /* POSIX.1-2008 */
#define HAVE_FSEEKO 1                        /* POSIX.1-2008 */
#define HAVE_DECL_FSEEKO 1                   /* POSIX.1-2008 */
#define HAVE_GETADDRINFO 1                   /* POSIX.1-2008 */
#define HAVE_GETADDRINFO_THREADSAFE 1        /* POSIX.1-2008 */
#define HAVE_GETEUID 1                       /* POSIX.1-2008 */
#define HAVE_GETHOSTNAME 1                   /* POSIX.1-2008 */
#define HAVE_GETPEERNAME 1                   /* POSIX.1-2008 */
#define HAVE_GETPPID 1                       /* POSIX.1-2008 */
#define HAVE_GETPWUID 1                      /* POSIX.1-2008 */
#define HAVE_GETPWUID_R 1                    /* POSIX.1-2008 */
#define HAVE_GETSOCKNAME 1                   /* POSIX.1-2008 */
#define HAVE_GETTIMEOFDAY 1                  /* POSIX.1-2008 */
#define HAVE_GMTIME_R 1                      /* POSIX.1-2008 */
#define HAVE_IF_NAMETOINDEX 1                /* POSIX.1-2008 */
#define HAVE_LOCALTIME_R 1                   /* POSIX.1-2008 */
#define HAVE_OPENDIR 1                       /* POSIX.1-2008 */
#define HAVE_PIPE 1                          /* POSIX.1-2008 */
#define HAVE_POLL 1                          /* POSIX.1-2008 */
#define HAVE_REALPATH 1                      /* POSIX.1-2008 */
#define HAVE_RECV 1                          /* POSIX.1-2008 */
#define HAVE_SCHED_YIELD 1                   /* POSIX.1-2008 */
#define HAVE_SEND 1                          /* POSIX.1-2008 */
#define HAVE_SENDMSG 1                       /* POSIX.1-2008 */
#define HAVE_SIGACTION 1                     /* POSIX.1-2008 */
#define HAVE_SIGSETJMP 1                     /* POSIX.1-2008 */
#define HAVE_SOCKET 1                        /* POSIX.1-2008 */
#define HAVE_SOCKETPAIR 1                    /* POSIX.1-2008 */
#define HAVE_STRERROR_R 1                    /* POSIX.1-2008 */
#define HAVE_UTIME 1                         /* POSIX.1-2008 */
#define HAVE_CLOCK_GETTIME_MONOTONIC 1       /* POSIX.1-2008 */
#define HAVE_CLOCK_GETTIME_MONOTONIC_RAW 1   /* Linux */
#define HAVE_ACCEPT4 1                       /* Linux */
#define HAVE_EVENTFD 1                       /* Linux */
#define HAVE_MEMRCHR 1                       /* Linux */
#define HAVE_PIPE2 1                         /* Linux */
#define HAVE_SENDMMSG 1                      /* Linux */
#define HAVE_GETIFADDRS 1                    /* BSD */
#define HAVE_IOCTL_FIONBIO 1                 /* BSD */
#define HAVE_IOCTL_SIOCGIFADDR 1             /* BSD */
#if defined(__GLIBC__)
#define HAVE_GLIBC_STRERROR_R 1              /* glibc under _GNU_SOURCE: returns the text */
#else
#define HAVE_POSIX_STRERROR_R 1              /* musl: fills the buffer */
#endif

/* What is used of it. */
#define HAVE_THREADS_POSIX 1                 /* pthreads: names are looked up beside the transfer */
#define USE_RESOLV_THREADED 1                /* pthreads: names are looked up beside the transfer */
#define USE_IPV6 1                           /* Linux */
#define USE_UNIX_SOCKETS 1                   /* Linux */
