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
  "removed" VARCHAR,
  "route" VARCHAR,
  "fuel" DOUBLE,
  "fuel_text" VARCHAR,
  "doors ""open""" BOOLEAN,
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
  WHERE ends_with(entry.url, '.parquet')
);
INSERT OR IGNORE INTO "buses" BY NAME
SELECT
  * REPLACE ("time" AT TIME ZONE 'UTC' AS "time", "accepted_at" AT TIME ZONE 'UTC' AS "accepted_at")
FROM read_parquet(getvariable('heliograph_objects'), union_by_name = true);
