CREATE STAGE IF NOT EXISTS "buses_stage"
  URL = 's3://events/raw/fleet/'
  STORAGE_INTEGRATION = <storage integration>
  FILE_FORMAT = (TYPE = JSON COMPRESSION = GZIP);

CREATE TABLE IF NOT EXISTS "buses" (
  "epoch" NUMBER(38, 0) NOT NULL,
  "seq" NUMBER(38, 0) NOT NULL,
  "id" VARCHAR(128),
  "key" VARCHAR(128) NOT NULL,
  "time" NUMBER(38, 0) NOT NULL,
  "accepted_at" NUMBER(38, 0) NOT NULL,
  "lat" DOUBLE,
  "lon" DOUBLE,
  "heading" DOUBLE,
  "speed" DOUBLE,
  "altitude" DOUBLE,
  "accuracy" DOUBLE,
  "route" VARCHAR(1024),
  "route_2" VARCHAR(1024),
  "fuel" DOUBLE,
  "speed_2" DOUBLE,
  "doors ""open""" BOOLEAN,
  "gone" VARCHAR(1024),
  PRIMARY KEY ("epoch", "seq")
);

COPY INTO "buses"
  FROM @"buses_stage"
  PATTERN = '.*/fleet-e[0-9]+-[0-9]+-[0-9]+[.]ndjson[.]gz'
  MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE;

-- Times as timestamps (UTC).
CREATE OR REPLACE VIEW "buses_events" AS
SELECT
  "epoch",
  "seq",
  "id",
  "key",
  TO_TIMESTAMP_NTZ("time", 3) AS "time",
  TO_TIMESTAMP_NTZ("accepted_at", 3) AS "accepted_at",
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
FROM "buses";
