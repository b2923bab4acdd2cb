#!/usr/bin/env bash
# duckdb@2.0.1 (PyPI, pinned below): a Parquet column of nanoseconds in UTC is read as a type of its own, TIMESTAMPTZ_NS, for which
# `epoch_ms` is missing. The same times in milli- or microseconds are TIMESTAMP WITH TIME ZONE, for which it is there.
#
# Seen with Python 3.11, pyarrow 26.0.1 (writes the files):
#   ms  TIMESTAMP WITH TIME ZONE  1772366400123
#   us  TIMESTAMP WITH TIME ZONE  1772366400123
#   ns  TIMESTAMPTZ_NS            Binder Error: No function matches the given name and argument types 'epoch_ms(TIMESTAMPTZ_NS)'
#
# Fails when the behaviour is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6

cat >probe.py <<'PY'
import duckdb
import pyarrow
import pyarrow.parquet

times = pyarrow.array([1772366400123]).cast(pyarrow.timestamp("ms", "UTC"))
for unit in ["ms", "us", "ns"]:
    path = f"{unit}.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"t": times.cast(pyarrow.timestamp(unit, "UTC"))}), path)
    kind = duckdb.sql(f"SELECT typeof(t) FROM '{path}'").fetchall()[0][0]
    try:
        seen = duckdb.sql(f"SELECT epoch_ms(t) FROM '{path}'").fetchall()[0][0]
    except duckdb.Error as error:
        seen = str(error).splitlines()[0].split(". You")[0]
    print(unit, kind, seen, sep=" | ")
PY
env/bin/python probe.py | tee seen
diff seen - <<'TEXT' || { echo "another behaviour"; exit 1; }
ms | TIMESTAMP WITH TIME ZONE | 1772366400123
us | TIMESTAMP WITH TIME ZONE | 1772366400123
ns | TIMESTAMPTZ_NS | Binder Error: No function matches the given name and argument types 'epoch_ms(TIMESTAMPTZ_NS)'
TEXT
echo "as described: nanoseconds with a zone are a type for which epoch_ms is missing"
