CREATE STAGE IF NOT EXISTS "buses_stage"
  URL = 's3://events/raw/fleet/'
  STORAGE_INTEGRATION = <storage integration>
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE);

CREATE TABLE IF NOT EXISTS "buses" (
  "epoch" NUMBER(38, 0) NOT NULL,
  "seq" NUMBER(38, 0) NOT NULL,
  "id" VARCHAR(128),
  "key" VARCHAR(128) NOT NULL,
  "time" TIMESTAMP_NTZ(3) NOT NULL,
  "accepted_at" TIMESTAMP_NTZ(3) NOT NULL,
  "lat" DOUBLE,
  "lon" DOUBLE,
  "heading" DOUBLE,
  "speed" DOUBLE,
  "altitude" DOUBLE,
  "accuracy" DOUBLE,
  "removed" VARCHAR(4290),
  "route" VARCHAR(1024),
  "fuel" DOUBLE,
  "fuel_text" VARCHAR(1024),
  "doors ""open""" BOOLEAN,
  PRIMARY KEY ("epoch", "seq")
);

COPY INTO "buses"
  FROM @"buses_stage"
  PATTERN = '.*/fleet-e[0-9]+-[0-9]+-[0-9]+[.]parquet'
  MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

-- Times as timestamps (UTC).
CREATE OR REPLACE VIEW "buses_events" AS
SELECT
  "epoch",
  "seq",
  "id",
  "key",
  "time",
  "accepted_at",
  "lat",
  "lon",
  "heading",
  "speed",
  "altitude",
  "accuracy",
  "removed",
  "route",
  "fuel",
  "fuel_text",
  "doors ""open"""
FROM "buses";
