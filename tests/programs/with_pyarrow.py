"""pyarrow: a partitioned Parquet data set on S3, through its own C++ client."""

import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import fs

s3 = fs.S3FileSystem(endpoint_override=os.environ["AWS_ENDPOINT_URL"], allow_bucket_creation=True, allow_bucket_deletion=True)
s3.create_dir("arrow/set")
rows = 300_000
table = pa.table({"year": pa.array([2024 + i % 3 for i in range(rows)], pa.int32()), "n": pa.array(range(rows)),
                  "text": pa.array([f"row {i}" for i in range(rows)])})
by_year = ds.partitioning(pa.schema([("year", pa.int32())]), flavor="hive")
ds.write_dataset(table, "arrow/set", filesystem=s3, format="parquet", partitioning=by_year)
found = ds.dataset("arrow/set", filesystem=s3, format="parquet", partitioning="hive")
assert len(found.files) == 3, found.files
part = found.to_table(filter=(pc.field("year") == 2025) & (pc.field("n") > 1000), columns=["n"])
assert part.num_rows == sum(1 for i in range(1001, rows) if i % 3 == 1)
assert pc.sum(found.to_table(columns=["n"])["n"]).as_py() == rows * (rows - 1) // 2

with s3.open_output_stream("arrow/big.bin") as out:                   # a multipart upload
    for _ in range(24):
        out.write(bytes(2**20))
info = s3.get_file_info("arrow/big.bin")
assert (info.type, info.size) == (fs.FileType.File, 24 * 2**20)
with s3.open_input_file("arrow/big.bin") as file:
    file.seek(24 * 2**20 - 7)
    assert file.read() == bytes(7)
s3.copy_file("arrow/big.bin", "arrow/set/again.bin")
assert s3.get_file_info("arrow/none").type == fs.FileType.NotFound
s3.delete_dir("arrow")
assert s3.get_file_info("arrow").type == fs.FileType.NotFound
print("pyarrow says yes")
