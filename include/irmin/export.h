/* irmin/export.h: linkage and attributes of every public declaration.
 *
 * Audience: everybody, through the other headers.
 * IRMIN_API marks what the shared library exports; IRMIN_CALL is IRMIN_API for
 * functions whose answer must be looked at. Since 0.1.
 */
#ifndef IRMIN_EXPORT_H
#define IRMIN_EXPORT_H

#ifdef __cplusplus
#define IRMIN_C_BEGIN extern "C" {
#define IRMIN_C_END }
#else
#define IRMIN_C_BEGIN
#define IRMIN_C_END
#endif

#if defined(SWIG) || !defined(__GNUC__)
#define IRMIN_API
#define IRMIN_CALL
#define IRMIN_PRINTF(fmt, args)
#else
#define IRMIN_API __attribute__((visibility("default")))
#define IRMIN_CALL __attribute__((visibility("default"), warn_unused_result))
#define IRMIN_PRINTF(fmt, args) \
	__attribute__((format(printf, fmt, args)))
#endif

#endif
