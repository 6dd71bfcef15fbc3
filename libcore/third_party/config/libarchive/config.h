/* SPDX-License-Identifier: MIT */
/*
 * What libarchive 3.8 reads instead of a configure run: only macros its sources test, each with what it was checked
 * against. Linux, gcc or clang, 64 bits; "Linux" and "BSD" mean that glibc 2.17 and musl 1.2 both have it.
 *
 * Left out on purpose: lchmod (needs glibc 2.32), arc4random_buf (2.36), readdir_r, futimesat and vfork (superseded by
 * what is here), libacl, libattr, libxml2, expat, lzo, libb2 (not built), and every crypto library: archives with
 * passwords are not read. Digests that need one (xar, mtree with SHA-2) are not checked.
 */
#define __LIBARCHIVE_CONFIG_H_INCLUDED 1     /* archive_platform.h insists on it */

/* Types and limits. */
#define HAVE_INTMAX_T 1                      /* C99 */
#define HAVE_UINTMAX_T 1                     /* C99 */
#define HAVE_WCHAR_T 1                       /* C99 */
#define HAVE_LONG_LONG_INT 1                 /* C99 */
#define HAVE_UNSIGNED_LONG_LONG 1            /* C99 */
#define HAVE_UNSIGNED_LONG_LONG_INT 1        /* C99 */
#define HAVE_DECL_INT32_MAX 1                /* C99, <stdint.h> */
#define HAVE_DECL_INT32_MIN 1                /* C99, <stdint.h> */
#define HAVE_DECL_INT64_MAX 1                /* C99, <stdint.h> */
#define HAVE_DECL_INT64_MIN 1                /* C99, <stdint.h> */
#define HAVE_DECL_INTMAX_MAX 1               /* C99, <stdint.h> */
#define HAVE_DECL_INTMAX_MIN 1               /* C99, <stdint.h> */
#define HAVE_DECL_SIZE_MAX 1                 /* C99, <stdint.h> */
#define HAVE_DECL_UINT32_MAX 1               /* C99, <stdint.h> */
#define HAVE_DECL_UINT64_MAX 1               /* C99, <stdint.h> */
#define HAVE_DECL_UINTMAX_MAX 1              /* C99, <stdint.h> */
#define HAVE_DECL_SSIZE_MAX 1                /* POSIX, <limits.h> */
#define HAVE_EILSEQ 1                        /* C99, <errno.h> */
#define SIZEOF_INT 4                         /* x86-64 and aarch64 */
#define SIZEOF_LONG 8                        /* Linux on x86-64 and aarch64 */

/* Headers. */
#define HAVE_CTYPE_H 1                       /* C99 */
#define HAVE_ERRNO_H 1                       /* C99 */
#define HAVE_INTTYPES_H 1                    /* C99 */
#define HAVE_LIMITS_H 1                      /* C99 */
#define HAVE_LOCALE_H 1                      /* C99 */
#define HAVE_SIGNAL_H 1                      /* C99 */
#define HAVE_STDARG_H 1                      /* C99 */
#define HAVE_STDINT_H 1                      /* C99 */
#define HAVE_STDLIB_H 1                      /* C99 */
#define HAVE_STRING_H 1                      /* C99 */
#define HAVE_TIME_H 1                        /* C99 */
#define HAVE_WCHAR_H 1                       /* C99 */
#define HAVE_WCTYPE_H 1                      /* C99 */
#define HAVE_DIRENT_H 1                      /* POSIX.1-2008 */
#define HAVE_DLFCN_H 1                       /* POSIX.1-2008 */
#define HAVE_FCNTL_H 1                       /* POSIX.1-2008 */
#define HAVE_FNMATCH_H 1                     /* POSIX.1-2008 */
#define HAVE_GRP_H 1                         /* POSIX.1-2008 */
#define HAVE_ICONV_H 1                       /* POSIX.1-2008 */
#define HAVE_LANGINFO_H 1                    /* POSIX.1-2008 */
#define HAVE_POLL_H 1                        /* POSIX.1-2008 */
#define HAVE_PTHREAD_H 1                     /* POSIX.1-2008 */
#define HAVE_PWD_H 1                         /* POSIX.1-2008 */
#define HAVE_REGEX_H 1                       /* POSIX.1-2008 */
#define HAVE_SPAWN_H 1                       /* POSIX.1-2008 */
#define HAVE_STRINGS_H 1                     /* POSIX.1-2008 */
#define HAVE_SYS_SELECT_H 1                  /* POSIX.1-2008 */
#define HAVE_SYS_STATVFS_H 1                 /* POSIX.1-2008 */
#define HAVE_SYS_STAT_H 1                    /* POSIX.1-2008 */
#define HAVE_SYS_TIME_H 1                    /* POSIX.1-2008 */
#define HAVE_SYS_TYPES_H 1                   /* POSIX.1-2008 */
#define HAVE_SYS_UTSNAME_H 1                 /* POSIX.1-2008 */
#define HAVE_SYS_WAIT_H 1                    /* POSIX.1-2008 */
#define HAVE_UNISTD_H 1                      /* POSIX.1-2008 */
#define HAVE_UTIME_H 1                       /* POSIX.1-2008 */
#define HAVE_PATHS_H 1                       /* BSD */
#define HAVE_SYS_IOCTL_H 1                   /* BSD */
#define HAVE_SYS_MOUNT_H 1                   /* BSD */
#define HAVE_SYS_PARAM_H 1                   /* BSD */
#define HAVE_SYS_POLL_H 1                    /* BSD */
#define HAVE_SYS_STATFS_H 1                  /* Linux */
#define HAVE_SYS_XATTR_H 1                   /* Linux */
#define HAVE_LINUX_FIEMAP_H 1                /* Linux, kernel headers */
#define HAVE_LINUX_FS_H 1                    /* Linux, kernel headers */
#define HAVE_LINUX_MAGIC_H 1                 /* Linux, kernel headers */
#define HAVE_LINUX_TYPES_H 1                 /* Linux, kernel headers */
#define MAJOR_IN_SYSMACROS 1                 /* Linux: major() is in <sys/sysmacros.h> */

/* Functions. */
#define HAVE_MEMMOVE 1                       /* C99 */
#define HAVE_MEMSET 1                        /* C99 */
#define HAVE_SETLOCALE 1                     /* C99 */
#define HAVE_STRCHR 1                        /* C99 */
#define HAVE_STRERROR 1                      /* C99 */
#define HAVE_STRFTIME 1                      /* C99 */
#define HAVE_STRRCHR 1                       /* C99 */
#define HAVE_VPRINTF 1                       /* C99 */
#define HAVE_WCRTOMB 1                       /* C99 */
#define HAVE_MBRTOWC 1                       /* C99 */
#define HAVE_WCTOMB 1                        /* C99 */
#define HAVE_WCSCMP 1                        /* C99 */
#define HAVE_WCSCPY 1                        /* C99 */
#define HAVE_WCSLEN 1                        /* C99 */
#define HAVE_WMEMCMP 1                       /* C99 */
#define HAVE_WMEMCPY 1                       /* C99 */
#define HAVE_WMEMMOVE 1                      /* C99 */
#define HAVE_CHOWN 1                         /* POSIX.1-2008 */
#define HAVE_CTIME_R 1                       /* POSIX.1-2008 */
#define HAVE_DECL_STRERROR_R 1               /* POSIX.1-2008 */
#define HAVE_DIRFD 1                         /* POSIX.1-2008 */
#define HAVE_FCHDIR 1                        /* POSIX.1-2008 */
#define HAVE_FCHMOD 1                        /* POSIX.1-2008 */
#define HAVE_FCHOWN 1                        /* POSIX.1-2008 */
#define HAVE_FCNTL 1                         /* POSIX.1-2008 */
#define HAVE_FDOPENDIR 1                     /* POSIX.1-2008 */
#define HAVE_FNMATCH 1                       /* POSIX.1-2008 */
#define HAVE_FORK 1                          /* POSIX.1-2008 */
#define HAVE_FSEEKO 1                        /* POSIX.1-2008 */
#define HAVE_FSTAT 1                         /* POSIX.1-2008 */
#define HAVE_FSTATAT 1                       /* POSIX.1-2008 */
#define HAVE_FSTATVFS 1                      /* POSIX.1-2008 */
#define HAVE_FTRUNCATE 1                     /* POSIX.1-2008 */
#define HAVE_FUTIMENS 1                      /* POSIX.1-2008 */
#define HAVE_GETEUID 1                       /* POSIX.1-2008 */
#define HAVE_GETGRGID_R 1                    /* POSIX.1-2008 */
#define HAVE_GETGRNAM_R 1                    /* POSIX.1-2008 */
#define HAVE_GETLINE 1                       /* POSIX.1-2008 */
#define HAVE_GETPID 1                        /* POSIX.1-2008 */
#define HAVE_GETPWNAM_R 1                    /* POSIX.1-2008 */
#define HAVE_GETPWUID_R 1                    /* POSIX.1-2008 */
#define HAVE_GMTIME_R 1                      /* POSIX.1-2008 */
#define HAVE_LCHOWN 1                        /* POSIX.1-2008 */
#define HAVE_LINK 1                          /* POSIX.1-2008 */
#define HAVE_LINKAT 1                        /* POSIX.1-2008 */
#define HAVE_LOCALTIME_R 1                   /* POSIX.1-2008 */
#define HAVE_LSTAT 1                         /* POSIX.1-2008 */
#define HAVE_MKDIR 1                         /* POSIX.1-2008 */
#define HAVE_MKFIFO 1                        /* POSIX.1-2008 */
#define HAVE_MKNOD 1                         /* POSIX.1-2008 */
#define HAVE_MKSTEMP 1                       /* POSIX.1-2008 */
#define HAVE_NL_LANGINFO 1                   /* POSIX.1-2008 */
#define HAVE_OPENAT 1                        /* POSIX.1-2008 */
#define HAVE_PIPE 1                          /* POSIX.1-2008 */
#define HAVE_POLL 1                          /* POSIX.1-2008 */
#define HAVE_POSIX_SPAWNP 1                  /* POSIX.1-2008 */
#define HAVE_READLINK 1                      /* POSIX.1-2008 */
#define HAVE_READLINKAT 1                    /* POSIX.1-2008 */
#define HAVE_SELECT 1                        /* POSIX.1-2008 */
#define HAVE_SETENV 1                        /* POSIX.1-2008 */
#define HAVE_SIGACTION 1                     /* POSIX.1-2008 */
#define HAVE_STATVFS 1                       /* POSIX.1-2008 */
#define HAVE_STRDUP 1                        /* POSIX.1-2008 */
#define HAVE_STRERROR_R 1                    /* POSIX.1-2008 */
#define HAVE_STRNLEN 1                       /* POSIX.1-2008 */
#define HAVE_SYMLINK 1                       /* POSIX.1-2008 */
#define HAVE_SYSCONF 1                       /* POSIX.1-2008 */
#define HAVE_TCGETATTR 1                     /* POSIX.1-2008 */
#define HAVE_TCSETATTR 1                     /* POSIX.1-2008 */
#define HAVE_TZSET 1                         /* POSIX.1-2008 */
#define HAVE_UNLINKAT 1                      /* POSIX.1-2008 */
#define HAVE_UNSETENV 1                      /* POSIX.1-2008 */
#define HAVE_UTIME 1                         /* POSIX.1-2008 */
#define HAVE_UTIMENSAT 1                     /* POSIX.1-2008 */
#define HAVE_ICONV 1                         /* POSIX.1-2008, in libc itself */
#define HAVE_CHROOT 1                        /* BSD */
#define HAVE_FUTIMES 1                       /* BSD */
#define HAVE_LUTIMES 1                       /* BSD */
#define HAVE_TIMEGM 1                        /* BSD */
#define HAVE_UTIMES 1                        /* BSD */
#define HAVE_FSTATFS 1                       /* Linux */
#define HAVE_STATFS 1                        /* Linux */
#define HAVE_STRUCT_STATFS 1                 /* Linux */
#define ARCHIVE_XATTR_LINUX 1                /* Linux: fgetxattr, lsetxattr and the others */
#define HAVE_WORKING_FS_IOC_GETFLAGS 1       /* Linux: no-dump, immutable, append-only */
#define ICONV_CONST                          /* POSIX: the input of iconv() is not const */

/* Members of structures. */
#define HAVE_STRUCT_STAT_ST_BLKSIZE 1        /* POSIX.1-2008, <sys/stat.h> */
#define HAVE_STRUCT_STAT_ST_MTIM_TV_NSEC 1   /* POSIX.1-2008, <sys/stat.h> */
#define HAVE_STRUCT_TM_TM_GMTOFF 1           /* BSD, <time.h> */

/* The compressors that are built with it; see deps.toml for their versions. */
#define HAVE_ZLIB_H 1                        /* zlib-ng, under the names of zlib */
#define HAVE_LIBZ 1                          /* zlib-ng, under the names of zlib */
#define HAVE_BZLIB_H 1                       /* bzip2 */
#define HAVE_LIBBZ2 1                        /* bzip2 */
#define HAVE_LZMA_H 1                        /* xz 5.2 */
#define HAVE_LIBLZMA 1                       /* xz 5.2 */
#define HAVE_LZMA_STREAM_ENCODER_MT 1        /* xz 5.2 */
#define HAVE_LZ4_H 1                         /* lz4 */
#define HAVE_LZ4HC_H 1                       /* lz4 */
#define HAVE_LIBLZ4 1                        /* lz4 */
#define HAVE_ZSTD_H 1                        /* zstd 1.4 */
#define HAVE_LIBZSTD 1                       /* zstd 1.4 */
#define HAVE_ZSTD_compressStream 1           /* zstd 1.4 */
#define HAVE_ZSTD_minCLevel 1                /* zstd 1.4 */

