"""s3fs: a bucket as a file system, asynchronous botocore below."""

import s3fs

fs = s3fs.S3FileSystem()
fs.mkdir("lake")
body = bytes(range(256)) * 50_000                                    # 12.8 MB: three parts of the block size below
with fs.open("lake/raw/2026/data.bin", "wb", block_size=5 * 2**20) as out:
    out.write(body)
assert fs.info("lake/raw/2026/data.bin")["size"] == len(body)
with fs.open("lake/raw/2026/data.bin", "rb") as found:
    found.seek(len(body) - 300)
    assert found.read() == body[-300:]
assert fs.cat_file("lake/raw/2026/data.bin", start=10, end=20) == body[10:20]

fs.pipe({f"lake/raw/2026/{i:04}.txt": b"%d" % i for i in range(1100)})  # more than one page
assert len(fs.ls("lake/raw/2026")) == 1101
assert sorted(fs.glob("lake/raw/2026/000*.txt"))[3] == "lake/raw/2026/0003.txt"
assert [root for root, _, _ in fs.walk("lake")] == ["lake", "lake/raw", "lake/raw/2026"]

fs.copy("lake/raw/2026/data.bin", "lake/copied.bin")
fs.mv("lake/copied.bin", "lake/moved.bin")
assert not fs.exists("lake/copied.bin")
assert fs.checksum("lake/moved.bin") is not None
fs.put_tags("lake/moved.bin", {"kind": "test"})
assert fs.get_tags("lake/moved.bin") == {"kind": "test"}
fs.setxattr("lake/moved.bin", copy_kwargs={}, owner="me")
assert fs.metadata("lake/moved.bin")["owner"] == "me"
try:
    fs.cat("lake/none")
except FileNotFoundError:
    pass
else:
    raise AssertionError("a missing object was read")
fs.rm("lake", recursive=True)
assert fs.ls("") == []
print("s3fs says yes")
