/* irmin/backend.h: what a place to keep objects and refs must be able to do.
 *
 * Audience: authors of backends; programs need none of it.
 * Shape: a backend is an object store (content-addressed, append-only) and a
 *   ref store (atomic names). Each is a struct whose first member points to its
 *   const class: a table of functions, `size` first, so that slots can be
 *   appended; a slot that `size` does not cover, or that is NULL, has the
 *   fallback that stands at it.
 * Threads: slots are called by any number of threads at once, with no lock of
 *   ours held. close is called once, when nothing else runs.
 * Errors: every slot empties its outputs, answers an irmin_rc and fills `err`
 *   when it is negative. `has` and `find` never turn an error into ABSENT.
 * Source: Irmin's Content_addressable and Atomic_write. Since 0.1.
 */
#ifndef IRMIN_BACKEND_H
#define IRMIN_BACKEND_H

#include <irmin/maintain.h>

IRMIN_C_BEGIN

/* Goes to every slot. A slot that can wait or that works long looks at it. */
typedef struct irmin_context {
	size_t size;
	int64_t deadline_us;        /* monotonic clock; 0: none */
	const volatile int *cancel; /* not 0: end with ECANCELED; may be NULL */
	size_t max_object_bytes;    /* find refuses larger ones with ELIMIT */
} irmin_context;

/* ---- objects ---- */

typedef struct irmin_objects irmin_objects;

/* What of a base is kept: `base_len` bytes at `base_offset` of the base are
 * replaced by `len` bytes at `offset` of the new object. */
typedef struct irmin_splice {
	size_t base_offset, base_len;
	size_t offset, len;
} irmin_splice;

/* An object to be added. `id` is the id of `data`, computed by the caller. */
typedef struct irmin_new_object {
	irmin_oid id;
	irmin_object_type type;
	irmin_slice data;           /* borrowed for the call */
	irmin_oid base;             /* no id, or an object much like this one */
	const irmin_splice *splices; /* in order; what differs from `base` */
	size_t splice_count;
} irmin_new_object;

/* Reads one object from its beginning to its end, on one thread at a time. */
typedef struct irmin_object_source irmin_object_source;

typedef struct irmin_object_source_class {
	size_t size;
	/* The next bytes; `got` is less than `len` only at the end. Fails:
	 * ECORRUPT (file and offset; too few bytes are that too), EIO. */
	irmin_rc (*read)(irmin_object_source *source, void *bytes, size_t len,
	    size_t *got, irmin_error *err);
	void (*close)(irmin_object_source *source);
} irmin_object_source_class;

struct irmin_object_source {
	const irmin_object_source_class *cls;
};

/* Takes one object in parts. Until it is finished, nobody sees it. */
typedef struct irmin_object_sink irmin_object_sink;

typedef struct irmin_object_sink_class {
	size_t size;
	irmin_rc (*write)(irmin_object_sink *sink, irmin_slice bytes,
	    irmin_error *err);
	/* The object is whole and has this id: from now on it can be found.
	 * Frees the sink, also on failure. */
	irmin_rc (*finish)(irmin_object_sink *sink, const irmin_oid *id,
	    irmin_error *err);
	/* Gives it up and frees the sink. */
	void (*abort)(irmin_object_sink *sink);
} irmin_object_sink_class;

struct irmin_object_sink {
	const irmin_object_sink_class *cls;
};

/* Takes many objects that need not be found before it is finished. */
typedef struct irmin_batch irmin_batch;

typedef struct irmin_batch_class {
	size_t size;
	/* As the slot `add` of the objects; on failure only abort may follow.
	 * An object with a base that was added to the same batch a short while
	 * ago may be stored as what differs from it. */
	irmin_rc (*add)(irmin_batch *batch, const irmin_context *context,
	    const irmin_new_object *added, size_t count, irmin_error *err);
	/* All can be found from now on. Frees the batch, also on failure. */
	irmin_rc (*finish)(irmin_batch *batch, const irmin_context *context,
	    irmin_error *err);
	/* Gives all of it up and frees the batch. */
	void (*abort)(irmin_batch *batch);
} irmin_batch_class;

struct irmin_batch {
	const irmin_batch_class *cls;
};

/* An object in a scan; borrowed for the call. */
typedef struct irmin_scanned {
	irmin_oid id;             /* no id if not even that is known */
	irmin_object_type type;   /* ANY if it cannot be read */
	irmin_slice data;         /* its id was not checked */
	irmin_oid base;           /* an object much like it, told before; or none */
	const irmin_error *fault; /* why it cannot be read; else NULL */
} irmin_scanned;

/* A non-zero answer stops and is passed through. */
typedef int (*irmin_scan_fn)(void *arg, const irmin_scanned *object);

/* What a backend can tell of a commit without reading it. */
typedef struct irmin_graph_commit {
	irmin_oid tree;
	int64_t time;        /* of the committer */
	uint64_t generation; /* above that of every parent; 0: not known */
	size_t parent_count;
	irmin_buf parents;   /* that many irmin_oid; belongs to the caller */
} irmin_graph_commit;

typedef struct irmin_objects_class {
	size_t size;
	const char *name; /* "mem", "git", ... */

	/* ---- required ---- */

	/* The object with this id. Answers: OK; ABSENT. Fails: ECORRUPT (file
	 * and offset), ELIMIT, EIO, ENOMEM. Need not check the id again: the
	 * core does, where it does not trust the backend. */
	irmin_rc (*find)(irmin_objects *objects, const irmin_context *context,
	    const irmin_oid *id, irmin_object *object, irmin_error *err);

	/* Whether it is there. Answers: OK; ABSENT. */
	irmin_rc (*has)(irmin_objects *objects, const irmin_context *context,
	    const irmin_oid *id, irmin_error *err);

	/* Adds `count` objects, those there already included; later ones may
	 * refer to earlier ones. On OK all of them can be found, by every
	 * process; on failure none counts as added, though some may be found.
	 * At level PROCESS and above they survive the end of the process;
	 * surviving loss of power is the business of `flush`. */
	irmin_rc (*add)(irmin_objects *objects, const irmin_context *context,
	    const irmin_new_object *added, size_t count, irmin_error *err);

	/* Tells every object whose id begins with the hexadecimal digits
	 * `prefix` ("": all), each at least once, in no order. Fails: ECORRUPT
	 * (some cannot be told; the others were), EIO, ENOMEM. */
	irmin_rc (*each)(irmin_objects *objects, const irmin_context *context,
	    const char *prefix, irmin_object_fn fn, void *arg,
	    irmin_error *err);

	/* Frees everything. */
	void (*close)(irmin_objects *objects);

	/* ---- optional ---- */

	/* Type and size without the bytes. Answers: OK; ABSENT. Fallback:
	 * find. */
	irmin_rc (*stat)(irmin_objects *objects, const irmin_context *context,
	    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
	    irmin_error *err);

	/* Makes everything added so far survive loss of power (level POWER), or
	 * the end of the process (PROCESS). Fallback: nothing to do. */
	irmin_rc (*flush)(irmin_objects *objects, const irmin_context *context,
	    irmin_level level, irmin_error *err);

	/* Looks again for what other processes added. Fallback: nothing. */
	irmin_rc (*refresh)(irmin_objects *objects,
	    const irmin_context *context, irmin_error *err);

	/* Protects an object that is there from being collected as old; the
	 * next flush is about it, too, and about what whoever wrote it did
	 * before. Answers: OK; ABSENT. Fallback: has. */
	irmin_rc (*freshen)(irmin_objects *objects,
	    const irmin_context *context, const irmin_oid *id,
	    irmin_error *err);

	/* Opens a stream that reads an object, of any size where it lies whole.
	 * Answers: OK; ABSENT. Fallback: find. */
	irmin_rc (*open_read)(irmin_objects *objects,
	    const irmin_context *context, const irmin_oid *id,
	    irmin_object_type *type, uint64_t *bytes,
	    irmin_object_source **source, irmin_error *err);

	/* Begins an object of `bytes` bytes, which come in parts. Fallback: all
	 * of it in memory, within the limit, and add. */
	irmin_rc (*add_begin)(irmin_objects *objects,
	    const irmin_context *context, irmin_object_type type,
	    uint64_t bytes, irmin_object_sink **sink, irmin_error *err);

	/* Begins a batch. The objects stay open until it ends. Fallback: add. */
	irmin_rc (*batch_begin)(irmin_objects *objects,
	    const irmin_context *context, irmin_batch **batch,
	    irmin_error *err);

	/* Tells every object with its bytes, each at least once, in the order
	 * in which reading costs least; one that cannot be read (beyond the
	 * context's limit: ELIMIT) is told with its fault, and the scan goes
	 * on. Fallback: each and find. */
	irmin_rc (*scan)(irmin_objects *objects, const irmin_context *context,
	    irmin_scan_fn fn, void *arg, irmin_error *err);

	/* What is known of a commit, with all its parents; `commit` was
	 * initialised by the caller, who clears its parents. Answers: OK;
	 * ABSENT (nothing is: read it; so always for one that is_shallow
	 * tells). Fallback: ABSENT. */
	irmin_rc (*find_graph)(irmin_objects *objects,
	    const irmin_context *context, const irmin_oid *id,
	    irmin_graph_commit *commit, irmin_error *err);

	/* Whether the history before this commit was cut off, so that its
	 * parents are not there. Answers: OK (yes); ABSENT. Fallback: ABSENT. */
	irmin_rc (*is_shallow)(irmin_objects *objects,
	    const irmin_context *context, const irmin_oid *id,
	    irmin_error *err);

	/* irmin_repo_pack for the objects. Fallback: UNCHANGED. */
	irmin_rc (*pack)(irmin_objects *objects, const irmin_context *context,
	    irmin_progress_fn progress, void *arg, irmin_error *err);

	/* Tells what is wrong with the backend's own files, their checksums
	 * included, that reading the objects does not find. Fallback: nothing
	 * is. */
	irmin_rc (*verify)(irmin_objects *objects,
	    const irmin_context *context, irmin_fault_fn fn, void *arg,
	    irmin_error *err);

	/* Between these two, objects are added to which a ref leads only in
	 * the end. What was added since the first of several such pieces of
	 * work began that are under way at once stays until the last of them
	 * ends, whoever collects garbage meanwhile. Fallback: nothing; it is
	 * the business of whoever collects. */
	void (*work_begin)(irmin_objects *objects);
	void (*work_end)(irmin_objects *objects);

	/* irmin_repo_write_graph: from now on find_graph tells of all commits
	 * that refs reach. Fallback: UNCHANGED. */
	irmin_rc (*write_graph)(irmin_objects *objects,
	    const irmin_context *context, irmin_error *err);
} irmin_objects_class;

struct irmin_objects {
	const irmin_objects_class *cls;
};

/* ---- refs ---- */

typedef struct irmin_refs irmin_refs;

/* Where a ref points: an id, or the full name of another ref. */
typedef struct irmin_ref_value {
	irmin_oid id;     /* no id if symbolic */
	irmin_buf target; /* of a symbolic ref; else empty */
} irmin_ref_value;

/* One change of a compare-and-set. */
typedef struct irmin_ref_change {
	const char *name;    /* in full: refs/heads/main */
	int any;             /* not 0: whatever it is now */
	irmin_oid expected;  /* else this; no id: it must be absent */
	irmin_oid id;        /* the new id; no id: remove it */
} irmin_ref_change;

/* What goes to the reflog. */
typedef struct irmin_reflog {
	irmin_ident who;
	irmin_slice message; /* one line */
} irmin_reflog;

/* A non-zero answer stops and is passed through. `value` is borrowed. */
typedef int (*irmin_ref_value_fn)(void *arg, const char *name,
    const irmin_ref_value *value);

typedef struct irmin_refs_class {
	size_t size;
	const char *name;

	/* ---- required ---- */

	/* The ref of this full name; symbolic ones are not followed. Answers:
	 * OK; ABSENT. Fails: ECORRUPT (file), EIO, ENOMEM. */
	irmin_rc (*find)(irmin_refs *refs, const irmin_context *context,
	    const char *name, irmin_ref_value *value, irmin_error *err);

	/* Makes all changes, each if the ref is what it is expected to be, or
	 * none. Symbolic refs are not followed. `reflog` may be NULL. Answers:
	 * OK. Fails: ESTALE (`differing`, which may be NULL, is the index of
	 * the first that differed); ELOCKED after the context's deadline; EEXIST
	 * (a ref named like a directory of this one, or the reverse);
	 * EINDETERMINATE where the outcome is unknown; ENOSPC, EIO, ENOMEM. */
	irmin_rc (*cas)(irmin_refs *refs, const irmin_context *context,
	    const irmin_ref_change *changes, size_t count,
	    const irmin_reflog *reflog, size_t *differing, irmin_error *err);

	/* Tells the refs whose full names begin with `prefix`, sorted by name;
	 * HEAD is not among them. Fails: ECORRUPT, EACCES, EIO (a ref cannot be
	 * read: the others were told before; a backend that is read-only passes
	 * over it). */
	irmin_rc (*each)(irmin_refs *refs, const irmin_context *context,
	    const char *prefix, irmin_ref_value_fn fn, void *arg,
	    irmin_error *err);

	/* Makes `name` a symbolic ref to the full name `target`. */
	irmin_rc (*set_link)(irmin_refs *refs, const irmin_context *context,
	    const char *name, const char *target, irmin_error *err);

	/* Frees everything. */
	void (*close)(irmin_refs *refs);

	/* ---- optional ---- */

	/* As in irmin_objects_class. Called after that one. */
	irmin_rc (*flush)(irmin_refs *refs, const irmin_context *context,
	    irmin_level level, irmin_error *err);

	/* Whether a work tree has this ref checked out; `where` is its
	 * directory. "HEAD" asks whether one follows HEAD, whatever that names.
	 * Answers: OK (yes); ABSENT. Fallback: ABSENT. */
	irmin_rc (*checked_out)(irmin_refs *refs, const irmin_context *context,
	    const char *name, irmin_buf *where, irmin_error *err);

	/* irmin_repo_pack for the refs. Fallback: UNCHANGED. */
	irmin_rc (*pack)(irmin_refs *refs, const irmin_context *context,
	    irmin_error *err);

	/* Tells what is wrong with the files of the refs; one that cannot be
	 * read does not hide the others. Fallback: nothing is. */
	irmin_rc (*verify)(irmin_refs *refs, const irmin_context *context,
	    irmin_fault_fn fn, void *arg, irmin_error *err);
} irmin_refs_class;

struct irmin_refs {
	const irmin_refs_class *cls;
};

/* ---- both ---- */

typedef struct irmin_backend irmin_backend;

/* irmin_backend.flags */
enum irmin_backend_flag {
	/* Gone when it is closed, and nobody else changes it meanwhile. Then
	 * commits are kept by us, in memory, and freed when nothing holds them:
	 * the backend is given what comes as bytes, links between refs, and for
	 * each head its name, with an id that no object has. The slots cas and
	 * set_link of its refs are called one at a time, under a lock. */
	IRMIN_BACKEND_VOLATILE = 1,
	IRMIN_BACKEND_READ_ONLY = 2
};

typedef struct irmin_backend_class {
	size_t size;
	const char *scheme; /* "mem", "git", ... */

	/* Frees what is not objects and refs; they are closed before. */
	void (*close)(irmin_backend *backend);

	/* ---- optional ---- */

	/* A setting ("user.name"). Answers: OK; ABSENT. Fallback: ABSENT. */
	irmin_rc (*find_config)(irmin_backend *backend, const char *key,
	    irmin_buf *value, irmin_error *err);
} irmin_backend_class;

struct irmin_backend {
	const irmin_backend_class *cls;
	irmin_objects *objects;
	irmin_refs *refs;
	irmin_hash_algo hash;
	uint32_t flags;        /* enum irmin_backend_flag */
	const char *location;  /* absolute directory, or "" */
};

/* Opens a repository on a backend of one's own, which it closes in the end,
 * also when this call fails. Fails: EINVAL (a required slot is missing, options
 * that contradict), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_open_backend(irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err);

IRMIN_C_END

#endif
