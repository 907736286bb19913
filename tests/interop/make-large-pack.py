#!/usr/bin/python3
"""Makes a pack of more than 4 GiB that takes almost no room on the disk.

    make-large-pack.py [--sums] GIT-DIR

Its few objects lie far apart, with holes of zeros between them: on both sides of
2 GiB and of 4 GiB, with a delta whose base is 4 GiB away by offset, and one whose
base is named. --sums computes the checksums of the pack and of its entries, holes
included, as `git verify-pack` wants them; without, they are made up: whoever
reads objects does not look at them. Prints the ids, one a line.
"""

import hashlib
import os
import struct
import sys
import zlib

GIB = 1 << 30
COMMIT, TREE, BLOB, OFS_DELTA, REF_DELTA = 1, 2, 3, 6, 7
NAMES = {COMMIT: b'commit', TREE: b'tree', BLOB: b'blob'}


def entry_header(kind, size):
    """Type and size: 4 bits, then 7 a byte, the lowest first."""
    byte, size = kind << 4 | size & 15, size >> 4
    out = bytearray()
    while size:
        out.append(byte | 128)
        byte, size = size & 127, size >> 7
    out.append(byte)
    return bytes(out)


def distance(back):
    """7 bits a byte, the highest first, each continuation one more."""
    out = [back & 127]
    back >>= 7
    while back:
        back -= 1
        out.append(back & 127 | 128)
        back >>= 7
    return bytes(reversed(out))


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def delta(base, added):
    """All of the base, and `added` behind it."""
    copy = bytes([0x80 | 0x10, len(base)])
    return varint(len(base)) + varint(len(base) + len(added)) + copy + \
        bytes([len(added)]) + added


class Pack:
    def __init__(self, path):
        self.file = open(path, 'w+b')  # pylint: disable=consider-using-with
        self.items = []  # id, offset

    def id_of(self, kind, data):
        header = NAMES[kind] + b' %d\0' % len(data)
        return hashlib.sha1(header + data).digest()

    def put(self, offset, header, stream, oid):
        self.file.seek(offset)
        self.file.write(header + zlib.compress(stream))
        self.items.append((oid, offset))
        return oid

    def whole(self, offset, kind, data):
        return self.put(offset, entry_header(kind, len(data)), data,
                        self.id_of(kind, data))

    def delta(self, offset, base, base_at, added):
        """`base_at` is an offset, or an id."""
        what = delta(base, added)
        if isinstance(base_at, int):
            header = entry_header(OFS_DELTA, len(what)) + distance(offset - base_at)
        else:
            header = entry_header(REF_DELTA, len(what)) + base_at
        return self.put(offset, header, what, self.id_of(BLOB, base + added))

    def fill(self):
        self.file.write(b'PACK' + struct.pack('>II', 2, 8))
        near = self.whole(12, BLOB, b'near\n')
        self.whole(2 * GIB - 10, BLOB, b'across 2 GiB\n' * 9)
        above = self.whole(2 * GIB + 4096, BLOB, b'above 2 GiB\n')
        self.whole(4 * GIB - 10, BLOB, b'across 4 GiB\n' * 9)
        far = self.delta(4 * GIB + 4096, b'near\n', 12, b'and far\n')
        self.delta(4 * GIB + 99999, b'above 2 GiB\n', above, b'above 4 GiB\n')
        tree = b''.join(b'100644 ' + name + b'\0' + oid
                        for name, oid in ((b'far', far), (b'near', near)))
        tree = self.whole(4 * GIB + 200000, TREE, tree)
        self.whole(4 * GIB + 300000, COMMIT, b'tree ' + tree.hex().encode() +
                   b'\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nx\n')

    def sums(self, ends):
        """-> the checksum of all, the CRC of each entry up to the next"""
        total, crcs = hashlib.sha1(), []
        self.file.seek(0)
        total.update(self.file.read(12))
        for (_, start), end in zip(self.items, ends):
            crc = 0
            while start < end:
                part = self.file.read(min(end - start, 1 << 22))
                total.update(part)
                crc = zlib.crc32(part, crc)
                start += len(part)
            crcs.append(crc)
        return total.digest(), crcs

    def close(self, sums):
        self.file.seek(0, os.SEEK_END)
        end = self.file.tell()
        ends = [offset for _, offset in self.items[1:]] + [end]
        total, crcs = self.sums(ends) if sums else \
            (b'x' * 20, [0] * len(self.items))
        self.file.seek(end)
        self.file.write(total)
        self.file.close()
        return total, crcs


def index_of(items, total, crcs):
    rows = sorted(zip(items, crcs))
    fanout = [sum(row[0][0][0] <= byte for row in rows) for byte in range(256)]
    large = [offset for (_, offset), _ in rows if offset >= 1 << 31]
    offsets = [offset if offset < 1 << 31 else 1 << 31 | large.index(offset)
               for (_, offset), _ in rows]
    out = b'\377tOc' + struct.pack('>I256I', 2, *fanout)
    out += b''.join(oid for (oid, _), _ in rows)
    out += b''.join(struct.pack('>I', crc) for _, crc in rows)
    out += b''.join(struct.pack('>I', offset) for offset in offsets)
    out += b''.join(struct.pack('>Q', offset) for offset in large) + total
    return out + hashlib.sha1(out).digest()


def main():
    base = os.path.join(sys.argv[-1], 'objects', 'pack', 'pack-' + '4' * 40)
    pack = Pack(base + '.pack')
    pack.fill()
    total, crcs = pack.close('--sums' in sys.argv)
    with open(base + '.idx', 'wb') as index:
        index.write(index_of(pack.items, total, crcs))
    for oid, _ in pack.items:
        print(oid.hex())


if __name__ == '__main__':
    main()
