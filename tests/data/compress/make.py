"""Makes the files in this folder: CPython 3.11, joblib 1.6.0, lz4 4.4, xz 5.4.1."""

import bz2
import gzip
import lzma
import os
import subprocess
import zlib

import lz4.frame
from joblib.compressor import _COMPRESSORS

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL = b"coldload reads models cold. " * 3 + bytes(range(64))
LARGE = bytes(i // 1000 % 23 for i in range(200_000))


def write(name, data):
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)


for codec in ["zlib", "gzip", "bz2", "xz", "lzma", "lz4"]:
    for name, data in [("small", SMALL), ("large", LARGE)]:
        with open(os.path.join(HERE, f"{name}.{codec}"), "wb") as raw:
            with _COMPRESSORS[codec].compressor_file(raw, compresslevel=3) as file:
                file.write(data)

plain = gzip.compress(SMALL, mtime=0)
write("name.gzip", plain[:3] + b"\x08" + plain[4:10] + b"model.pkl\0" + plain[10:])
write("stored.zlib", zlib.compress(SMALL, 0))
for name, check in [("none", lzma.CHECK_NONE), ("crc32", lzma.CHECK_CRC32), ("sha256", lzma.CHECK_SHA256)]:
    write(f"{name}.xz", lzma.compress(SMALL, check=check))
lzma2 = {"id": lzma.FILTER_LZMA2}
write("delta.xz", lzma.compress(SMALL, filters=[{"id": lzma.FILTER_DELTA, "dist": 1}, lzma2]))
write("x86.xz", lzma.compress(SMALL, filters=[{"id": lzma.FILTER_X86}, lzma2]))
write("dictionary.xz", lzma.compress(SMALL, filters=[{**lzma2, "dict_size": 96 << 20}]))
write("preset9.xz", lzma.compress(SMALL, preset=9))
lzma1 = {"id": lzma.FILTER_LZMA1}
write("preset9.lzma", lzma.compress(SMALL, format=lzma.FORMAT_ALONE, preset=9))
write("dictionary.lzma", lzma.compress(SMALL, format=lzma.FORMAT_ALONE, filters=[{**lzma1, "dict_size": 96 << 20}]))
write("checked.lz4", lz4.frame.compress(SMALL, content_checksum=True, block_checksum=True))
write("stored.lz4", lz4.frame.compress(bytes(range(200)), content_checksum=True))
write("independent.lz4", lz4.frame.compress(LARGE, block_linked=False, block_size=lz4.frame.BLOCKSIZE_MAX64KB, content_checksum=True))
write("linked.lz4", lz4.frame.compress(LARGE, block_linked=True, block_size=lz4.frame.BLOCKSIZE_MAX64KB, content_checksum=True))
write("blocks4mib.lz4", lz4.frame.compress(LARGE, block_size=lz4.frame.BLOCKSIZE_MAX4MB))
write("empty.xz", lzma.compress(b""))
write("empty.bz2", bz2.compress(b""))
write("empty.zlib", zlib.compress(b""))
# Several blocks that declare their sizes.
command = ["xz", "-T2", "--block-size=60000", "-c", "-0"]
write("blocks.xz", subprocess.run(command, input=LARGE, capture_output=True, check=True).stdout)

# What other tools write: a size, and no end marker (pylzma 0.6).
import pylzma  # noqa: E402

bare = pylzma.compress(SMALL, dictionary=16, eos=0)
write("sized.lzma", bare[:5] + len(SMALL).to_bytes(8, "little") + bare[5:])
