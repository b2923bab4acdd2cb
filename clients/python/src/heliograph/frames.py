"""Tables: what the API answers as Arrow, or what a feed's copy has, as a pandas DataFrame with the same columns and types
(docs/views.md). pandas and pyarrow are asked for only here: `pip install heliograph[dataframe]`."""

import json
from typing import Any

from .errors import HeliographError

_POSITION = ("lat", "lon", "heading", "speed", "altitude", "accuracy")
_OWN = {"key", "time", "seq", *(f"position.{part}" for part in _POSITION)}


def of_answers(bodies: list[bytes]) -> Any:
    """One frame of the pages of a view, each a stream of Arrow."""
    pa, _ = _libraries()
    tables = [pa.ipc.open_stream(body).read_all() for body in bodies]
    return _frame(pa.concat_tables(_alike(pa, tables), promote_options="default"))


def of_items(items: list[Any]) -> Any:
    """One frame of a copy's items."""
    pa, _ = _libraries()
    columns: dict[str, Any] = {"key": pa.array([item.key for item in items], pa.string())}
    columns["time"] = pa.array([item.time for item in items], pa.timestamp("ms", "UTC"))
    columns["seq"] = pa.array([item.seq for item in items], pa.int64())
    for part in _POSITION:
        columns[f"position.{part}"] = pa.array([(item.position or {}).get(part) for item in items], pa.float64())
    for name in dict.fromkeys(name for item in items for name in item.fields):
        own = name in _OWN or name.startswith("fields.")
        columns[f"fields.{name}" if own else name] = _typed(pa, [item.fields.get(name) for item in items])
    return _frame(pa.table(columns))


def of_rows(rows: list[Any], about: dict[str, Any]) -> Any:
    """One frame of a ranking's rows."""
    pa, _ = _libraries()
    columns: dict[str, Any] = {"rank": pa.array([row.rank for row in rows], pa.int64())}
    columns |= {name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in ("key", "name")}
    for i, column in enumerate(about.get("columns", ())):
        columns[column["name"]] = pa.array([row.values[i] for row in rows], pa.float64())
    columns["tied"] = pa.array([row.tied for row in rows], pa.bool_())
    return _frame(pa.table(columns))


def _libraries() -> Any:
    try:
        import pandas
        import pyarrow
        import pyarrow.ipc
    except ImportError as missing:
        raise HeliographError("not_installed", f"{missing.name} is missing: pip install heliograph[dataframe]") from None
    return pyarrow, pandas


def _alike(pa: Any, tables: list[Any]) -> list[Any]:
    """Gives a column one type on all pages: a field may have got its first value, or one of another kind, between two."""
    kinds: dict[str, set[Any]] = {}
    for table in tables:
        for name, column in zip(table.column_names, table.columns, strict=True):
            kinds.setdefault(name, set()).update({column.type} if column.null_count < len(column) else ())
    for at, table in enumerate(tables):
        for i, name in enumerate(table.column_names):
            kind = next(iter(kinds[name])) if len(kinds[name]) == 1 else pa.string()
            if kinds[name] and table.column(i).type != kind:
                table = table.set_column(i, name, _as(pa, table.column(i), kind))
        tables[at] = table
    return tables


def _as(pa: Any, column: Any, kind: Any) -> Any:
    empty = column.null_count == len(column)
    return pa.nulls(len(column), kind) if empty else pa.array([_text(value) for value in column.to_pylist()], kind)


def _typed(pa: Any, values: list[Any]) -> Any:
    kinds = {type(value) for value in values} - {type(None)}
    if kinds and kinds <= {int, float}:
        return pa.array(values, pa.float64())
    return pa.array(values, pa.bool_()) if kinds == {bool} else pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return json.dumps(int(value) if whole else value)


def _frame(table: Any) -> Any:
    pa, pandas = _libraries()
    # Without these a column of booleans or whole numbers has another type as soon as one value is missing.
    kinds = {pa.bool_(): pandas.BooleanDtype(), pa.int64(): pandas.Int64Dtype()}
    return table.to_pandas(types_mapper=kinds.get)
