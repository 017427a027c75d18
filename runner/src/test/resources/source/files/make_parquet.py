"""Writes the Parquet files of ParquetSourceTest beside itself. Needs pyarrow; the files are checked in."""

import datetime
import decimal
import pathlib
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent


def write(name, table, **options):
    options = {"compression": "snappy", "write_page_checksum": True, **options}
    pq.write_table(table, folder / name, **options)


def texts(count, first=0):
    return [f"text {i} with é and 世界" for i in range(first, first + count)]


# One column of every type that is read, two rows, the second of them null wherever it may be.
every = {
    "id": pa.array([1, 2], pa.int64()),
    "text": pa.array(["one", "two"], pa.string()),
    "b": pa.array([True, None], pa.bool_()),
    "i8": pa.array([-8, None], pa.int8()),
    "i16": pa.array([-16, None], pa.int16()),
    "i32": pa.array([-32, None], pa.int32()),
    "i64": pa.array([-64, None], pa.int64()),
    "u8": pa.array([200, None], pa.uint8()),
    "u16": pa.array([60000, None], pa.uint16()),
    "u32": pa.array([4000000000, None], pa.uint32()),
    "u64": pa.array([18000000000000000000, None], pa.uint64()),
    "f32": pa.array([0.5, None], pa.float32()),
    "f64": pa.array([0.25, None], pa.float64()),
    "dec": pa.array([decimal.Decimal("-12.340"), None], pa.decimal128(10, 3)),
    "day": pa.array([datetime.date(2024, 2, 29), None], pa.date32()),
    "local": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1, 5000), None], pa.timestamp("ms")),
    "instant": pa.array([datetime.datetime(2024, 2, 29, 12, 30, 1, 5), None], pa.timestamp("us", "UTC")),
    "guid": pa.array([uuid.UUID("00112233-4455-6677-8899-aabbccddeeff").bytes, None], pa.uuid()),
    "json": pa.array(['{"a": 1}', None], pa.json_()),
    "clock": pa.array([datetime.time(1, 2, 3), None], pa.time64("us")),
    "tags": pa.array([["x", "y"], None], pa.list_(pa.string())),
    "nested": pa.array([{"a": 1, "b": {"c": "d"}}, None]),
}
write("types.parquet", pa.table(every), use_dictionary=False)

# 1000 rows in row groups of 100, under every codec.
rows = pa.table({"id": pa.array(range(1000), pa.int32()), "text": texts(1000), "nested": [{"a": [i]} for i in range(1000)]})
for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    write(f"rows-{codec}.parquet", rows, compression=codec, row_group_size=100)

write("text-key.parquet", pa.table({"id": ["a", "", None, "b"], "text": ["x", "y", "z", None]}))
write("uuid-key.parquet", pa.table({"id": every["guid"][:1], "text": ["x"]}))
write("other-type.parquet", pa.table({"id": pa.array([1], pa.int64()), "text": ["x"]}))
write("other-columns.parquet", pa.table({"id": pa.array([1], pa.int32()), "body": ["x"]}))
write("binary.parquet", pa.table({"id": pa.array([1, 2, 3]), "text": pa.array([b"\xc3\xa4", b"a\xff", b"nul\x00"])}))

# A column of which the writer knows no type, beside a file that has values in it; and two columns of one name.
write("all-null.parquet", pa.table({"id": pa.array([1, 2], pa.int32()), "text": ["one", "two"], "note": pa.nulls(2)}))
write("some-values.parquet", pa.table({"id": pa.array([3], pa.int32()), "text": ["three"], "note": pa.array([7], pa.int32())}))
same = [pa.array([1], pa.int32()), pa.array(["a title"]), pa.array(["one"]), pa.array(["other"])]
write("same-names.parquet", pa.Table.from_arrays(same, names=["id", "title", "text", "text"]))
