# Reads files of Arrow and Parquet with what people read them with, and prints as JSON what each reader says: types, and rows
# with times as epoch milliseconds and null for what is not there.
#
#   python columns.py FILE...    files that end with .arrow are streams of Arrow

import json
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.ipc
import pyarrow.parquet

EPOCH = pandas.Timestamp(0, tz="UTC")


def plain(value):
    """A cell as JSON."""
    if value is None or value is pandas.NaT or (isinstance(value, float) and value != value):
        return None
    if hasattr(value, "tzinfo"):
        return round((pandas.Timestamp(value) - EPOCH) / pandas.Timedelta(milliseconds=1))
    return value.item() if hasattr(value, "item") else value


def rows(names, tuples):
    return [{name: plain(value) for name, value in zip(names, row)} for row in tuples]


def read(path):
    is_stream = path.endswith(".arrow")
    stream = pyarrow.ipc.open_stream(path).read_all() if is_stream else pyarrow.parquet.read_table(path)
    frame = stream.to_pandas() if is_stream else pandas.read_parquet(path)
    polar = polars.read_ipc_stream(path) if is_stream else polars.read_parquet(path)
    duck = duckdb.sql("SELECT * FROM stream" if is_stream else f"SELECT * FROM read_parquet('{path}')")
    pieces = len(list(pyarrow.ipc.open_stream(path))) if is_stream else pyarrow.parquet.ParquetFile(path).num_row_groups
    return {
        "pieces": pieces,
        "pyarrow": {
            "types": {field.name: str(field.type) for field in stream.schema},
            "rows": [{name: plain(value) for name, value in row.items()} for row in stream.to_pylist()],
        },
        "pandas": {
            "types": {name: str(kind) for name, kind in frame.dtypes.items()},
            "rows": rows(frame.columns, frame.itertuples(index=False, name=None)),
        },
        "polars": {"types": {name: str(kind) for name, kind in polar.schema.items()}, "rows": rows(polar.columns, polar.rows())},
        "duckdb": {
            "types": dict(zip(duck.columns, map(str, duck.types))),
            "rows": rows(duck.columns, duck.fetchall()),
        },
    }


json.dump([read(path) for path in sys.argv[1:]], sys.stdout)
