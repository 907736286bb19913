"""The table of the house: who may include and call whom. HACKING.md tells why."""

# A room, its static library, and the rooms that it may stand on. A room may
# always include itself, the public headers and libc.
ROOMS = {
    'lib/core/base': ('base', []),
    'lib/core/object': ('object', ['lib/core/base']),
    'lib/core/store': ('store', ['lib/core/object', 'lib/core/base']),
    'lib/pack': ('pack', ['lib/core/object', 'lib/core/base']),
    'lib/backend-mem': ('backend-mem', ['lib/core/object', 'lib/core/base']),
    'lib/backend-git': ('backend-git',
                        ['lib/pack', 'lib/core/object', 'lib/core/base']),
    'lib/backend-lmdb': ('backend-lmdb', ['lib/core/object', 'lib/core/base']),
    'lib/merge': ('merge',
                  ['lib/core/store', 'lib/core/object', 'lib/core/base']),
    'lib/sync': ('sync', ['lib/pack', 'lib/core/store', 'lib/core/object',
                          'lib/core/base']),
    'lib/open': ('open', ['lib']),
    'lib/ds': ('ds', []),
}

# Could have been written by an outsider: public headers and their own folder.
CLIENTS = ['cli', 'examples', 'bench', 'bindings', 'tests/suite']

# Headers of other libraries, and the only files that may name them.
OWNED_HEADERS = {
    'zlib.h': ['lib/pack/*', 'lib/backend-git/*'],
    'libdeflate.h': ['lib/pack/*', 'lib/backend-git/*'],
    'openssl/*': ['lib/core/object/hash*.c'],
    'lmdb.h': ['lib/backend-lmdb/*'],
    'pthread.h': ['lib/core/base/os*', 'lib/core/base/thread.*',
                  'lib/core/base/condition.*'],
    'sys/single_threaded.h': ['lib/core/base/count.h'],
    'curl/*': ['lib/sync/transport-http.c'],
}

# What of C itself lib may include anywhere. All other system headers are the
# operating system's, and stay behind the os seam.
LIBC = '''assert ctype errno float inttypes limits math stdalign stdarg stdatomic
stdbool stddef stdint stdio stdlib string time'''.split()
PUBLIC_LIBC = 'stdarg stddef stdint string'.split()  # string: irmin_text()
OS_SEAM = 'lib/core/base/os*'

# Nowhere but in tests; never in lib; in lib only in base; in lib only behind the
# seam.
OVERRUNS = 'strcpy strcat sprintf vsprintf gets strtok'.split()
BANNED = '''printf fprintf vprintf vfprintf puts fputs putchar perror abort exit
_exit atoi atol atoll'''.split()
BASE_ONLY = '''getenv malloc free calloc realloc strdup strndup asprintf
vasprintf'''.split()
SEAM_ONLY = '''time clock clock_gettime gettimeofday localtime localtime_r sleep
usleep nanosleep fopen rename remove'''.split()

# Sizes: an alarm is printed, a stop fails.
FILE_ALARM, FILE_STOP = 600, 800
FUNCTION_ALARM, FUNCTION_STOP = 60, 100
NESTING_STOP = 3
WIDTH_STOP = 100
BIG_FILES_PERCENT = 15  # of lib's lines may lie in files above FILE_ALARM
