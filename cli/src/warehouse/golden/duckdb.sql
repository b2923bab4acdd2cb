INSTALL httpfs;
LOAD httpfs;
CREATE OR REPLACE SECRET heliograph (
  TYPE s3,
  PROVIDER credential_chain,
  REGION 'eu-central-1',
  ENDPOINT 's3.eu-central-1.amazonaws.com',
  URL_STYLE 'vhost',
  USE_SSL true,
  SCOPE 's3://events'
);

CREATE TABLE IF NOT EXISTS "buses" (
  "epoch" BIGINT NOT NULL,
  "seq" BIGINT NOT NULL,
  "id" VARCHAR,
  "key" VARCHAR NOT NULL,
  "time" TIMESTAMP NOT NULL,
  "accepted_at" TIMESTAMP NOT NULL,
  "lat" DOUBLE,
  "lon" DOUBLE,
  "heading" DOUBLE,
  "speed" DOUBLE,
  "altitude" DOUBLE,
  "accuracy" DOUBLE,
  "route" VARCHAR,
  "route_2" VARCHAR,
  "fuel" DOUBLE,
  "speed_2" DOUBLE,
  "doors ""open""" BOOLEAN,
  "gone" VARCHAR,
  PRIMARY KEY ("epoch", "seq")
);

-- Every object that a manifest names. Events that are there already are passed over.
SET VARIABLE heliograph_objects = (
  SELECT list(entry.url ORDER BY entry.url)
  FROM (
    SELECT unnest(entries) AS entry
    FROM read_json('s3://events/manifests/raw/fleet/**/fleet-e[0-9]*.manifest',
      columns = {entries: 'STRUCT(url VARCHAR)[]'})
  )
  WHERE ends_with(entry.url, '.ndjson.gz')
);
INSERT OR IGNORE INTO "buses" BY NAME
SELECT
  "epoch",
  "seq",
  "id",
  "key",
  epoch_ms("time") AS "time",
  epoch_ms("accepted_at") AS "accepted_at",
  "lat",
  "lon",
  "heading",
  "speed",
  "altitude",
  "accuracy",
  "route",
  "route_2",
  "fuel",
  "speed_2",
  "doors ""open""",
  "gone"
FROM read_json(getvariable('heliograph_objects'), format = 'newline_delimited', columns = {
    "epoch": 'BIGINT',
    "seq": 'BIGINT',
    "id": 'VARCHAR',
    "key": 'VARCHAR',
    "time": 'BIGINT',
    "accepted_at": 'BIGINT',
    "lat": 'DOUBLE',
    "lon": 'DOUBLE',
    "heading": 'DOUBLE',
    "speed": 'DOUBLE',
    "altitude": 'DOUBLE',
    "accuracy": 'DOUBLE',
    "route": 'VARCHAR',
    "route_2": 'VARCHAR',
    "fuel": 'DOUBLE',
    "speed_2": 'DOUBLE',
    "doors ""open""": 'BOOLEAN',
    "gone": 'VARCHAR'
});
