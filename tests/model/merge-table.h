/*
 * merge-table.h - what the rules of the combinators make of values, as a table
 *
 * A value is a few small numbers, a part each; ABSENT is one that is not there.
 * The table says for each combinator how values are told, what its rules make of
 * wholes and of parts, and which laws it claims.
 */
#ifndef IRMIN_TESTS_MERGE_TABLE_H
#define IRMIN_TESTS_MERGE_TABLE_H

#include <irmin/merge.h>

#define ABSENT (-100)
#define PARTS  3
#define DRAWS  24000
#define HITS   1000

enum when { END, OURS_IS_BASE, THEIRS_IS_BASE, SAME, BOTH_THERE, ALWAYS };
enum then { OURS, THEIRS, SMALLER, LARGER, SUM, CONFLICT, BY_PART };

struct rule {
	enum when when;
	enum then then;
};

enum claim {
	IDENTITY = 1,    /* an unchanged side gives the other */
	COMMUTES = 2,    /* both orders agree */
	IDEMPOTENT = 4,  /* equal sides give that */
	ASSOCIATES = 8,  /* over one base */
	TOTAL = 16,      /* never conflicts */
	NEVER_ASKS = 32, /* for the base */
	ASKS_UNLESS_SAME = 64
};

struct vector {
	int parts[PARTS];
};

struct combinator {
	const char *name;
	irmin_merge *(*make)(void);
	irmin_value *(*encode)(const struct vector *vector);
	unsigned parts;
	int least, most; /* of a part */
	unsigned claims;
	struct rule whole[4];
	struct rule part[6];
};

struct triple {
	struct vector base, ours, theirs;
	int has_base;
};

/* Hits of each rule. */
struct hits {
	unsigned whole[4], part[6];
};

extern const struct combinator combinators[];
extern const size_t combinator_count;

/* What the table says: zero is a conflict. */
int table_expect(const struct combinator *what, const struct triple *in,
    struct hits *hits, struct vector *result);

/* A list whose order is not what it is about, as a set; takes the value. */
irmin_value *table_in_order(const struct combinator *what, irmin_value *value);

/* Whether its values have such an order: association lists keep that of ours. */
int table_has_order(const struct combinator *what);

#endif
